/**
 * Sidecars beside repo-server and all of its clients, on real mounts of a Secret that cert-manager writes: what changes, changes under traffic.
 *
 * Nobody writes Argo CD's Secrets here and there is no agent. Restarts are pods that were replaced: an eviction changes no generation.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CLIENT_COMPONENTS, COMPONENTS, type Component } from '../../../agent/model/terms.ts';
import { applicationsSynced, createApplications } from '../harness/applications.ts';
import { argoCdReady, installArgoCd, removeArgoCd } from '../harness/argocd.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { instances } from '../harness/everything.ts';
import { applicationPaths } from '../harness/git.ts';
import {
  createCa,
  createClientCertificate,
  fingerprintOf,
  issuedMaterial,
  renewCertificate,
  replaceCa,
} from '../harness/issuers.ts';
import { meterTargets } from '../harness/meter.ts';
import { shell } from '../harness/shell.ts';
import { sleep, until } from '../harness/wait.ts';
import { asPair, callsToRepoServers } from './pod-calls.ts';
import { countReplacedPods, type ReplacedPods } from './replaced-pods.ts';
import { writeResults } from './results.ts';
import { installSidecars } from './sidecar-install.ts';
import { cleanTraffic, measure, type Row } from './window.ts';

const TIER = process.env.MTLS_ROTATOR_TIER === 'full' ? 'full' : 'ci';
const MINUTE = 60_000;
const REFRESHES = 20;
const NS = 'argocd-sidecars';
const ARGO_CD = { namespace: NS, repoServers: 2, servers: 2, preStopSleep: 6 };
const BUDGET = `/apis/policy/v1/namespaces/${NS}/poddisruptionbudgets/argocd-repo-server`;
const SIDECAR_PROCESS = '^node /app/dist/agent/main.js sidecar';
const RECORD = `/api/v1/namespaces/${NS}/configmaps/argocd-mtls-rotator-sidecars`;

const rows: Row[] = [];
const notes: string[] = [];
let cluster: ClusterUnderTest;
let image: string;

const install = (beside: readonly Component[], options: Record<string, unknown>): Promise<void> =>
  installSidecars(cluster, { image, argoCd: ARGO_CD, beside, options });

const source = () => issuedMaterial(cluster.api, NS, 'repo-client');

/** Every client's process shows this leaf, by the files that it sees. */
const everyClientShows = async (certificate: string, seconds: number): Promise<void> => {
  const wanted = fingerprintOf(certificate);
  await until(`every client of ${NS} to show ${wanted.slice(0, 12)}`, seconds, async () => {
    const targets = (await meterTargets()).filter(({ namespace }) => namespace === NS);
    const others = targets.filter(({ pid }) => {
      const file = `/proc/${pid}/root/app/config/reposerver/mtls/client.crt`;
      return fingerprintOf(readFileSync(file, 'utf8')) !== wanted;
    });
    if (others.length > 0) throw new Error(`not yet: ${others.map(({ pod }) => pod).join(', ')}`);
    return targets.length > 0 ? true : undefined;
  });
};

/** Both repo-server pods were called, by a new leaf, an old one and nobody. */
const proved = async (
  before: { certificate: string; key: string },
  after: { certificate: string; key: string },
  seconds: number,
): Promise<void> => {
  const callers = { new: asPair(after), old: asPair(before), nobody: { as: 'nobody' } as const };
  const wanted = { new: 'accepted', old: 'unknown-ca', nobody: 'certificate-required' };
  await until(
    'every repo-server to let the new leaf in, and to refuse the old one',
    seconds,
    async () => {
      const pods = await callsToRepoServers(cluster.api, NS, callers);
      if (pods.length === 2 && pods.every((said) => JSON.stringify(said) === JSON.stringify(wanted)))
        return true;
      throw new Error(JSON.stringify(pods));
    },
    2_000,
  );
};

/** Measures a change; in the row's restarts are the pods that were replaced. */
const underTraffic = async (
  change: string,
  work: (replaced: ReplacedPods) => Promise<void>,
): Promise<Row> => {
  const replaced = await countReplacedPods(cluster.api, NS);
  try {
    const row = await measure(
      cluster.api,
      { change, namespace: NS, applications: [...applicationPaths], refreshes: REFRESHES, pauseMs: 1_000 },
      () => work(replaced),
    );
    const counted = { ...row, restarts: replaced.soFar() };
    rows.push(counted);
    return counted;
  } finally {
    await replaced.stop();
  }
};

const expectNoFailure = ({ traffic, comparisonErrors }: Row): void => {
  const { failedByTls, failedByConnection, failedOtherwise, errors } = traffic;
  expect({ failedByTls, failedByConnection, failedOtherwise, errors, comparisonErrors }).toEqual({
    failedByTls: 0,
    failedByConnection: 0,
    failedOtherwise: 0,
    errors: {},
    comparisonErrors: [],
  });
};

/** Another CA and a leaf of it; answers what was there before. */
const replaceEverything = async () => {
  const before = await source();
  await replaceCa(cluster.api, NS, 'sidecar-ca');
  await renewCertificate(cluster.api, NS, 'repo-client');
  return before;
};

const sidecarProcesses = async (): Promise<readonly number[]> =>
  (await shell('pgrep', ['-f', SIDECAR_PROCESS]).catch(() => ''))
    .split('\n')
    .filter((pid) => pid !== '')
    .map(Number);

