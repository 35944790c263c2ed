/**
 * Everything a plan is made from, as plain values: one look at one instance.
 *
 * **Invariant:** a plan depends on nothing else. Two equal observations give two equal plans.
 */

import type { Certificate } from './certificate.ts';
import type { PodProof } from './evidence.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { RotationRecord } from './journal-record.ts';
import type { Leaf, MaterialReading } from './material.ts';
import type { ClientMounts, RepoServerMounts } from './mounts.ts';
import type { Finding } from './plan.ts';
import type { PublicationHistory } from './publication.ts';
import type { InstanceSettings } from './settings.ts';
import type { StoredConfigMap, StoredSecret } from './stored.ts';
import type { ClientComponent, Instant } from './terms.ts';
import type { Pod, Workload } from './workload.ts';

/** What a published file holds. `unreadable`: something is there that can't be understood. */
export type Content<T> =
  | { readonly state: 'present'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly why: string };

/** The published files, whatever Secret keys the layout puts them in. */
export interface PublishedFiles {
  readonly clientCa: Content<readonly Certificate[]>;
  readonly clientLeaf: Content<Leaf>;
  readonly serverCa: Content<readonly Certificate[]>;
  readonly serving: Content<Leaf>;
  /** Clients whose CA path is set today in the parameters. */
  readonly verifying: readonly ClientComponent[];
  readonly history: PublicationHistory;
  /** When what the mtls Secret holds was last written, as the API server recorded it. */
  readonly mtlsWrittenAt: Instant | undefined;
  readonly servingWrittenAt: Instant | undefined;
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
  readonly mounts: M;
  readonly rollout: RolloutState;
}

export interface ObservedClient extends ObservedComponent<ClientMounts> {
  readonly component: ClientComponent;
}

/** The leaf that the running rotation replaced, kept to prove that it is refused. */
export interface PreviousLeaf {
  readonly leaf: Leaf;
  readonly anchors: readonly Certificate[];
  readonly keptAt: Instant;
}

export interface Observation {
  readonly at: Instant;
  readonly settings: InstanceSettings;
  readonly client: MaterialReading;
  readonly serving: MaterialReading | undefined;
  readonly published: PublishedFiles;
  readonly stored: {
    readonly mtls: StoredSecret | undefined;
    readonly serving: StoredSecret | undefined;
    readonly params: StoredConfigMap | undefined;
    readonly previous: StoredSecret | undefined;
  };
  readonly previous: PreviousLeaf | undefined;
  readonly repoServer: ObservedComponent<RepoServerMounts> | undefined;
  readonly clients: readonly ObservedClient[];
  /** What calls showed, by container id; only containers that still run. */
  readonly proofs: readonly PodProof[];
  readonly findings: readonly Finding[];
  readonly rotation: RotationRecord | undefined;
}

/** Leafs that a complete proof calls with, in this order. */
export interface ProofLeafs {
  readonly published: Fingerprint | undefined;
  readonly desired: Fingerprint | undefined;
  readonly previous: Fingerprint | undefined;
}
