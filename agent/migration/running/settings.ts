/**
 * The settings that a migration works with: those of the plan's configuration, for as long as it is under way.
 *
 * **Invariant:** nothing that the migration did not make is written: verification, which is a setting in Argo CD's own ConfigMap, waits for the
 * agent.
 */
import { leafSecrets } from '../../layout/places.ts';
import { RotatorError } from '../../model/errors.ts';
import type { MigrationPlan } from '../../model/migration.ts';
import type { InstanceSettings } from '../../model/settings.ts';

const unfit = (what: string): RotatorError =>
  new RotatorError('refused', {
    what,
    effect: 'Nothing was written; traffic is as it was.',
    next: 'Write the plan anew with migrate plan, and change nothing in it but by its options.',
  });

/** @throws RotatorError `refused` where plan and configuration do not speak of the same Argo CD */
export const migrationSettings = (
  plan: MigrationPlan,
  configured: readonly InstanceSettings[],
): InstanceSettings => {
  const [settings, another] = configured;
  const { name, namespace, mtlsSecret, servingSecret } = plan.instance;
  if (settings === undefined || another !== undefined)
    throw unfit(`The plan's configuration has ${configured.length} instances, not one.`);
  if (settings.name !== name || settings.namespace !== namespace)
    throw unfit(
      `The plan is for instance ${name} in ${namespace}, its configuration for ${settings.name} in ${settings.namespace}.`,
    );
  if (settings.names.mtlsSecret !== mtlsSecret)
    throw unfit(
      `The plan fills Secret ${mtlsSecret}, its configuration Secret ${settings.names.mtlsSecret}.`,
    );
  if (settings.serving !== undefined && settings.names.servingSecret !== servingSecret)
    throw unfit(
      `The plan fills Secret ${servingSecret ?? 'none'} for repo-server, its configuration Secret ${settings.names.servingSecret}.`,
    );
  return { ...settings, mode: 'manage', state: 'enabled', adopt: 'never', verification: 'keep' };
};

/** The Secrets that Argo CD is to mount in the end. */
export const filledSecrets = (settings: InstanceSettings): readonly string[] => [
  ...leafSecrets(settings),
  ...(settings.serving === undefined ? [] : [settings.names.servingSecret]),
];