const sidecarLogs = async (component: Component): Promise<string> =>
  await shell('kubectl', [
    ...['--kubeconfig', cluster.kubeconfig, '-n', NS, 'logs', '--prefix', '--tail=-1'],
    ...['-c', 'mtls-rotator', '-l', `app.kubernetes.io/name=argocd-${component}`],
  ]);

beforeAll(async () => {
  cluster = clusterUnderTest();
  const { api, node } = cluster;
  image = await node.agentImage();
  await installArgoCd(api, ARGO_CD);
  await argoCdReady(api, NS);
  await applicationsSynced(api, NS, await createApplications(api, NS));
  await createCa(api, { namespace: NS, name: 'sidecar-ca' });
  await createClientCertificate(api, { namespace: NS, name: 'repo-client', issuer: 'sidecar-ca' });
  await node.startMeter([NS]);
  await cleanTraffic(api, NS);
}, 15 * MINUTE);

afterAll(async () => {
  if (rows.length > 0) process.stdout.write(`${writeResults('sidecar', TIER, rows, notes)}\n`);
  if (process.env.MTLS_ROTATOR_KEEP_AGENT !== undefined) return;
  await cluster.node.startMeter(instances.map(({ namespace }) => namespace));
  await removeArgoCd(cluster.api, NS);
  await cluster.api.remove(`/api/v1/namespaces/${NS}-applications`);
}, 5 * MINUTE);

test(
  'mTLS is enabled by sidecars alone, without the API: the clients first, then repo-server, each pod once',
  async () => {
    const row = await underTraffic('enable: sidecars beside the clients, then repo-server', async () => {
      await install(CLIENT_COMPONENTS, { api: 'none', restart: 'never' });
      await install(COMPONENTS, { api: 'none', restart: 'never' });
    });
    expectNoFailure(row);
    expect(row.restarts).toEqual({
      'repo-server': 2,
      server: 2,
      'application-controller': 1,
      'applicationset-controller': 1,
      'notifications-controller': 1,
    });
    const { certificate } = await source();
    await everyClientShows(certificate, 10);
    for (const said of await callsToRepoServers(cluster.api, NS, { nobody: { as: 'nobody' } }))
      expect(said).toEqual({ nobody: 'certificate-required' });
    expect(await cluster.api.find(RECORD)).toBeUndefined();
  },
  15 * MINUTE,
);

test(
  'a leaf is renewed without the API: shown by every client, nothing restarted',
  async () => {
    const row = await underTraffic('client leaf renewed, api: none', async () => {
      await renewCertificate(cluster.api, NS, 'repo-client');
      await everyClientShows((await source()).certificate, 120);
    });
    expectNoFailure(row);
    expect(row.restarts).toEqual({});
    expect(await cluster.api.find(RECORD)).toBeUndefined();
  },
  10 * MINUTE,
);

test(
  'the CA is replaced: each repo-server gives way twice, by turns, and no client',
  async () => {
    await install(COMPONENTS, {});
    await cleanTraffic(cluster.api, NS);
    const row = await underTraffic('client CA replaced', async () => {
      const before = await replaceEverything();
      const after = await source();
      await everyClientShows(after.certificate, 420);
      await proved(before, after, 420);
    });
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 4 });
  },
  20 * MINUTE,
);

test(
  'a PodDisruptionBudget that allows none is waited for, with both CAs trusted and every call let in',
  async () => {
    const row = await underTraffic(
      'client CA replaced, a PodDisruptionBudget in the way at first',
      async (replaced) => {
        await cluster.api.apply({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name: 'argocd-repo-server', namespace: NS },
          spec: {
            minAvailable: 2,
            selector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-repo-server' } },
          },
        });
        const before = await replaceEverything();
        const after = await source();
        await until('a sidecar to say that a budget is in the way', 120, async () =>
          /"restart-blocked"/.test(await sidecarLogs('repo-server')) ? true : undefined,
        );
        await sleep(30_000);
        expect(replaced.soFar()).toEqual({});
        await everyClientShows(before.certificate, 5);
        await cluster.api.remove(BUDGET);
        await everyClientShows(after.certificate, 420);
        await proved(before, after, 420);
      },
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 4 });
  },
  20 * MINUTE,
);

test(
  'sidecars that are killed in the middle go on where they were, and Argo CD’s containers do not notice',
  async () => {
    const row = await underTraffic(
      'client CA replaced, every sidecar killed three times',
      async (replaced) => {
        const before = await replaceEverything();
        const after = await source();
        for (const [kill, sign] of [
          () => Object.keys(replaced.soFar()).length === 0,
          () => (replaced.soFar()['repo-server'] ?? 0) >= 1,
          () => (replaced.soFar()['repo-server'] ?? 0) >= 3,
        ].entries()) {
          await until(`the moment for kill ${kill + 1}`, 420, () => (sign() ? true : undefined));
          await sleep(kill === 0 ? 8_000 : 2_000);
          const killed = await sidecarProcesses();
          for (const pid of killed) process.kill(pid, 'SIGKILL');
          notes.push(`CA replaced: ${killed.length} sidecars were killed with SIGKILL (${kill + 1})`);
        }
        await everyClientShows(after.certificate, 600);
        await proved(before, after, 600);
      },
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 4 });
  },
  25 * MINUTE,
);

test('what sidecars cost: printed, not asserted', async () => {
  const sizes = (await sidecarProcesses()).map((pid) => {
    const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? Number.NaN) / 1024;
  });
  notes.push(
    `resident memory of each of ${sizes.length} sidecars: ${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB`,
  );
  notes.push('restarts are pods that were replaced: 2 repo-servers, 2 servers, 1 of each of the others');
});
