/**
 * `migrate undo`: everything as it was before the migration, in an order in which no call fails.
 *
 * ```
 *  mTLS was on    workloads back to what they mounted (by the operator), then our Secrets
 *  mTLS was off   the engine's own way to switch it off, then our Secrets; a mount that is not optional goes first
 *  always         what was made for the migration, by uid; the journal last
 * ```
 *
 * **Invariant:** nothing is deleted that a template or a living pod needs, and nothing that the migration did not make.
 */
import { RotatorError } from '../../model/errors.ts';
import type { MigrationPlan } from '../../model/migration.ts';
import type { MigrationJournal } from '../../model/migration-journal.ts';
import { ANNOTATION, FIELD_MANAGER } from '../../model/product.ts';
import type { InstanceSettings } from '../../model/settings.ts';
import { pendingSecretOf, sourceRoles } from '../../model/source-role.ts';
import type { StoredObject } from '../../model/stored.ts';
import type { Duration } from '../../model/terms.ts';
import type { OwnObjectPlace } from '../../ports.ts';
import { preconditionOf } from '../../rotation/previous.ts';
import { driveUntilSteady } from './drive.ts';
import { MIGRATION_JOURNAL, MigrationJournalStore } from './journal.ts';
import { takeAway } from './made.ts';
import { openers } from './opened.ts';
import { planId } from './plan-id.ts';
import { filledSecrets } from './settings.ts';
import { lookAtInstance } from './sight.ts';
import type { Ended, MigrationTools } from './tools.ts';
import { Patience } from './wait.ts';

export interface UndoRequest {
  readonly plan: MigrationPlan;
  readonly settings: InstanceSettings;
  readonly wait: Duration | undefined;
}

const refused = (what: string, next: string): RotatorError =>
  new RotatorError('refused', { what, effect: 'Nothing was taken back; traffic is as it was.', next });

/** @throws RotatorError `refused` */
const mayUndo = (journal: MigrationJournal, id: string): void => {
  if (journal.plan !== id)
    throw refused(
      `The migration that is under way has another plan (${journal.plan}, this one is ${id}).`,
      'Undo with the plan that it was begun with.',
    );
  if (journal.state === 'handed-over')
    throw refused(
      'The last step of this migration was taken: what was there before may have been removed since.',
      'To switch mTLS off, set state: disabled in the configuration of the agent.',
    );
};

/** Written by the engine, and not there when the migration began. */
const isEngines = (stored: StoredObject): boolean =>
  stored.annotations[ANNOTATION.rotation] !== undefined &&
  stored.owners.some(({ manager }) => manager === FIELD_MANAGER);

const backToBefore = async (
  tools: MigrationTools,
  { settings, plan }: UndoRequest,
  { trustBefore, openedBefore }: MigrationJournal,
  patience: Patience,
): Promise<Ended | undefined> => {
  const secrets = filledSecrets(settings).filter((name) => !openedBefore.includes(name));
  for (;;) {
    const { view } = await lookAtInstance(tools.engine(settings).services);
    const left = openers(view, secrets, trustBefore === 'elsewhere' ? 'all' : 'needing');
    if (left.length === 0) return undefined;
    const workloads = [...new Set(plan.patches.map(({ workload }) => `${workload.kind} ${workload.name}`))];
    const ended = await patience.for({
      what: `nobody to open ${secrets.join(' and ')} any more: ${left.join(', ')}`,
      next: `Give ${workloads.join(', ')} the volumes and mounts from before the patches, repo-server first, by what you applied before or by kubectl rollout undo --to-revision. What they mounted is untouched.`,
    });
    if (ended !== undefined) return ended;
  }
};

const switchedOff = async (
  tools: MigrationTools,
  settings: InstanceSettings,
  patience: Patience,
): Promise<Ended | undefined> => {
  const off = { ...settings, state: 'disabled', serving: undefined } as const;
  const engine = tools.engine(off);
  const { observation } = await lookAtInstance(engine.services);
  if (observation.stored.mtls === undefined && observation.stored.clients.size === 0) return undefined;
  return await driveUntilSteady(engine, tools, patience);
};

const takeSecretsAway = async (tools: MigrationTools, settings: InstanceSettings): Promise<void> => {
  const { cluster, tell } = tools;
  const { namespace, names } = settings;
  const filled = filledSecrets(settings);
  const pending = sourceRoles(settings).map(({ role }) => pendingSecretOf(settings, role));
  for (const name of [...filled, names.previousSecret, ...pending]) {
    const stored = await cluster.readSecret(namespace, name);
    if (stored === undefined || (filled.includes(name) && !isEngines(stored))) continue;
    await cluster.deleteSecret(namespace, name, preconditionOf(stored));
    tell({ type: 'note', text: `deleted Secret ${namespace}/${name}` });
  }
};

const configMap = (namespace: string, name: string): OwnObjectPlace => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name,
});

const takeEngineJournalAway = async (
  { own, tell }: MigrationTools,
  { namespace, names }: InstanceSettings,
): Promise<void> => {
  const found = await own.read(configMap(namespace, names.journalConfigMap));
  if (found === undefined) return;
  await own.remove(found, found.uid);
  tell({ type: 'note', text: `deleted ConfigMap ${namespace}/${names.journalConfigMap}` });
};

/** @throws ApiError, RotatorError */
export const undoMigration = async (tools: MigrationTools, request: UndoRequest): Promise<Ended> => {
  const { plan, settings, wait } = request;
  const { namespace } = settings;
  const id = planId(plan);
  const store = new MigrationJournalStore(tools.cluster, namespace);
  const journal = await store.read();
  if (journal === undefined) {
    tools.tell({ type: 'note', text: `no migration of ${namespace} is under way` });
    return { end: 'done' };
  }
  mayUndo(journal, id);
  if (journal.state !== 'undoing')
    await store.write({
      ...journal,
      state: 'undoing',
      step: { id: 'undo', since: new Date(tools.clock.now()).toISOString() },
    });
  const patience = new Patience(tools, wait);
  const off = journal.trustBefore === 'nowhere' ? await switchedOff(tools, settings, patience) : undefined;
  const ended = off ?? (await backToBefore(tools, request, journal, patience));
  if (ended !== undefined) return ended;
  await takeSecretsAway(tools, settings);
  await takeEngineJournalAway(tools, settings);
  for (const name of await takeAway({ own: tools.own, plan, id }))
    tools.tell({ type: 'note', text: `deleted ${name}` });
  const { uid } = store;
  if (uid !== undefined) await tools.own.remove(configMap(namespace, MIGRATION_JOURNAL), uid);
  return { end: 'done' };
};
