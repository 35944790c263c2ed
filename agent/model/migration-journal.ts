/**
 * What a migration remembers between two commands: which plan is carried out, since when, and what was there before.
 *
 * **Invariant:** it decides nothing that can be seen in the cluster: a step is done because its effect is there, not because it says so here.
 */
import type { MigrationStepId } from './migration.ts';

/** Rises when an older program could misread a record. */
export const MIGRATION_JOURNAL_VERSION = 1;

/**
 * Where repo-server took the CA of its clients from when the migration began. `elsewhere`: from what the migration moves away from. `nowhere`: it
 * mounted none, or what it mounted was not there, so that mTLS was off.
 */
export const TRUST_BEFORE = ['elsewhere', 'nowhere'] as const;
export type TrustBefore = (typeof TRUST_BEFORE)[number];

export interface MigrationJournal {
  readonly version: number;
  /** Identity of the plan: the same text of a plan, whatever its format. */
  readonly plan: string;
  /** `handed-over`: the last step is taken, nothing is taken back from here on. */
  readonly state: 'running' | 'undoing' | 'handed-over';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly trustBefore: TrustBefore;
  /** Secrets that the migration fills and that templates opened before, when they were not there. */
  readonly openedBefore: readonly string[];
  /** The step at hand and since when (RFC 3339); `undefined` between two. */
  readonly step: { readonly id: string; readonly since: string } | undefined;
  readonly done: readonly { readonly id: MigrationStepId; readonly at: string }[];
}
