/**
 * A whole life on real Kubernetes, cert-manager and Argo CD, by the agent in its own pod: every change class under traffic.
 *
 * One instance has the `preStop` patch from manifests/ and must not lose a single call; the other one has not, and must lose none by TLS.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FinishedRotation } from '../../../agent/model/journal-record.ts';
import { argoCdReady } from '../harness/argocd.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { applicationPaths } from '../harness/git.ts';
import {
  certificatePath,
  createCa,
  createClientCertificate,
  createServingCertificate,
  issuedMaterial,
  renewCaKeepingKey,
  renewCertificate,
  replaceCa,
} from '../harness/issuers.ts';
import { folders } from '../harness/settings.ts';
import { shell } from '../harness/shell.ts';
import { sleep, until } from '../harness/wait.ts';
import { type AgentConfig, AgentPod } from './agent-pod.ts';
import { foreignSecrets, publishLatency, residentMemory } from './footprint.ts';
import { writeResults } from './results.ts';
import { cleanTraffic, measure, type Row } from './window.ts';

const TIER = process.env.MTLS_ROTATOR_TIER === 'full' ? 'full' : 'ci';
const REFRESHES = TIER === 'full' ? 100 : 8;
const MINUTE = 60_000;
const NS = 'argocd';
const CLIENTS = ['server', 'application-controller', 'applicationset-controller', 'notifications-controller'];

const rows: Row[] = [];
const notes: string[] = [];
let cluster: ClusterUnderTest;
let agent: AgentPod;

const defaults = {
  mode: 'manage',
  propagationWait: '25s',
  mountMargin: '5s',
  settle: '5s',
  retry: '2s',
  budget: { restarts: 50, window: '1h' },
};
const client = { default: { certManager: { certificate: 'repo-client' } } };
const serving = { certManager: { certificate: 'repo-serving' } };
const main = (over: Record<string, unknown> = {}) => ({
  name: 'argocd',
  namespace: NS,
  labels: { team: 'platform' },
  clients: client,
  ...over,
});
const verified = (over: Record<string, unknown> = {}) => main({ serving, verification: 'on', ...over });
const config = (...instances: readonly Record<string, unknown>[]): AgentConfig => ({ defaults, instances });

const finishedRotations = async (namespace: string, instance: string): Promise<readonly FinishedRotation[]> =>
  (await agent.journal(namespace, instance))?.history ?? [];

/** Waits until one more rotation than `before` has ended and nothing is under way. */
const nextRotation = async (before: number, seconds: number, namespace = NS, instance = 'argocd') =>
  await until(`rotation ${before + 1} of ${instance} to end`, seconds, async () => {
    const journal = await agent.journal(namespace, instance);
    if (journal === undefined || journal.rotation !== undefined || journal.closing !== undefined)
      return undefined;
    return journal.history.length > before ? journal.history.at(-1) : undefined;
  });

