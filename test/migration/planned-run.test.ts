/**
 * What `migrate plan` plans, carried out on the stand-in from each start but the static Secret, which `run.test.ts` has: every client calls every
 * repo-server all along.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import type { Workload } from '../../agent/model/workload.ts';
import type { JsonObject } from '../kit/api-server/index.ts';
import { install } from '../kit/argocd/install.ts';
import { patchedByKubectl } from '../kit/argocd/patched.ts';
import { Migrating, NAMESPACE } from '../kit/migration/migrating.ts';
import { planFor } from '../kit/migration/planned.ts';
import {
  beforeMtls,
  behindProxy,
  handWired,
  type KnownStart,
  staticConfigMap,
  vaultAndExternalSecrets,
} from '../kit/migration/starts.ts';

const LIMIT = 120_000;

let migrating: Migrating;
afterEach(async () => {
  await migrating.close();
});

/** Every Secret that a pod may mount on the way. */
const mounted = (plan: MigrationPlan): readonly string[] => [
  plan.instance.mtlsSecret,
  plan.instance.servingSecret ?? 'argocd-repo-server-tls',
  ...plan.objects.map(({ name }) => name),
];

/** An ExternalSecret whose Secret is up to date. */
const synced = (name: string, target: string): JsonObject => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name, namespace: NAMESPACE },
  spec: { target: { name: target } },
  status: { conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced', message: '' }] },
});

/** Applies each patch once it is shown, and upgrades when it is asked to. */
const operator = (): (() => Promise<void>) => {
  const done = new Set<string>();
  return async () => {
    const last = migrating.told.at(-1);
    const asked = migrating.told.findLast((telling) => telling.type === 'patches');
    for (const { component, patch, workload: ref } of asked?.type === 'patches' ? asked.patches : []) {
      if (done.has(component)) continue;
      done.add(component);
      await migrating.change([ref.name], (workload) => patchedByKubectl(workload, patch));
    }
    if (last?.type === 'waiting' && last.what.startsWith('upgrade') && !done.has('upgrade')) {
      done.add('upgrade');
      const newer = new Map(install().map((workload) => [workload.ref.name, workload]));
      await migrating.change([...newer.keys()], (workload: Workload) => ({
        ...workload,
        template: newer.get(workload.ref.name)?.template ?? workload.template,
      }));
    }
  };
};

describe('a plan is carried out to its proof, without a failed call, from', () => {
  test.each<readonly [string, () => KnownStart]>([
    ['Vault and External Secrets', vaultAndExternalSecrets],
    ['a static ConfigMap', staticConfigMap],
    ['cert-manager wired by hand', handWired],
    ['Argo CD before 3.5', beforeMtls],
    ["a mesh's proxy", behindProxy],
  ])(
    '%s',
    async (_from, begin) => {
      const start = begin();
      const plan = planFor(start);
      migrating = await Migrating.begin(start, mounted(plan));
      migrating.operator = operator();
      for (const { ownerReferences, name } of start.secrets ?? [])
        for (const owner of ownerReferences.filter(({ kind }) => kind === 'ExternalSecret'))
          migrating.installation.api.objects.put(synced(owner.name, name));
      expect(await migrating.run(plan)).toEqual({ end: 'done' });
      expect(migrating.installation.traffic.failed).toEqual([]);
      expect(migrating.installation.api.violations).toEqual([]);
      expect(migrating.told.findLast((telling) => telling.type === 'removable')).toMatchObject({
        removable: plan.removable,
      });
    },
    LIMIT,
  );
});
