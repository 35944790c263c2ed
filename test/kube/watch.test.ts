import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { createCluster } from '../../agent/kube/cluster.ts';
import { linesOf } from '../../agent/kube/lines.ts';
import { ApiError } from '../../agent/model/errors.ts';
import type { Cluster, Random, Watched, WatchTarget } from '../../agent/ports.ts';
import { type ManualClock, manualClock } from '../kit/api-server/clock.ts';
import { type ApiServer, startApiServer } from '../kit/api-server/index.ts';

const random: Random = { hex: (bytes) => '80'.repeat(bytes) };
const NAMESPACE = 'argocd';
const target: WatchTarget = { kind: 'Secret', namespace: NAMESPACE, name: 'mtls' };
const secret = (value: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'mtls', namespace: NAMESPACE },
  data: { a: Buffer.from(value).toString('base64') },
});

let clock: ManualClock;
let api: ApiServer;
let cluster: Cluster;
let troubles: unknown[];
let wakings: number;
let watched: Watched | undefined;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Waits until `condition` holds; between looks `meanwhile` is done. */
const becomes = async (condition: () => boolean, meanwhile: () => void = () => undefined): Promise<void> => {
  const limit = performance.now() + 3_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`in three seconds it never came true that ${condition}`);
    await turn();
    meanwhile();
  }
};
/** Lets pending delays of the watch pass until `condition` holds. */
const passes = (condition: () => boolean): Promise<void> => becomes(condition, () => clock.advance(10));
const start = (): void => {
  watched = cluster.watch(target, () => {
    wakings += 1;
  });
};

beforeEach(async () => {
  clock = manualClock();
  api = await startApiServer({ clock });
  troubles = [];
  wakings = 0;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(api.kubeconfig);
  const onTrouble = (_target: WatchTarget, error: unknown): void => void troubles.push(error);
  cluster = createCluster({ kubeConfig, clock, random, reporter: 'test', onTrouble });
});

afterEach(async () => {
  watched?.stop();
  await api.close();
  expect(api.violations).toEqual([]);
});

describe('a watch', () => {
  test('wakes the agent when it connects and at each change of its object', async () => {
    start();
    await becomes(() => wakings === 1);
    api.objects.put(secret('one'));
    await becomes(() => wakings === 2);
    api.objects.put(secret('two'));
    await becomes(() => wakings === 3);
    api.objects.remove('Secret', NAMESPACE, 'mtls');
    await becomes(() => wakings === 4);
  });

  test('on an ExternalSecret takes the version before, where the server does not know v1', async () => {
    api.unserve('external-secrets.io/v1');
    watched = cluster.watch({ kind: 'ExternalSecret', namespace: NAMESPACE, name: 'es' }, () => {
      wakings += 1;
    });
    await passes(() => api.watches.count === 1);
    const before = wakings;
    const metadata = { name: 'es', namespace: NAMESPACE };
    api.objects.put({
      apiVersion: 'external-secrets.io/v1beta1',
      kind: 'ExternalSecret',
      metadata,
      spec: {},
    });
    await becomes(() => wakings > before);
  });

  test.each(['end', 'cut'] as const)(
    'comes back after its connection %ss, and wakes the agent then',
    async (how) => {
      start();
      await becomes(() => wakings === 1 && api.watches.count === 1);
      api.watches.disconnect(how);
      await becomes(() => api.watches.count === 0);
      api.objects.put(secret('while-it-was-away'));
      await passes(() => api.watches.count === 1);
      await becomes(() => wakings >= 3);
    },
  );

  test('resumes where it was: what happened while it was away is sent, and no more', async () => {
    api.objects.put(secret('one'));
    start();
    await becomes(() => wakings === 2);
    api.watches.disconnect('end');
    await becomes(() => api.watches.count === 0);
    await passes(() => api.watches.count === 1);
    await turn();
    // Connected twice, and the object once: it was not sent again.
    expect(wakings).toBe(3);
  });

  test('begins anew from the present state after a 410', async () => {
    api.objects.put(secret('one'));
    start();
    await becomes(() => wakings === 2);
    api.watches.disconnect('cut');
    api.objects.put(secret('unseen'));
    api.compact();
    await passes(() => troubles.some((error) => error instanceof ApiError && error.reason === 'gone'));
    await passes(() => wakings >= 4 && api.watches.count === 1);
  });

  test('stays away longer after each refusal and comes back when it is let in', async () => {
    api.setRules([]);
    const refusedAt: number[] = [];
    start();
    await becomes(
      () => refusedAt.length === 5,
      () => {
        if (troubles.length > refusedAt.length) refusedAt.push(clock.now());
        else clock.advance(10);
      },
    );
    const gaps = refusedAt.slice(1).map((at, index) => at - (refusedAt[index] ?? 0));
    for (const [index, gap] of gaps.slice(1).entries()) expect(gap).toBeGreaterThan(gaps[index] ?? 0);
    expect(troubles[0]).toMatchObject({ reason: 'forbidden', verb: 'watch', resource: 'secrets' });
    api.setRules([{ namespaces: ['*'], apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]);
    await passes(() => wakings === 1);
  });

  test('that is silent for too long is taken for dead and made anew', async () => {
    start();
    await becomes(() => wakings === 1 && api.watches.count === 1);
    // Nothing moves on the wire: neither the server's end of the watch nor a bookmark.
    clock.advance(151_000);
    await passes(() => wakings >= 2);
  });

  test('that was stopped wakes nobody and does not come back', async () => {
    start();
    await becomes(() => wakings === 1 && api.watches.count === 1);
    watched?.stop();
    await becomes(() => api.watches.count === 0);
    clock.advance(600_000);
    await turn();
    expect(wakings).toBe(1);
    expect(api.watches.count).toBe(0);
  });

  test('a bookmark moves where it resumes and wakes nobody', async () => {
    start();
    await becomes(() => wakings === 1 && api.watches.count === 1);
    api.objects.put({ ...secret('foreign'), metadata: { name: 'other', namespace: NAMESPACE } });
    api.watches.bookmark();
    api.compact();
    api.watches.bookmark();
    api.objects.put(secret('one'));
    await becomes(() => wakings === 2);
    api.watches.disconnect('end');
    await becomes(() => api.watches.count === 0);
    await passes(() => api.watches.count === 1);
    expect(troubles).toEqual([]);
  });
});

describe('lines of a stream', () => {
  const stream = (...chunks: readonly string[]): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
  const collect = async (source: ReadableStream<Uint8Array>): Promise<readonly string[]> => {
    const lines: string[] = [];
    for await (const line of linesOf(source)) lines.push(line);
    return lines;
  };

  test('are whole however the bytes come, and the last needs no end', async () => {
    expect(await collect(stream('{"a"', ':1}\n{"b":2}\n\n{"c', '":3}'))).toEqual([
      '{"a":1}',
      '{"b":2}',
      '{"c":3}',
    ]);
  });

  test('beyond any object’s size end the stream', async () => {
    await expect(collect(stream('x'.repeat(9 * 1024 * 1024)))).rejects.toThrow('longer than any API object');
  });
});