const rotate = async (
  change: string,
  trigger: () => Promise<unknown>,
  seconds: number,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<{ row: Row; rotation: FinishedRotation }> => {
  const before = (await finishedRotations(NS, 'argocd')).length;
  let rotation: FinishedRotation | undefined;
  const row = await measure(
    cluster.api,
    { change, namespace: NS, applications: [...applicationPaths], refreshes: REFRESHES },
    async () => {
      await trigger();
      await Promise.all([nextRotation(before, seconds).then((ended) => (rotation = ended)), during()]);
    },
  );
  rows.push(row);
  if (rotation === undefined) throw new Error(`no rotation ended for: ${change}`);
  return { row, rotation };
};

const expectNoFailure = (row: Row) => {
  expect({
    failedByTls: row.traffic.failedByTls,
    otherwise: row.traffic.failedByConnection + row.traffic.failedOtherwise,
    errors: row.traffic.errors,
    comparisonErrors: row.comparisonErrors,
  }).toEqual({
    failedByTls: 0,
    otherwise: 0,
    errors: {},
    comparisonErrors: [],
  });
};

const each = (times: number) => Object.fromEntries(CLIENTS.map((name) => [name, times]));

beforeAll(async () => {
  cluster = clusterUnderTest();
  agent = new AgentPod(cluster, await cluster.node.agentImage());
  await agent.remove();
  await shell('kubectl', [
    '--kubeconfig',
    cluster.kubeconfig,
    '-n',
    NS,
    'patch',
    'deployment/argocd-repo-server',
    '--patch-file',
    `${folders.repository}/manifests/components/prestop/patch.yaml`,
  ]);
  await argoCdReady(cluster.api, NS);
  await cleanTraffic(cluster.api, NS);
  await createCa(cluster.api, { namespace: NS, name: 'repo-ca' });
  await createClientCertificate(cluster.api, { namespace: NS, name: 'repo-client', issuer: 'repo-ca' });
}, 10 * MINUTE);

afterAll(async () => {
  if (rows.length > 0) process.stdout.write(`${writeResults('rotations', TIER, rows, notes)}\n`);
  if (process.env.MTLS_ROTATOR_KEEP_AGENT === undefined) await agent.remove();
}, 5 * MINUTE);

test(
  'enable: repo-server once, notifications-controller once, no call failed',
  async () => {
    const { row, rotation } = await rotate('enable', () => agent.deploy(config(main())), 360);
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
    expect(rotation).toMatchObject({ changeClass: 'enable', result: 'succeeded', proof: 'taken' });
  },
  10 * MINUTE,
);

test(
  'leaf renewed: nothing restarted',
  async () => {
    const { row, rotation } = await rotate(
      'client leaf renewed',
      () => renewCertificate(cluster.api, NS, 'repo-client'),
      180,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({});
    expect(rotation).toMatchObject({ changeClass: 'leaf', proof: 'taken' });
  },
  10 * MINUTE,
);

test(
  'client CA replaced, the agent killed three times: repo-server twice, no client, one trace with one root',
  async () => {
    const kills = async () => {
      for (let kill = 0; kill < 3; kill += 1) {
        await sleep(12_000 + kill * 8_000);
        await agent.sigkill();
        notes.push(`client CA: the agent's process was killed with SIGKILL (${kill + 1})`);
      }
    };
    const { row, rotation } = await rotate(
      'client CA replaced, agent killed 3 times',
      async () => {
        await replaceCa(cluster.api, NS, 'repo-ca');
        await renewCertificate(cluster.api, NS, 'repo-client');
      },
      600,
      kills,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 2 });
    expect(rotation).toMatchObject({ changeClass: 'client-ca', proof: 'taken' });
    const spans = await until('the root span', 30, () => {
      const received = cluster.node.receivedSpans(rotation.traceId);
      return received.some((span) => span.parentSpanId === '') ? received : undefined;
    });
    const ids = new Set(spans.map((span) => span.spanId));
    const roots = new Set(spans.filter((span) => span.parentSpanId === '').map((span) => span.spanId));
    expect([...roots]).toEqual([rotation.rootSpanId]);
    expect(spans.filter((span) => span.parentSpanId !== '' && !ids.has(span.parentSpanId))).toEqual([]);
    notes.push(
      `client CA: trace ${rotation.traceId} received with ${spans.length} spans, 1 root, 0 without parent`,
    );
  },
  15 * MINUTE,
);

test(
  'client CA renewed with the same key: repo-server once',
  async () => {
    const { row, rotation } = await rotate(
      'client CA renewed, same key',
      async () => {
        await renewCaKeepingKey(cluster.api, NS, 'repo-ca');
        await renewCertificate(cluster.api, NS, 'repo-client');
      },
      240,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1 });
    expect(rotation).toMatchObject({ changeClass: 'client-ca-renewed', proof: 'taken' });
  },
  10 * MINUTE,
);

test(
  'verification switched on: repo-server once, each client once',
  async () => {
    await createCa(cluster.api, { namespace: NS, name: 'serving-ca' });
    await createServingCertificate(cluster.api, {
      namespace: NS,
      name: 'repo-serving',
      issuer: 'serving-ca',
    });
    const { row, rotation } = await rotate('verification on', () => agent.configure(config(verified())), 600);
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1, ...each(1) });
    expect(rotation).toMatchObject({ changeClass: 'verify-on', proof: 'taken' });
  },
  15 * MINUTE,
);

