import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { createCluster } from '../../agent/kube/cluster.ts';
import { ApiError } from '../../agent/model/errors.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Cluster, Random, SecretIntent } from '../../agent/ports.ts';
import { type ManualClock, manualClock } from '../kit/api-server/clock.ts';
import { type ApiServer, startApiServer } from '../kit/api-server/index.ts';

const random: Random = { hex: (bytes) => '80'.repeat(bytes) };
const NAMESPACE = 'argocd';
const KEY = 'PRIVATE-KEY-MATERIAL';

const intent: SecretIntent = {
  namespace: NAMESPACE,
  name: 'mtls',
  type: 'Opaque',
  annotations: {},
  labels: {},
  data: new Map([['client.key', SecretBytes.of(KEY)]]),
  ownership: 'refuse-conflicts',
};

let clock: ManualClock;
let api: ApiServer;
let cluster: Cluster;

/** Moves time on until `call` has ended. */
const finish = async <T>(call: Promise<T>): Promise<T | ApiError> => {
  let ended = false;
  const result = call.then(
    (value) => value,
    (error: unknown) => {
      if (error instanceof ApiError) return error;
      throw error;
    },
  );
  void result.finally(() => {
    ended = true;
  });
  while (!ended) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(50);
  }
  return await result;
};

beforeEach(async () => {
  clock = manualClock();
  api = await startApiServer({ clock });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(api.kubeconfig);
  cluster = createCluster({ kubeConfig, clock, random, reporter: 'test', timeout: 60_000 });
});

afterEach(async () => {
  await api.close();
  expect(api.violations).toEqual([]);
  expect(api.faults.pending).toBe(0);
});

describe('a read', () => {
  test('of an ExternalSecret asks for the version before, where the server does not know v1', async () => {
    api.objects.put({
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'ExternalSecret',
      metadata: { name: 'es', namespace: NAMESPACE },
      spec: { target: { name: 'target' } },
    });
    api.unserve('external-secrets.io/v1');
    expect(await finish(cluster.readExternalSecret(NAMESPACE, 'es'))).toMatchObject({ target: 'target' });
  });

  test('survives a 503, a closed connection and a lost answer in a row', async () => {
    api.faults.next({ verb: 'get' }, { status: 503 });
    api.faults.next({ verb: 'get' }, { close: true });
    api.faults.next({ verb: 'get' }, { drop: true });
    expect(await finish(cluster.readSecret(NAMESPACE, 'mtls'))).toBeUndefined();
    expect(api.calls).toHaveLength(4);
  });

  test('that is never answered ends as a time-out', async () => {
    api.faults.next({ verb: 'get' }, { hang: true }, 4);
    const failure = await finish(cluster.readSecret(NAMESPACE, 'mtls'));
    expect(failure).toMatchObject({ reason: 'timeout', kind: 'transient', verb: 'get' });
  });
});

describe('a write', () => {
  test('that was turned away with 429 is made again', async () => {
    api.faults.next({ verb: 'patch' }, { status: 429, retryAfter: 1 });
    const stored = await finish(cluster.applySecret(intent, { expect: 'absent' }));
    expect(stored).toMatchObject({ name: 'mtls' });
    expect(api.writes).toHaveLength(1);
  });

  test('whose answer was lost is not made again: the caller looks first', async () => {
    api.faults.next({ verb: 'patch' }, { drop: true });
    const failure = await finish(cluster.applySecret(intent, { expect: 'absent' }));
    expect(failure).toMatchObject({ reason: 'unreachable', kind: 'transient' });
    expect(api.writes).toHaveLength(1);
    expect(api.objects.get('Secret', NAMESPACE, 'mtls')).toBeDefined();
  });

  test.each([400, 401, 403, 404, 409, 422, 500, 504])(
    'that fails with %i shows nothing of the Secret, printed in any way',
    async (status) => {
      api.faults.next({ verb: 'patch' }, { status });
      const failure = await finish(cluster.applySecret(intent, { expect: 'absent' }));
      expect(failure).toBeInstanceOf(ApiError);
      const shown = `${inspect(failure, { depth: 20, showHidden: true })}${JSON.stringify(failure)}${String(failure)}`;
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain(Buffer.from(KEY).toString('base64'));
    },
  );

  test('of a process that was killed before it changes nothing, after it has changed everything', async () => {
    api.setOnWrite((phase) => (phase === 'before' ? 'kill' : undefined));
    expect(await finish(cluster.applySecret(intent, { expect: 'absent' }))).toMatchObject({
      reason: 'unreachable',
    });
    expect(api.objects.get('Secret', NAMESPACE, 'mtls')).toBeUndefined();

    const next = new KubeConfig();
    next.loadFromString(api.kubeconfigFor('agent-2'));
    const second = createCluster({ kubeConfig: next, clock, random, reporter: 'test' });
    api.setOnWrite((phase) => (phase === 'after' ? 'kill' : undefined));
    expect(await finish(second.applySecret(intent, { expect: 'absent' }))).toMatchObject({
      reason: 'unreachable',
    });
    expect(api.objects.get('Secret', NAMESPACE, 'mtls')).toBeDefined();
    expect(await finish(second.readSecret(NAMESPACE, 'mtls'))).toMatchObject({ reason: 'unreachable' });
  });
});

describe('an eviction', () => {
  test('that a disruption budget forbids is reported at once, not tried again', async () => {
    api.objects.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: NAMESPACE },
      spec: { containers: [] },
    });
    api.pods.protect(NAMESPACE, 'p');
    const failure = await finish(cluster.evict(NAMESPACE, 'p', 'any'));
    expect(failure).toMatchObject({ reason: 'too-many-requests', resource: 'pods/eviction' });
    expect(api.calls).toEqual(['create pods/eviction argocd/p']);
  });
});

test('a namespace with many pods is listed in pages', async () => {
  for (let number = 0; number < 600; number += 1) {
    api.objects.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p-${String(number).padStart(3, '0')}`, namespace: NAMESPACE },
      spec: { containers: [] },
    });
  }
  const pods = await finish(cluster.listPods(NAMESPACE));
  expect(pods).toHaveLength(600);
  expect(api.calls).toHaveLength(3);
});
