/**
 * What the commands ask of the program. Implemented where everything is wired, replaced in tests.
 *
 * **Invariant:** commands know no cluster, no clock and no environment; they have this and a terminal.
 */
import type { LookRequest } from '../migration/look.ts';
import type { PlanChoice } from '../migration/planning/choice.ts';
import type { RunRequest } from '../migration/running/run.ts';
import type { Ended, Telling } from '../migration/running/tools.ts';
import type { UndoRequest } from '../migration/running/undo.ts';
import type { MigrationPlan } from '../model/migration.ts';
import type { MigrationFindings } from '../model/migration-findings.ts';
import type { MigrationJournal } from '../model/migration-journal.ts';
import type { Plan } from '../model/plan.ts';
import type { InstanceSettings } from '../model/settings.ts';

export interface PlannedInstance {
  readonly instance: InstanceSettings;
  readonly plan: Plan;
}

export interface ServiceOptions {
  /** Path of the configuration file. */
  readonly config: string;
  /** Path of a kubeconfig; `undefined`: KUBECONFIG, the home folder's, or the pod's own account. */
  readonly kubeconfig: string | undefined;
}

export interface Services {
  /** The configured instances, in the order of the file. */
  readonly instances: readonly InstanceSettings[];
  /**
   * Looks at one instance and plans; writes nothing.
   *
   * @throws ApiError, RotatorError
   */
  plan(instance: string): Promise<PlannedInstance>;
  /**
   * Says something to an instance by annotations of its orders ConfigMap.
   *
   * @throws ApiError, RotatorError
   */
  order(instance: string, annotations: Readonly<Record<string, string>>): Promise<void>;
  /** Works until the signal, finishes the step at hand, and settles. Rejects where it can't begin. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConfigError where the configuration is not valid; RotatorError where there is no cluster to talk to */
export type OpenServices = (options: ServiceOptions) => Promise<Services>;

/** Somebody looks on, and may stop it. */
export interface Attended {
  readonly signal: AbortSignal;
  readonly tell: (telling: Telling) => void;
}

/** What `migrate` asks: a cluster and its user's own rights, but no configuration. */
export interface MigrationServices {
  /** @throws ApiError, RotatorError */
  look(request: LookRequest): Promise<MigrationFindings>;
  /** @throws ApiError, RotatorError, ConfigError */
  run(request: Omit<RunRequest, 'settings'> & Attended): Promise<Ended>;
  /** @throws ApiError, RotatorError, ConfigError */
  undo(request: Omit<UndoRequest, 'settings'> & Attended): Promise<Ended>;
  /** `undefined`: none is under way. @throws ApiError, RotatorError */
  status(namespace: string): Promise<MigrationJournal | undefined>;
  /** Looks, and plans from it; writes nothing. @throws ApiError, RotatorError */
  plan(request: LookRequest, choice: PlanChoice): Promise<MigrationPlan>;
  close(): Promise<void>;
}

/** @throws RotatorError where there is no cluster to talk to */
export type OpenMigration = (options: Pick<ServiceOptions, 'kubeconfig'>) => Promise<MigrationServices>;

/** Works in its pod until the signal. @throws ConfigError, RotatorError where it can't begin */
export type RunSidecar = (options: ServiceOptions, signal: AbortSignal) => Promise<void>;

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal and NO_COLOR is not set. */
  readonly colours: boolean;
}