test(
  'serving certificate renewed: repo-server once',
  async () => {
    const { row, rotation } = await rotate(
      'serving certificate renewed',
      () => renewCertificate(cluster.api, NS, 'repo-serving'),
      240,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1 });
    expect(rotation).toMatchObject({ changeClass: 'serving', proof: 'taken' });
  },
  10 * MINUTE,
);

test(
  'server CA replaced: each verifying client twice, repo-server once',
  async () => {
    const { row, rotation } = await rotate(
      'server CA replaced',
      async () => {
        await replaceCa(cluster.api, NS, 'serving-ca');
        await renewCertificate(cluster.api, NS, 'repo-serving');
      },
      900,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1, ...each(2) });
    expect(rotation).toMatchObject({ changeClass: 'server-ca', proof: 'taken' });
  },
  20 * MINUTE,
);

test(
  'both CAs replaced while the agent was away: one plan, repo-server twice, each verifying client twice',
  async () => {
    const { row, rotation } = await rotate(
      'both CAs replaced',
      async () => {
        await agent.scale(0);
        await replaceCa(cluster.api, NS, 'repo-ca');
        await replaceCa(cluster.api, NS, 'serving-ca');
        await renewCertificate(cluster.api, NS, 'repo-client');
        await renewCertificate(cluster.api, NS, 'repo-serving');
        await agent.scale(1);
      },
      1_200,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 2, ...each(2) });
    expect(rotation).toMatchObject({ changeClass: 'both', proof: 'taken' });
  },
  25 * MINUTE,
);

test(
  'a second instance without preStop is enabled beside it: no call failed by TLS',
  async () => {
    const namespace = 'argocd-two';
    await createCa(cluster.api, { namespace, name: 'repo-ca' });
    await createClientCertificate(cluster.api, { namespace, name: 'repo-client', issuer: 'repo-ca' });
    const row = await measure(
      cluster.api,
      {
        change: 'enable, without preStop',
        namespace,
        applications: [...applicationPaths],
        refreshes: REFRESHES,
      },
      async () => {
        await agent.configure(config(verified(), { name: 'two', namespace, clients: client }));
        await nextRotation((await finishedRotations(namespace, 'two')).length, 360, namespace, 'two');
      },
    );
    rows.push(row);
    expect({ failedByTls: row.traffic.failedByTls, comparisonErrors: row.comparisonErrors }).toEqual({
      failedByTls: 0,
      comparisonErrors: [],
    });
    expect(row.restarts).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
  },
  10 * MINUTE,
);

const TWO = 'argocd-two';
const two = (over: Record<string, unknown> = {}) => ({
  name: 'two',
  namespace: TWO,
  clients: client,
  ...over,
});

test(
  'a CA that cert-manager replaced without issuing the leaf anew: trusted first, then the leaf is asked for',
  async () => {
    const before = (await finishedRotations(TWO, 'two')).length;
    const asking = {
      default: {
        certManager: {
          certificate: 'repo-client',
          issuerCa: { secret: 'repo-ca', key: 'tls.crt' },
          reissue: 'when-ca-replaced',
        },
      },
    };
    let rotation: FinishedRotation | undefined;
    const row = await measure(
      cluster.api,
      {
        change: 'client CA replaced, leaf re-issued on request, without preStop',
        namespace: TWO,
        applications: [...applicationPaths],
        refreshes: REFRESHES,
      },
      async () => {
        await agent.configure(config(verified(), two({ clients: asking })));
        await replaceCa(cluster.api, TWO, 'repo-ca');
        rotation = await nextRotation(before, 600, TWO, 'two');
      },
    );
    rows.push(row);
    expect({ failedByTls: row.traffic.failedByTls, comparisonErrors: row.comparisonErrors }).toEqual({
      failedByTls: 0,
      comparisonErrors: [],
    });
    expect(row.restarts).toEqual({ 'repo-server': 2 });
    expect(rotation).toMatchObject({ changeClass: 'client-ca', proof: 'taken' });
  },
  15 * MINUTE,
);

