/**
 * Everything a plan is made from, as plain values: one look at one instance.
 *
 * **Invariant:** a plan depends on nothing else. Two equal observations give two equal plans.
 */

import type { Certificate } from './certificate.ts';
import type { PodProof } from './evidence.ts';
import type { RotationRecord } from './journal-record.ts';
import type { Leaf, MaterialReading } from './material.ts';
import type { ClientMounts, RepoServerMounts } from './mounts.ts';
import type { Finding } from './plan.ts';
import type { Orders } from './policy.ts';
import type { BundleEra, LeafEra, PublicationHistory } from './publication.ts';
import type { InstanceSettings } from './settings.ts';
import type { Slot } from './slot.ts';
import type { SourceRole } from './source-role.ts';
import type { StoredConfigMap, StoredSecret } from './stored.ts';
import type { ClientComponent, Instant } from './terms.ts';
import type { Pod, Workload } from './workload.ts';

/** What a published file holds. `unreadable`: something is there that can't be understood. */
export type Content<T> =
  | { readonly state: 'present'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly why: string };

/**
 * Who fills a place. `layout`: it is one of the layout's. `leaving`: the agent's, but not the layout's any more; emptied when nobody
 * reads it. `other`: somebody else's; it is looked at, never written.
 */
export type Keeper = 'layout' | 'leaving' | 'other';

/** A place of a client's pair, and what lies there. */
export interface PublishedLeaf {
  readonly slot: Slot;
  readonly content: Content<Leaf>;
  readonly keeper: Keeper;
  /** Empty: not known. */
  readonly history: readonly LeafEra[];
  /** When its Secret was made, and its content last written, as the API server recorded it. */
  readonly secretCreatedAt: Instant | undefined;
  readonly writtenAt: Instant | undefined;
}

/** `server-ca.crt` in one Secret. */
export interface PublishedPool {
  readonly secret: string;
  readonly content: Content<readonly Certificate[]>;
  readonly keeper: Keeper;
  readonly history: readonly BundleEra[];
}

/** The published files, whatever Secret keys the layout puts them in. */
export interface PublishedFiles {
  readonly clientCa: Content<readonly Certificate[]>;
  /** Every place that a client's pair may have, one for each slot. */
  readonly leafs: readonly PublishedLeaf[];
  /** Every Secret from which a client may take `server-ca.crt`. */
  readonly pools: readonly PublishedPool[];
  readonly serving: Content<Leaf>;
  /** Clients whose CA path is set today in the parameters. */
  readonly verifying: readonly ClientComponent[];
  readonly history: Pick<PublicationHistory, 'clientCa' | 'serving' | 'caPath'>;
  /** When what the mtls Secret holds was last written, as the API server recorded it. */
  readonly mtlsWrittenAt: Instant | undefined;
  readonly servingWrittenAt: Instant | undefined;
}

/** What the source of some clients said. */
export interface ClientMaterial {
  readonly role: SourceRole;
  readonly components: readonly ClientComponent[];
  readonly reading: MaterialReading;
  /** Whether it may be asked for a leaf under a CA that was replaced. */
  readonly canReissue: 'yes' | 'no';
}

/** How the rollout that was asked for last stands; from `rollout/health.ts`. */
export type RolloutState =
  /** Nothing of ours is under way; whatever else happens to the workload is told by its pods. */
  | { readonly state: 'idle' }
  | { readonly state: 'progressing'; readonly what: string; readonly since: Instant; readonly until: Instant }
  | { readonly state: 'settling'; readonly until: Instant }
  | { readonly state: 'failed'; readonly what: string; readonly effect: string; readonly next: string }
  /** Pods that this workload's strategy never replaces by itself. */
  | {
      readonly state: 'named-state';
      readonly what: string;
      readonly next: string;
      readonly oldPods: readonly string[];
    };

export interface ObservedComponent<M> {
  readonly workload: Workload;
  readonly pods: readonly Pod[];
  /** By the template: what the next pod will have. */
  readonly mounts: M;
  /** What each living pod has, which a later template may not. */
  readonly podMounts: readonly { readonly pod: Pod; readonly mounts: M }[];
  readonly rollout: RolloutState;
}

export interface ObservedClient extends ObservedComponent<ClientMounts> {
  readonly component: ClientComponent;
}

/** The leafs that the running rotation replaced, kept to prove that they are refused. */
export interface PreviousLeafs {
  readonly leafs: readonly Leaf[];
  readonly anchors: readonly Certificate[];
  readonly keptAt: Instant;
}

export interface Observation {
  readonly at: Instant;
  readonly settings: InstanceSettings;
  /** One for each source of client certificates. */
  readonly clientMaterials: readonly ClientMaterial[];
  readonly serving: MaterialReading | undefined;
  readonly published: PublishedFiles;
  readonly stored: {
    readonly mtls: StoredSecret | undefined;
    /** Secrets of one client each (layout `secrets`), by name; those that are not there are left out. */
    readonly clients: ReadonlyMap<string, StoredSecret>;
    readonly serving: StoredSecret | undefined;
    readonly params: StoredConfigMap | undefined;
    readonly previous: StoredSecret | undefined;
  };
  readonly previous: PreviousLeafs | undefined;
  readonly repoServer: ObservedComponent<RepoServerMounts> | undefined;
  readonly clients: readonly ObservedClient[];
  /** What calls showed, by container id; only containers that still run. */
  readonly proofs: readonly PodProof[];
  readonly findings: readonly Finding[];
  readonly rotation: RotationRecord | undefined;
  /** What people say to the instance; nothing where it is left out. */
  readonly orders?: Orders;
}
