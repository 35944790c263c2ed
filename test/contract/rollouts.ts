/**
 * What a changed template does to pods, and what the status says about it: the stand-in's controllers against the real ones.
 *
 * **Invariant:** only ends of rollouts are compared, and what may never be seen on the way; never how long a step takes.
 */
import { expect, test } from '@jest/globals';
import { ApiError } from '../../agent/model/errors.ts';
import type { Pod, Workload, WorkloadRef } from '../../agent/model/workload.ts';
import type { WorldOf } from './describe.ts';
import { failureOf, present } from './help.ts';

const LIMIT = 90_000;

type Kind = WorkloadRef['kind'];
type Spec = Readonly<Record<string, unknown>>;

export const rolloutSentences = (worldOf: WorldOf): void => {
  const podsOf = async (app: string): Promise<readonly Pod[]> => {
    const { agent, namespace } = worldOf();
    return (await agent.cluster.listPods(namespace)).filter(({ labels }) => labels.app === app);
  };

  const find = async (app: string): Promise<Workload> => {
    const { agent, namespace } = worldOf();
    return present((await agent.cluster.listWorkloads(namespace)).find(({ ref }) => ref.name === app));
  };

  /** Looks again whenever a workload or a pod changed, until `condition` holds. */
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    const { agent, namespace } = worldOf();
    let woken = true;
    let wake = (): void => undefined;
    const watches = (['Deployment', 'StatefulSet', 'Pod'] as const).map((kind) =>
      agent.cluster.watch({ kind, namespace }, () => {
        woken = true;
        wake();
      }),
    );
    try {
      for (;;) {
        woken = false;
        if (await condition()) return;
        if (!woken) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      for (const watched of watches) watched.stop();
    }
  };

  const create = async (kind: Kind, app: string, spec: Spec): Promise<void> => {
    const { admin, image } = worldOf();
    await admin.create(kind, app, {
      spec: {
        ...spec,
        ...(kind === 'StatefulSet' ? { serviceName: 'none' } : {}),
        selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app } },
          spec: {
            serviceAccountName: 'agent',
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 1,
            containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent' }],
          },
        },
      },
    });
  };

  /** As the agent asks for a restart: bound to what it read, read again where it changed. */
  const restart = async (app: string, value: string): Promise<void> => {
    const { ref, uid, resourceVersion } = await find(app);
    try {
      await worldOf().agent.cluster.annotateTemplate(
        ref,
        { 'x.dev/restart': value },
        { expect: 'version', uid, resourceVersion },
      );
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'conflict') throw error;
      await restart(app, value);
    }
  };

  const isSettled = async (app: string): Promise<boolean> => {
    const { generation, replicas, status } = await find(app);
    const counts = [status.replicas, status.readyReplicas, status.availableReplicas];
    const pods = await podsOf(app);
    return (
      status.observedGeneration >= generation &&
      counts.every((count) => count === replicas) &&
      pods.length === replicas &&
      pods.every(({ ready, terminating }) => ready && !terminating)
    );
  };

  const isComplete = async (app: string): Promise<boolean> => {
    const { replicas, status } = await find(app);
    return status.updatedReplicas === replicas && (await isSettled(app));
  };

  /** Restart annotations of the pods, by name. A pod whose containers have ended may be listed for a while: it is none any more. */
  const restartsOf = async (app: string): Promise<readonly (string | undefined)[]> =>
    (await podsOf(app))
      .filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ annotations }) => annotations['x.dev/restart']);

  test(
    'a running pod tells its address, node, container and since when it is ready',
    async () => {
      await create('Deployment', 'facts', { replicas: 1 });
      await until(() => isComplete('facts'));
      const [pod] = await podsOf('facts');
      expect(pod).toMatchObject({ phase: 'Running', ready: true, terminating: false });
      expect(pod?.ip).toMatch(/^[\d.]+$/);
      expect(pod?.node).toBeDefined();
      expect(pod?.containers).toHaveLength(1);
      expect(pod?.containers[0]).toMatchObject({
        name: 'main',
        ready: true,
        restartCount: 0,
        waiting: undefined,
      });
      expect(pod?.containers[0]?.id).toMatch(/^[a-z-]+:\/\/[0-9a-f]{64}$/);
      const { createdAt, startedAt, readySince } = present(pod);
      expect(startedAt).toBeGreaterThanOrEqual(createdAt);
      expect(readySince).toBeGreaterThanOrEqual(present(startedAt));
      expect(pod?.containers[0]?.startedAt).toBeGreaterThanOrEqual(present(startedAt));
    },
    LIMIT,
  );

  test(
    'an annotated Deployment replaces every pod and never has fewer available than it may',
    async () => {
      await create('Deployment', 'rolled', { replicas: 2 });
      await until(() => isComplete('rolled'));
      const before = (await podsOf('rolled')).map(({ uid }) => uid);
      await restart('rolled', 'two');
      let fewest = 2;
      await until(async () => {
        fewest = Math.min(fewest, (await find('rolled')).status.availableReplicas);
        return isComplete('rolled');
      });
      expect(fewest).toBe(2);
      expect(await restartsOf('rolled')).toEqual(['two', 'two']);
      expect((await podsOf('rolled')).filter(({ uid }) => before.includes(uid))).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a recreated Deployment never has old and new pods running at once',
    async () => {
      await create('Deployment', 'recreated', { replicas: 1, strategy: { type: 'Recreate' } });
      await until(() => isComplete('recreated'));
      await restart('recreated', 'two');
      await until(async () => {
        const kinds = new Set(await restartsOf('recreated'));
        expect(kinds.size).toBeLessThanOrEqual(1);
        return isComplete('recreated');
      });
      expect(await restartsOf('recreated')).toEqual(['two']);
    },
    LIMIT,
  );

  test(
    'a paused Deployment observes the change, keeps its pods, and counts none of them as updated',
    async () => {
      await create('Deployment', 'paused', { replicas: 1 });
      await until(() => isComplete('paused'));
      await worldOf().admin.patch('Deployment', 'paused', { spec: { paused: true } });
      await restart('paused', 'two');
      await until(() => isSettled('paused'));
      expect(await find('paused')).toMatchObject({ paused: true, status: { updatedReplicas: 0 } });
      expect(await restartsOf('paused')).toEqual([undefined]);
    },
    LIMIT,
  );

  test(
    'a StatefulSet rolls in order and ends with one revision',
    async () => {
      await create('StatefulSet', 'ordered', { replicas: 2 });
      await until(() => isComplete('ordered'));
      await restart('ordered', 'two');
      await until(async () => {
        const restarts = await restartsOf('ordered');
        // The highest ordinal goes first: pod 0 is never new while pod 1 is old.
        expect(restarts.join()).not.toBe('two,');
        return isComplete('ordered');
      });
      expect((await podsOf('ordered')).map(({ name }) => name).sort()).toEqual(['ordered-0', 'ordered-1']);
      await until(async () => {
        const { currentRevision, updateRevision } = (await find('ordered')).status;
        return currentRevision === updateRevision;
      });
    },
    LIMIT,
  );

  test(
    'a StatefulSet with OnDelete gives the new template only to a pod that is evicted',
    async () => {
      const { agent, namespace } = worldOf();
      await create('StatefulSet', 'on-delete', { replicas: 2, updateStrategy: { type: 'OnDelete' } });
      await until(() => isSettled('on-delete'));
      await restart('on-delete', 'two');
      await until(() => isSettled('on-delete'));
      expect(await restartsOf('on-delete')).toEqual([undefined, undefined]);
      const { currentRevision, updateRevision } = (await find('on-delete')).status;
      expect(updateRevision).not.toBe(currentRevision);
      const victim = present((await podsOf('on-delete')).find(({ name }) => name === 'on-delete-0'));
      await agent.cluster.evict(namespace, victim.name, victim.uid);
      await until(async () => {
        const pods = await podsOf('on-delete');
        return pods.every(({ uid }) => uid !== victim.uid) && (await isSettled('on-delete'));
      });
      expect(await restartsOf('on-delete')).toEqual(['two', undefined]);
      expect((await find('on-delete')).status.updatedReplicas).toBe(1);
    },
    LIMIT,
  );

  test(
    'a StatefulSet with a partition leaves the pods below it as they are, even where they are made anew',
    async () => {
      const { agent, namespace } = worldOf();
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
      await create('StatefulSet', 'parted', { replicas: 2, updateStrategy });
      await until(() => isSettled('parted'));
      await restart('parted', 'two');
      await until(
        async () => (await find('parted')).status.updatedReplicas === 1 && (await isSettled('parted')),
      );
      expect(await restartsOf('parted')).toEqual([undefined, 'two']);
      const victim = present((await podsOf('parted')).find(({ name }) => name === 'parted-0'));
      await agent.cluster.evict(namespace, victim.name, victim.uid);
      await until(async () => {
        const pods = await podsOf('parted');
        return pods.every(({ uid }) => uid !== victim.uid) && (await isSettled('parted'));
      });
      expect(await restartsOf('parted')).toEqual([undefined, 'two']);
    },
    LIMIT,
  );

  test(
    'an eviction that a PodDisruptionBudget forbids is too-many-requests, and goes through once nothing forbids it',
    async () => {
      const { agent, admin, namespace } = worldOf();
      await create('Deployment', 'guarded', { replicas: 1 });
      await until(() => isSettled('guarded'));
      const selector = { matchLabels: { app: 'guarded' } };
      await admin.create('PodDisruptionBudget', 'guarded', { spec: { minAvailable: 1, selector } });
      const victim = present((await podsOf('guarded'))[0]);
      const failure = await failureOf(agent.cluster.evict(namespace, victim.name, victim.uid));
      expect(failure).toMatchObject({ reason: 'too-many-requests', kind: 'transient', status: 429 });
      expect((await podsOf('guarded')).map(({ uid, terminating }) => [uid, terminating])).toEqual([
        [victim.uid, false],
      ]);
      await admin.remove('PodDisruptionBudget', 'guarded');
      await agent.cluster.evict(namespace, victim.name, victim.uid);
      await until(async () => {
        const pods = await podsOf('guarded');
        return pods.every(({ uid }) => uid !== victim.uid) && (await isSettled('guarded'));
      });
    },
    LIMIT,
  );
};
