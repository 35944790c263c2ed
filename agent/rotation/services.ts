/**
 * What the engine of one instance is given.
 */
import type { Discovery } from '../argocd/discover.ts';
import type { InstanceName } from '../model/happening.ts';
import type { MaterialReading } from '../model/material.ts';
import type { ClientMaterial, PublishedFiles } from '../model/observation.ts';
import type { Finding } from '../model/plan.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { RoleOfSource } from '../model/source-role.ts';
import type { StoredConfigMap, StoredSecret } from '../model/stored.ts';
import type { Instant } from '../model/terms.ts';
import type { Clock, Cluster, Dialer, JournalStore, MaterialSource, Random, Reporter } from '../ports.ts';
import type { ProofMemory } from './proof-memory.ts';

/** What preflight looks at. */
export interface InspectionView {
  readonly settings: InstanceSettings;
  readonly discovery: Discovery;
  readonly at: Instant;
  readonly clientMaterials: readonly ClientMaterial[];
  readonly serving: MaterialReading | undefined;
  readonly published: PublishedFiles;
  readonly stored: {
    readonly mtls: StoredSecret | undefined;
    readonly clients: ReadonlyMap<string, StoredSecret>;
    readonly serving: StoredSecret | undefined;
    readonly params: StoredConfigMap | undefined;
  };
}

export interface RotationServices {
  readonly settings: InstanceSettings;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly dialer: Dialer;
  readonly reporter: Reporter;
  readonly journal: JournalStore;
  /** What each source is for, and the source. */
  readonly sources: readonly (RoleOfSource & { readonly source: MaterialSource })[];
  readonly proofs: ProofMemory;
  /** Preflight, as `diagnosis/` implements it. */
  readonly inspect: (view: InspectionView) => readonly Finding[];
}

export const instanceName = (settings: InstanceSettings): InstanceName => ({
  name: settings.name,
  namespace: settings.namespace,
  mode: settings.mode,
  labels: settings.labels,
});
