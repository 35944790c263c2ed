/**
 * Each installation that people come from, planned and carried out: patches applied as kubectl applies them, every client calling every repo-server
 * all along, and what is left for the operator to remove.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import { install } from '../kit/argocd/install.ts';
import { patchedByKubectl } from '../kit/argocd/patched.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { planFor } from '../kit/migration/planned.ts';
import { differences, snapshot } from '../kit/migration/snapshot.ts';
import {
  beforeMtls,
  behindProxy,
  handWired,
  type KnownStart,
  plainStaticSecret,
  staticConfigMap,
  vaultAndExternalSecrets,
} from '../kit/migration/starts.ts';

const LIMIT = 120_000;

let migrating: Migrating;
afterEach(async () => {
  await migrating.close();
});

const WORKLOADS = [
  'Deployment argocd/argocd-repo-server',
  'Deployment argocd/argocd-server',
  'StatefulSet argocd/argocd-application-controller',
  'Deployment argocd/argocd-applicationset-controller',
  'Deployment argocd/argocd-notifications-controller',
];

/** What fills the Secret of {@link vaultAndExternalSecrets}. */
const EXTERNAL_SECRET = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { namespace: 'argocd', name: 'repo-mtls' },
  spec: { target: { name: 'argocd-repo-server-mtls' } },
  status: {
    binding: { name: 'argocd-repo-server-mtls' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'Secret was synced' }],
  },
};

const begun = async (start: KnownStart): Promise<MigrationPlan> => {
  const plan = planFor(start);
  const issued = plan.objects.filter(({ kind }) => kind === 'Certificate').map(({ name }) => name);
  const { mtlsSecret, servingSecret } = plan.instance;
  const filled = servingSecret === undefined ? [mtlsSecret] : [mtlsSecret, servingSecret];
  migrating = await Migrating.begin(start, [...filled, ...issued]);
  migrating.installation.api.objects.put(EXTERNAL_SECRET);
  return plan;
};

test.each<readonly [string, () => KnownStart, readonly string[]]>([
  [
    'a static Secret',
    plainStaticSecret,
    ['Secret argocd/argocd-repo-server-mtls', 'Secret argocd/argocd-repo-server-tls'],
  ],
  ['a static ConfigMap', staticConfigMap, []],
  [
    'cert-manager wired by hand, with Reloader',
    handWired,
    [
      'Secret argocd/repo-client-tls',
      'Secret argocd/argocd-repo-server-tls',
      ...WORKLOADS.map((name) => `Annotation reloader.stakater.com/auto of ${name}`),
    ],
  ],
  ['Vault and External Secrets', vaultAndExternalSecrets, []],
  ['Argo CD before 3.5', beforeMtls, []],
  ["a mesh's proxy", behindProxy, WORKLOADS.map((name) => `Injection of Linkerd into ${name}`)],
])(
  '%s is migrated from without a failed call',
  async (_name, start, removable) => {
    const plan = await begun(start());
    const before = snapshot(migrating.installation);
    migrating.patching(patchedByKubectl);
    const { operator } = migrating;
    migrating.operator = async () => {
      await operator?.();
      const waits = migrating.told.at(-1);
      if (waits?.type === 'waiting' && waits.what.startsWith('upgrade'))
        for (const workload of install()) await migrating.change([workload.ref.name], () => workload);
    };
    expect(plan.problems.filter(({ severity }) => severity === 'blocking')).toEqual([]);
    expect(await migrating.run(plan)).toEqual({ end: 'done' });
    expect(migrating.installation.traffic.failed).toEqual([]);
    expect(migrating.installation.api.violations).toEqual([]);
    const { changed, gone } = differences(before, snapshot(migrating.installation));
    expect(gone).toEqual([]);
    expect(changed.filter(({ object }) => !/^(Deployment|StatefulSet) /.test(object))).toEqual([]);
    expect(plan.removable.map(({ what }) => what)).toEqual(removable);
  },
  LIMIT,
);
