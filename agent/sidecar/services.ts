/**
 * What a sidecar works with, and what it remembers from turn to turn.
 */
import type { Fingerprint } from '../model/fingerprint.ts';
import type { SidecarSettings } from '../model/sidecar-settings.ts';
import type { Instant } from '../model/terms.ts';
import type { Clock, Cluster, Dialer, Leases, Random } from '../ports.ts';
import type { FileSystem } from './files/file-system.ts';
import type { SidecarSources } from './sources.ts';

/** The API, and which pod this is. */
export interface SidecarApi {
  readonly cluster: Pick<Cluster, 'readConfigMap' | 'applyConfigMap' | 'listPods' | 'evict'>;
  readonly leases: Leases;
  readonly dialer: Dialer;
  readonly namespace: string;
  readonly pod: string;
}

export interface SidecarServices {
  readonly settings: SidecarSettings;
  readonly sources: SidecarSources;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** `undefined`: the configuration forbids it. */
  readonly api: SidecarApi | undefined;
}

/** Nothing in it decides what is safe: without it, it is asked again. */
export interface SidecarMemory {
  readonly begunAt: Instant;
  /** When this version of the Lease was first seen, by this clock. */
  lease: { readonly resourceVersion: string; readonly seenAt: Instant } | undefined;
  /** Real calls: container id and leaf → when, and whether it was accepted. */
  readonly calls: Map<string, { readonly at: Instant; readonly accepted: boolean }>;
}

export const freshMemory = (at: Instant): SidecarMemory => ({
  begunAt: at,
  lease: undefined,
  calls: new Map(),
});

export const callKey = (container: string, leaf: Fingerprint): string => `${container} ${leaf}`;

/** By which Lease replicas of a component take turns. */
export const leaseName = ({ names, component }: Pick<SidecarSettings, 'names' | 'component'>): string =>
  `${names.lease}-${component}`;
