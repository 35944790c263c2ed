/**
 * `migrate run`: the steps of a plan, from wherever the last command left off.
 *
 * **Invariant:** each write is bound to a precondition and can be repeated; killed at any moment, the same command goes on.
 */
import { ApiError, RotatorError } from '../../model/errors.ts';
import type { MigrationPlan, MigrationStep, MigrationStepId } from '../../model/migration.ts';
import type { MigrationJournal } from '../../model/migration-journal.ts';
import type { InstanceSettings } from '../../model/settings.ts';
import type { Duration } from '../../model/terms.ts';
import { MIGRATION_JOURNAL, MigrationJournalStore } from './journal.ts';
import { openers } from './opened.ts';
import { planId } from './plan-id.ts';
import { mayBegin, mayGoOn, trustNow, usablePlan } from './preconditions.ts';
import { filledSecrets } from './settings.ts';
import { lookAtInstance } from './sight.ts';
import { takeStep } from './steps.ts';
import type { Ended, MigrationTools } from './tools.ts';
import { Patience } from './wait.ts';

export interface RunRequest {
  readonly plan: MigrationPlan;
  /** Of the plan's configuration; see `settings.ts`. */
  readonly settings: InstanceSettings;
  /** Stop when this step is done. */
  readonly until: MigrationStepId | undefined;
  /** How long one thing is waited for; `undefined`: for as long as it takes. */
  readonly wait: Duration | undefined;
}

const rfc3339 = (at: number): string => new Date(at).toISOString();

const refused = (what: string, next: string): RotatorError =>
  new RotatorError('refused', { what, effect: 'Nothing was written; traffic is as it was.', next });

/** That this plan may go on. @throws RotatorError */
const sameMigration = (journal: MigrationJournal, id: string, namespace: string): void => {
  if (journal.plan !== id)
    throw refused(
      `Another migration of ${namespace} is under way (plan ${journal.plan}, this one is ${id}).`,
      `Go on with its plan, or take it back (migrate undo with that plan). Its journal is ConfigMap ${MIGRATION_JOURNAL}.`,
    );
  if (journal.state === 'undoing')
    throw refused('This migration is being taken back.', 'Let migrate undo come to its end; then run again.');
};

/** Takes up the migration, or begins it. @throws ApiError, RotatorError */
const takeUp = async (
  tools: MigrationTools,
  store: MigrationJournalStore,
  { plan, settings }: RunRequest,
  id: string,
): Promise<MigrationJournal> => {
  const journal = await store.read();
  if (journal !== undefined) {
    sameMigration(journal, id, settings.namespace);
    await mayGoOn(tools, plan);
    return journal;
  }
  const look = await lookAtInstance(tools.engine(settings).services);
  const trustBefore = await trustNow(tools, look);
  await mayBegin(tools, plan, settings, id);
  const begun: MigrationJournal = {
    version: 1,
    plan: id,
    state: 'running',
    startedAt: rfc3339(tools.clock.now()),
    trustBefore,
    openedBefore: filledSecrets(settings).filter((name) => openers(look.view, [name]).length > 0),
    step: undefined,
    done: [],
  };
  await store.write(begun);
  return begun;
};

const begins = (journal: MigrationJournal, step: MigrationStep, at: number): MigrationJournal =>
  journal.step?.id === step.id ? journal : { ...journal, step: { id: step.id, since: rfc3339(at) } };

const ends = (journal: MigrationJournal, step: MigrationStep, at: number): MigrationJournal => ({
  ...journal,
  state: step.id === 'hand-over' ? 'handed-over' : journal.state,
  step: undefined,
  done: [...journal.done.filter(({ id }) => id !== step.id), { id: step.id, at: rfc3339(at) }],
});

/** Lost preconditions in a row, after which somebody else is at work on the same objects. */
const MOST_LOST = 5;

/** A step, again after what passes: the API server being away is waited for like anything else. */
const persist = async (patience: Patience, work: () => Promise<string | Ended>): Promise<string | Ended> => {
  let lost = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RotatorError) || error.kind !== 'transient') throw error;
      lost += error instanceof ApiError && error.reason === 'conflict' ? 1 : 0;
      if (lost > MOST_LOST) throw error;
      const ended = await patience.for({ what: error.what, next: error.next });
      if (ended !== undefined) return ended;
    }
  }
};

/** @throws ApiError, RotatorError */
export const runMigration = async (tools: MigrationTools, request: RunRequest): Promise<Ended> => {
  const { plan, settings, until, wait } = request;
  usablePlan(plan);
  const id = planId(plan);
  const store = new MigrationJournalStore(tools.cluster, settings.namespace);
  let journal = await takeUp(tools, store, request, id);
  const engine = tools.engine(settings);
  for (const step of plan.steps) {
    if (tools.signal.aborted) return { end: 'stopped', what: `step ${step.id}` };
    const began = begins(journal, step, tools.clock.now());
    if (began !== journal && journal.state === 'running') await store.write(began);
    journal = began;
    tools.tell({ type: 'step-began', step });
    const patience = new Patience(tools, wait);
    const work = { tools, engine, plan, id, patience, openedBefore: journal.openedBefore };
    const taken = await persist(patience, () => takeStep(work, step.id));
    if (typeof taken !== 'string') return taken;
    journal = ends(journal, step, tools.clock.now());
    await store.write(journal);
    tools.tell({ type: 'step-done', step, text: taken });
    if (step.id === until) return { end: 'reached', step: step.id };
  }
  return { end: 'done' };
};
