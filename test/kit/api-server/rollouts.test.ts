import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toPod, toWorkload } from '../../../agent/kube/convert-workload.ts';
import type { Pod, Workload } from '../../../agent/model/workload.ts';
import { type ManualClock, manualClock } from './clock.ts';
import { type ApiServer, type JsonObject, type RunningPod, startApiServer } from './index.ts';

const NAMESPACE = 'argocd';
const IDENTITY = { name: 'w', namespace: NAMESPACE };

const body = (kind: string, spec: JsonObject, restart = 'one'): JsonObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: IDENTITY,
  spec: {
    selector: { matchLabels: { app: 'w' } },
    template: {
      metadata: { labels: { app: 'w' }, annotations: { restart } },
      spec: { containers: [{ name: 'main', image: 'i' }] },
    },
    ...spec,
  },
});

let clock: ManualClock;
let api: ApiServer;
/** Pods whose readiness (`start`) or end (`stop`) is held back, by name. */
let held: Map<string, () => void>;
let holding: { start: boolean; stop: boolean };
/** What a rollout never may do is looked at after each change. */
let fewestReady: number;

const pods = (): readonly Pod[] => api.objects.list('Pod', NAMESPACE).map(toPod);
const live = (): readonly Pod[] => pods().filter((pod) => !pod.terminating);
const workload = (kind: Workload['ref']['kind']): Workload =>
  toWorkload(kind, api.objects.get(kind, NAMESPACE, 'w') ?? {});
const on = (restart: string): number =>
  live().filter((pod) => pod.annotations.restart === restart && pod.ready).length;
const settled = (kind: Workload['ref']['kind']): boolean => {
  const { generation, replicas, status } = workload(kind);
  return (
    status.observedGeneration === generation &&
    status.updatedReplicas === replicas &&
    status.readyReplicas === replicas &&
    pods().length === replicas
  );
};
const hold = (pod: RunningPod, what: 'start' | 'stop'): Promise<void> | void =>
  holding[what] ? new Promise((resolve) => void held.set(`${what} ${pod.name}`, resolve)) : undefined;
const release = (): void => {
  for (const resolve of held.values()) resolve();
  held.clear();
};

/** Waits until so many pods are held back. A hook runs after the change that called for it, so `until` would look too early. */
const holds = async (count: number): Promise<void> => {
  while (held.size < count) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  clock = manualClock();
  held = new Map();
  holding = { start: false, stop: false };
  fewestReady = Number.POSITIVE_INFINITY;
  api = await startApiServer({
    clock,
    pods: { podStarted: (pod) => hold(pod, 'start'), podStopping: (pod) => hold(pod, 'stop') },
  });
});

afterEach(async () => {
  release();
  await api.close();
});

/** Changes the template and watches how few pods are ready on the way. */
const roll = async (kind: Workload['ref']['kind'], spec: JsonObject): Promise<void> => {
  api.objects.put(body(kind, spec, 'two'));
  await api.until(() => {
    fewestReady = Math.min(fewestReady, live().filter((pod) => pod.ready).length);
    return settled(kind) && on('two') === Number(spec.replicas);
  }, 'the rollout is complete');
};

describe('a Deployment', () => {
  test('makes its pods, each with an address and a container of its own', async () => {
    api.objects.put(body('Deployment', { replicas: 2 }));
    await api.until(() => settled('Deployment'), 'both pods are ready');
    const [first, second] = pods();
    expect(first?.ip).not.toBe(second?.ip);
    expect(first?.containers[0]?.id).not.toBe(second?.containers[0]?.id);
    expect(first?.labels.app).toBe('w');
  });

  test('rolls without ever having fewer ready pods than it may', async () => {
    api.objects.put(body('Deployment', { replicas: 4 }));
    await api.until(() => settled('Deployment'), 'all are ready');
    await roll('Deployment', { replicas: 4 });
    expect(fewestReady).toBeGreaterThanOrEqual(3);
  });

  test('with one replica and the default strategy starts the new pod first', async () => {
    api.objects.put(body('Deployment', { replicas: 1 }));
    await api.until(() => settled('Deployment'), 'it is ready');
    await roll('Deployment', { replicas: 1 });
    expect(fewestReady).toBe(1);
  });

  test('that is recreated has no new pod before the last old one is gone', async () => {
    const spec = { replicas: 2, strategy: { type: 'Recreate' } };
    api.objects.put(body('Deployment', spec));
    await api.until(() => settled('Deployment'), 'both are ready');
    holding.stop = true;
    api.objects.put(body('Deployment', spec, 'two'));
    await holds(2);
    expect(pods().every((pod) => pod.terminating && pod.annotations.restart === 'one')).toBe(true);
    release();
    await api.until(() => settled('Deployment') && on('two') === 2, 'both new pods are ready');
  });

  test('that is paused keeps its old pods, and observes the new generation', async () => {
    api.objects.put(body('Deployment', { replicas: 1 }));
    await api.until(() => settled('Deployment'), 'it is ready');
    api.objects.put(body('Deployment', { replicas: 1, paused: true }, 'two'));
    await api.until(() => workload('Deployment').status.observedGeneration === 2, 'the change was seen');
    expect(on('one')).toBe(1);
    expect(workload('Deployment').paused).toBe(true);
  });

  test('whose new pod never gets ready keeps the old ones and misses its deadline', async () => {
    api.objects.put(body('Deployment', { replicas: 2 }));
    await api.until(() => settled('Deployment'), 'both are ready');
    holding.start = true;
    api.objects.put(body('Deployment', { replicas: 2 }, 'two'));
    await holds(1);
    expect(on('one')).toBe(2);
    expect(workload('Deployment').status.stalled).toBeUndefined();
    clock.advance(601_000);
    await api.until(
      () => workload('Deployment').status.stalled === 'ProgressDeadlineExceeded',
      'the deadline has passed',
    );
    expect(on('one')).toBe(2);
  });

  test('counts a pod as available only after minReadySeconds', async () => {
    api.objects.put(body('Deployment', { replicas: 1, minReadySeconds: 30 }));
    await api.until(() => workload('Deployment').status.readyReplicas === 1, 'it is ready');
    expect(workload('Deployment').status.availableReplicas).toBe(0);
    clock.advance(31_000);
    await api.until(() => workload('Deployment').status.availableReplicas === 1, 'it is available');
  });
});