test(
  'a target Secret that another controller writes is held, its owner named, and left alone',
  async () => {
    const target = 'argocd-repo-server-tls';
    const direct = { namespace: TWO, name: 'direct-serving', issuer: 'repo-ca', secretName: target };
    await createServingCertificate(cluster.api, direct);
    await createServingCertificate(cluster.api, { namespace: TWO, name: 'repo-serving', issuer: 'repo-ca' });
    const before = await issuedMaterial(cluster.api, TWO, target);
    await agent.configure(config(verified(), two({ serving })));
    const held = await until('the hold to be told', 120, async () =>
      (await agent.logs())
        .split('\n')
        .find((line) => line.includes('foreign-owner') && line.includes('"two"')),
    );
    expect(held).toContain('direct-serving');
    expect(await issuedMaterial(cluster.api, TWO, target)).toEqual(before);
    await agent.configure(config(verified(), two()));
    await cluster.api.remove(certificatePath(TWO, 'direct-serving'));
  },
  10 * MINUTE,
);

test(
  'what it costs and how fast it is, beside thousands of foreign Secrets: printed, not asserted',
  async () => {
    const foreign = TIER === 'full' ? 10_000 : 1_000;
    const settle = async () => {
      const before = (await finishedRotations(NS, 'argocd')).at(-1)?.id;
      const latency = await publishLatency(cluster.api, NS);
      await until('the leaf rotation to end', 120, async () => {
        const journal = await agent.journal(NS, 'argocd');
        return journal?.rotation === undefined && journal?.history.at(-1)?.id !== before ? true : undefined;
      });
      return latency;
    };
    const alone = { latency: await settle(), memory: await residentMemory() };
    await foreignSecrets(cluster.api, 'foreign', foreign);
    const crowded = { latency: await settle(), memory: await residentMemory() };
    await cluster.api.remove('/api/v1/namespaces/foreign');
    for (const [what, { latency, memory }] of Object.entries({
      'no foreign Secrets': alone,
      [`${foreign} foreign Secrets`]: crowded,
    })) {
      notes.push(
        `with ${what}: source Secret changed → published in ${latency.toFixed(0)} ms; resident memory of the agent ${memory.toFixed(0)} MB`,
      );
    }
  },
  15 * MINUTE,
);

test(
  'disable: repo-server once, no client',
  async () => {
    const { row, rotation } = await rotate(
      'disable',
      () => agent.configure(config(verified({ state: 'disabled' }))),
      300,
    );
    expectNoFailure(row);
    expect(row.restarts).toEqual({ 'repo-server': 1 });
    expect(rotation).toMatchObject({ changeClass: 'disable' });
  },
  10 * MINUTE,
);

const restartEverything = async () => {
  const kubectl = ['--kubeconfig', cluster.kubeconfig, '-n', NS, 'rollout', 'restart'];
  await shell('kubectl', [
    ...kubectl,
    'deployment',
    'argocd-repo-server',
    'argocd-server',
    'argocd-applicationset-controller',
    'argocd-notifications-controller',
  ]);
  await shell('kubectl', [...kubectl, 'statefulset', 'argocd-application-controller']);
};

/** As people do it today: the new content in one write, everything restarted at once. */
const byHand = async (change: string): Promise<Row> => {
  const { ca, certificate, key } = await issuedMaterial(cluster.api, NS, 'repo-client');
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const row = await measure(
    cluster.api,
    { change, namespace: NS, applications: [], refreshes: 0 },
    async () => {
      await cluster.api.merge(`/api/v1/namespaces/${NS}/secrets/argocd-repo-server-mtls`, {
        data: { 'client-ca.crt': base64(ca), 'client.crt': base64(certificate), 'client.key': base64(key) },
      });
      await restartEverything();
      await argoCdReady(cluster.api, NS);
      await sleep(15_000);
    },
  );
  rows.push(row);
  return row;
};

test(
  "beside it, the announcement's recipe: everything restarted at once cuts the control plane off",
  async () => {
    await agent.remove();
    await byHand('enabled by hand, everything restarted at once');
    const before = await issuedMaterial(cluster.api, NS, 'repo-client');
    await replaceCa(cluster.api, NS, 'repo-ca');
    await renewCertificate(cluster.api, NS, 'repo-client');
    const after = await issuedMaterial(cluster.api, NS, 'repo-client');
    expect(after.ca).not.toBe(before.ca);
    const row = await byHand('client CA replaced by hand, everything restarted at once');
    expect(row.traffic.failedByTls).toBeGreaterThan(0);
  },
  10 * MINUTE,
);
