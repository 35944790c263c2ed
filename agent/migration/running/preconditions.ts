/**
 * What has to be true before anything is written: each thing that is not is named.
 *
 * **Invariant:** reads, and has the server rehearse what will be made; stores nothing.
 */
import { ApiError, RotatorError } from '../../model/errors.ts';
import type { MigrationPlan } from '../../model/migration.ts';
import type { TrustBefore } from '../../model/migration-journal.ts';
import type { FileOrigin } from '../../model/mounts.ts';
import type { InstanceSettings } from '../../model/settings.ts';
import { pendingSecretOf, sourceRoles } from '../../model/source-role.ts';
import type { Cluster } from '../../ports.ts';
import { keptRoot } from './copies.ts';
import { rehearse } from './made.ts';
import { filledSecrets } from './settings.ts';
import type { Look } from './sight.ts';
import type { MigrationTools } from './tools.ts';

const refused = (what: string, next: string): RotatorError =>
  new RotatorError('refused', { what, effect: 'Nothing was written; traffic is as it was.', next });

/** @throws RotatorError `refused` where nothing may be carried out of it */
export const usablePlan = (plan: MigrationPlan): void => {
  const blocking = plan.problems.filter(({ severity }) => severity === 'blocking');
  if (blocking.length > 0)
    throw refused(
      `The plan is blocked: ${blocking.map(({ about, what }) => `${about}: ${what}`).join(' ')}`,
      `${blocking.map(({ next }) => next).join(' ')} Then plan anew.`,
    );
  if (plan.steps.length === 0 || plan.root === undefined || plan.config === undefined)
    throw refused('The plan has no steps.', 'Write it anew with migrate plan.');
};

const certManagerIsThere = async (
  { cluster }: Pick<MigrationTools, 'cluster'>,
  { objects, instance }: MigrationPlan,
): Promise<void> => {
  if (!objects.some(({ apiVersion }) => apiVersion.startsWith('cert-manager.io/'))) return;
  try {
    await cluster.listCertificates(instance.namespace, {});
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Whether it may be listed is not the question: the rehearsal says what may be made.
    if (error.reason === 'forbidden') return;
    if (error.reason !== 'not-found') throw error;
    throw refused(
      'The plan has objects of cert-manager, and this cluster does not know them.',
      'Install cert-manager, or plan for another source. Where this is another cluster, use its own plan.',
    );
  }
};

/** Whatever the migration and its engine will fill has to be absent when it begins. */
const nobodyElses = async (
  { cluster }: Pick<MigrationTools, 'cluster'>,
  settings: InstanceSettings,
): Promise<void> => {
  const { namespace, names } = settings;
  const taken = (what: string): RotatorError =>
    refused(
      `${what} is there already, and this migration did not make it.`,
      'Plan with another name for it, or delete it where it is left over.',
    );
  const pending = sourceRoles(settings).map(({ role }) => pendingSecretOf(settings, role));
  for (const name of [...filledSecrets(settings), names.previousSecret, ...pending])
    if ((await cluster.readSecret(namespace, name)) !== undefined) throw taken(`Secret ${namespace}/${name}`);
  if ((await cluster.readConfigMap(namespace, names.journalConfigMap)) !== undefined)
    throw taken(
      `ConfigMap ${namespace}/${names.journalConfigMap}, the journal of an agent that looks after this instance,`,
    );
};

/** @throws ApiError, RotatorError */
export const mayGoOn = async (tools: Pick<MigrationTools, 'cluster'>, plan: MigrationPlan): Promise<void> => {
  if (plan.root !== undefined) await keptRoot(tools.cluster, plan.root);
  await certManagerIsThere(tools, plan);
};

/** @throws ApiError, RotatorError */
export const mayBegin = async (
  tools: Pick<MigrationTools, 'cluster' | 'own'>,
  plan: MigrationPlan,
  settings: InstanceSettings,
  id: string,
): Promise<void> => {
  await nobodyElses(tools, settings);
  await mayGoOn(tools, plan);
  await rehearse({ ...tools, plan, id });
};

/** Where repo-server takes its clients' CA from, by its template. @throws ApiError; RotatorError where there is no repo-server */
export const trustNow = async (
  { cluster }: Pick<MigrationTools, 'cluster'>,
  { observation }: Look,
): Promise<TrustBefore> => {
  const { repoServer, settings } = observation;
  if (repoServer === undefined)
    throw refused(
      `No repo-server is in namespace ${settings.namespace}.`,
      "Check the plan's namespace; where this is another cluster, use its own plan.",
    );
  return (await isThere(cluster, settings.namespace, repoServer.mounts.clientCa)) ? 'elsewhere' : 'nowhere';
};

/** What cannot be looked into may be there. */
const isThere = async (cluster: Cluster, namespace: string, origin: FileOrigin): Promise<boolean> => {
  switch (origin.from) {
    case 'nowhere':
    case 'not-projected':
      return false;
    case 'secret':
      return (await cluster.readSecret(namespace, origin.secret))?.data.has(origin.key) === true;
    case 'config-map':
      return (await cluster.readConfigMap(namespace, origin.configMap))?.data[origin.key] !== undefined;
    case 'foreign':
      return true;
  }
};