describe('a StatefulSet', () => {
  test('makes pod after pod and rolls from the highest ordinal, one at a time', async () => {
    api.objects.put(body('StatefulSet', { replicas: 3 }));
    await api.until(() => settled('StatefulSet'), 'all are ready');
    expect(pods().map(({ name }) => name)).toEqual(['w-0', 'w-1', 'w-2']);
    await roll('StatefulSet', { replicas: 3 });
    expect(fewestReady).toBe(2);
    const { currentRevision, updateRevision } = workload('StatefulSet').status;
    expect(currentRevision).toBe(updateRevision);
  });

  test('leaves the pods below its partition alone', async () => {
    const spec = { replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    api.objects.put(body('StatefulSet', spec));
    await api.until(() => settled('StatefulSet'), 'both are ready');
    api.objects.put(body('StatefulSet', spec, 'two'));
    await api.until(() => on('two') === 1 && on('one') === 1, 'one pod has rolled');
    const { currentRevision, updateRevision, updatedReplicas } = workload('StatefulSet').status;
    expect(currentRevision).not.toBe(updateRevision);
    expect(updatedReplicas).toBe(1);
    api.pods.stop(NAMESPACE, 'w-0');
    await api.until(() => live().length === 2 && live().every((pod) => pod.ready), 'it is back');
    expect(live().find(({ name }) => name === 'w-0')?.annotations.restart).toBe('one');
  });

  test('with OnDelete rolls a pod only when somebody takes it away', async () => {
    const spec = { replicas: 2, updateStrategy: { type: 'OnDelete' } };
    api.objects.put(body('StatefulSet', spec));
    await api.until(() => settled('StatefulSet') || on('one') === 2, 'both are ready');
    api.objects.put(body('StatefulSet', spec, 'two'));
    await api.until(() => workload('StatefulSet').status.observedGeneration === 2, 'the change was seen');
    expect(on('one')).toBe(2);
    api.pods.stop(NAMESPACE, 'w-1');
    await api.until(() => on('two') === 1 && on('one') === 1, 'that pod is new');
  });
});

test('a restarted container has another id, another start and one restart more', async () => {
  api.objects.put(body('Deployment', { replicas: 1 }));
  await api.until(() => settled('Deployment'), 'it is ready');
  const [before] = pods();
  clock.advance(5_000);
  await api.pods.restartContainers(NAMESPACE, before?.name ?? '');
  await api.until(
    () => pods()[0]?.ready === true && pods()[0]?.containers[0]?.restartCount === 1,
    'it is ready again',
  );
  const [after] = pods();
  expect(after?.uid).toBe(before?.uid);
  expect(after?.containers[0]?.id).not.toBe(before?.containers[0]?.id);
  expect(after?.containers[0]?.startedAt).toBeGreaterThan(before?.containers[0]?.startedAt ?? 0);
});

test('a pod that can’t start waits in CrashLoopBackOff', async () => {
  await api.close();
  const failing = { podStarted: () => Promise.reject(new Error('no such file')) };
  api = await startApiServer({ clock, pods: failing });
  api.objects.put(body('Deployment', { replicas: 1 }));
  await api.until(() => pods()[0]?.containers[0]?.waiting === 'CrashLoopBackOff', 'it waits');
  expect(pods()[0]?.ready).toBe(false);
});
