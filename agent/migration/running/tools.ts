/**
 * What carrying out a migration is given, and what it tells while it goes on.
 */
import type { MigrationStep, MigrationStepId, Removable, WorkloadPatch } from '../../model/migration.ts';
import type { InstanceSettings } from '../../model/settings.ts';
import type { Duration, Instant } from '../../model/terms.ts';
import type { Clock, Cluster, OwnObjects } from '../../ports.ts';
import type { Rotation } from '../../rotation/advance.ts';
import type { RotationServices } from '../../rotation/services.ts';
import type { EngineWords } from './engine-words.ts';

/** The shipped engine for one instance: what the agent in the pod runs. */
export interface MigrationEngine {
  readonly rotation: Rotation;
  readonly services: RotationServices;
  /** What it told since this was asked last. */
  readonly told: () => EngineWords;
}

export interface MigrationTools {
  readonly cluster: Cluster;
  readonly own: OwnObjects;
  readonly clock: Clock;
  readonly engine: (settings: InstanceSettings) => MigrationEngine;
  /** Resolves after `delay`, or as soon as the command is asked to stop. */
  readonly pause: (delay: Duration) => Promise<void>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly tell: (telling: Telling) => void;
}

export type Telling =
  | { readonly type: 'step-began'; readonly step: MigrationStep }
  | { readonly type: 'step-done'; readonly step: MigrationStep; readonly text: string }
  | { readonly type: 'note'; readonly text: string }
  /** Once for each thing that is waited for. */
  | {
      readonly type: 'waiting';
      readonly what: string;
      readonly next: string;
      readonly since: Instant;
      readonly until: Instant | undefined;
    }
  | { readonly type: 'patches'; readonly patches: readonly WorkloadPatch[] }
  | { readonly type: 'instructions'; readonly lines: readonly string[] }
  | { readonly type: 'removable'; readonly removable: readonly Removable[] };

/** How a command ended. `waiting`: for longer than it was to wait. `stopped`: by a signal. In both, the same command goes on from there. */
export type Ended =
  | { readonly end: 'done' }
  | { readonly end: 'reached'; readonly step: MigrationStepId }
  | { readonly end: 'waiting' | 'stopped'; readonly what: string };
