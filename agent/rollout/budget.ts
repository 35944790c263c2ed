/**
 * How often one workload may be restarted in a span of time. Pure.
 *
 * **Invariant:** a restart that was asked for counts, whatever came of it; records from a clock that ran ahead count as just now.
 */
import type { RestartRecord } from '../model/journal-record.ts';
import type { Duration, Instant } from '../model/terms.ts';

export interface RestartBudget {
  /** Restarts of one workload within {@link window}. 0 forbids every restart. */
  readonly restarts: number;
  readonly window: Duration;
}

export type BudgetVerdict =
  | { readonly state: 'allowed'; readonly left: number }
  /** `until`: when the next restart is allowed; undefined where the budget is 0, so never. */
  | { readonly state: 'exhausted'; readonly spent: number; readonly until: Instant | undefined };

/** Whether `workload` (as {@link RestartRecord} names it) may be restarted once more now. */
export const restartBudget = (
  records: readonly RestartRecord[],
  workload: string,
  budget: RestartBudget,
  now: Instant,
): BudgetVerdict => {
  const spent = records
    .filter((record) => record.workload === workload)
    .map((record) => Math.min(record.at, now))
    .filter((at) => at > now - budget.window)
    .sort((one, other) => one - other);
  if (spent.length < budget.restarts) {
    return { state: 'allowed', left: budget.restarts - spent.length };
  }
  // The restart whose leaving the window makes room again.
  const leaving = budget.restarts > 0 ? spent[spent.length - budget.restarts] : undefined;
  return {
    state: 'exhausted',
    spent: spent.length,
    until: leaving === undefined ? undefined : leaving + budget.window,
  };
};
