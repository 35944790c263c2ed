/** `mtls-rotator migrate plan` against an API server, and its patches as people apply them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { discover } from '../../agent/argocd/discover.ts';
import { EXIT } from '../../agent/cli/exit-codes.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import type { Workload } from '../../agent/model/workload.ts';
import { install } from '../kit/argocd/install.ts';
import { patchedByKubectl, patchedByKustomize } from '../kit/argocd/patched.ts';
import { podsFor } from '../kit/argocd/pods.ts';
import { type MigrationCluster, startMigrationCluster } from '../kit/migration/cluster.ts';
import { planFor } from '../kit/migration/planned.ts';
import type { Start } from '../kit/migration/sight.ts';
import { behindProxy, handWired, plainStaticSecret, staticConfigMap } from '../kit/migration/starts.ts';

let folder = '';
let cluster: MigrationCluster | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotator-migrate-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await cluster?.close();
});

const started = async (start: Start): Promise<MigrationCluster> => {
  cluster = await startMigrationCluster(start);
  return cluster;
};

const planOf = (text: string): MigrationPlan => parse(text) as MigrationPlan;

describe('migrate plan', () => {
  test('writes the plan, a configuration that is valid, manifests and patches, and nothing to the cluster', async () => {
    const { api, migrate } = await started(plainStaticSecret());
    const into = join(folder, 'migration');
    const { code, out, err } = await migrate(
      'plan',
      '--search-namespace',
      'security',
      '-o',
      'yaml',
      '--write',
      into,
    );
    expect([code, err.split(':')[0]]).toEqual([EXIT.ok, `Written to ${into}`]);
    expect(readdirSync(into).toSorted()).toEqual(['config.yaml', 'objects', 'patches', 'plan.yaml']);
    expect(readdirSync(join(into, 'patches'))).toHaveLength(5);
    const written = readFileSync(join(into, 'plan.yaml'), 'utf8');
    expect(planOf(written)).toEqual(planOf(out));
    expect(written).not.toMatch(/[&*]a1\b/);
    expect(parseConfig(readFileSync(join(into, 'config.yaml'), 'utf8')).ok).toBe(true);
    expect(api.writes).toEqual([]);
  });

  test('writes nothing where it is blocked, and says what would unblock it', async () => {
    const { migrate } = await started({});
    const into = join(folder, 'migration');
    const { code, out } = await migrate('plan', '--write', into);
    expect(code).toBe(EXIT.refused);
    expect(out).toContain('blocked: no plan is made');
    expect(out).toContain('no-root');
    expect(existsSync(into)).toBe(false);
  });

  test('mixes no two plans in one directory', async () => {
    const { migrate } = await started(behindProxy());
    writeFileSync(join(folder, 'something'), '');
    const { code, err } = await migrate('plan', '--write', folder);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('is not empty');
    expect(readdirSync(folder)).toEqual(['something']);
  });

  test('takes every decision by a flag', async () => {
    const { migrate } = await started(behindProxy());
    const { out } = await migrate(
      ...['plan', '--name', 'bank', '--root', 'corp-root/ca.pem', '--serving', 'keep', '-o', 'json'],
      ...['--vault', 'https://vault.bank:8200', '--vault-mount', 'pki-argo', '--vault-role', 'repo'],
    );
    const plan = planOf(out);
    expect(plan.root?.kept).toBe('vault');
    expect(plan.config).toMatchObject({
      instances: [
        { name: 'bank', clients: { default: { vaultPki: { mount: 'pki-argo', role: 'repo-client' } } } },
      ],
    });
    expect((await migrate('plan', '--keep', 'everything')).code).toBe(EXIT.usage);
  });
});

/** What repo-server, a Deployment and the StatefulSet open after the patches, as `Secret/key`. */
const openedAfter = (start: Start, patch: (workload: Workload, patch: string) => Workload) => {
  const plan = planFor(start);
  const moved = ['argocd-repo-server', 'argocd-server', 'argocd-application-controller'];
  const workloads = (start.workloads ?? install()).flatMap((workload) => {
    const own = plan.patches.find(({ workload: ref }) => ref.name === workload.ref.name);
    return own === undefined || !moved.includes(workload.ref.name) ? [] : [patch(workload, own.patch)];
  });
  const { repoServer, clients } = discover(workloads, workloads.flatMap(podsFor), {}, { workloads: {} });
  const origins = [
    ...(repoServer.state === 'found'
      ? [repoServer.mounts.clientCa, repoServer.mounts.servingCertificate, repoServer.mounts.servingKey]
      : []),
    ...Object.values(clients).flatMap((client) =>
      client.state === 'found' ? [client.mounts.certificate, client.mounts.key, client.mounts.serverCa] : [],
    ),
  ];
  return {
    plan,
    opened: origins.map((origin) =>
      origin.from === 'secret' ? `${origin.secret}/${origin.key}` : origin.from,
    ),
  };
};

test.each([
  ['a static Secret', plainStaticSecret, patchedByKubectl],
  ["cert-manager's own Secrets", handWired, patchedByKustomize],
  ['a ConfigMap', staticConfigMap, patchedByKubectl],
  ['a ConfigMap, in Git', staticConfigMap, patchedByKustomize],
] as const)(
  'the patches move every workload from %s to the new Secrets, and each rolls once',
  (_from, start, patch) => {
    const { plan, opened } = openedAfter(start(), patch);
    const { mtlsSecret, servingSecret = 'argocd-repo-server-tls' } = plan.instance;
    const client = ['client.crt', 'client.key', 'server-ca.crt'].map((key) => `${mtlsSecret}/${key}`);
    expect(opened).toEqual([
      `${mtlsSecret}/client-ca.crt`,
      `${servingSecret}/tls.crt`,
      `${servingSecret}/tls.key`,
      ...client,
      ...client,
    ]);
    const names = plan.patches.map(({ workload }) => workload.name);
    expect([names.length, new Set(names).size]).toEqual([5, 5]);
  },
);
