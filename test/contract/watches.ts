/**
 * Watches: what wakes the agent.
 *
 * **Invariant:** no sentence counts wakings, since a server may send more; each waits for one that must come.
 */
import { expect, test } from '@jest/globals';
import type { WatchTarget } from '../../agent/ports.ts';
import type { WorldOf } from './describe.ts';
import { EXTERNAL } from './external-secrets.ts';
import { absent, at, intent } from './help.ts';

/** A watch whose wakings can be waited for. */
const watching = (worldOf: WorldOf, target: WatchTarget) => {
  let wakings = 0;
  let notify: (() => void) | undefined;
  const watched = worldOf().agent.cluster.watch(target, () => {
    wakings += 1;
    notify?.();
  });
  return {
    stop: () => watched.stop(),
    count: () => wakings,
    /** Does `act` and waits until at least one waking has come since. */
    wakes: async (act: () => Promise<unknown>): Promise<void> => {
      const before = wakings;
      const woken = new Promise<void>((resolve) => {
        notify = () => {
          if (wakings > before) resolve();
        };
      });
      await act();
      notify?.();
      await woken;
      notify = undefined;
    },
  };
};

export const watchSentences = (worldOf: WorldOf): void => {
  test('a watch on one Secret wakes when it connects, and when that Secret appears, changes and goes', async () => {
    const { agent, namespace } = worldOf();
    const watch = watching(worldOf, { kind: 'Secret', namespace, name: 'watched' });
    try {
      await watch.wakes(async () => undefined);
      await watch.wakes(() => agent.cluster.applySecret(intent(namespace, 'watched', { a: '1' }), absent));
      const read = await agent.cluster.readSecret(namespace, 'watched');
      if (read === undefined) throw new Error('it is not there');
      await watch.wakes(() => agent.cluster.applySecret(intent(namespace, 'watched', { a: '2' }), at(read)));
      const now = await agent.cluster.readSecret(namespace, 'watched');
      if (now === undefined) throw new Error('it is not there');
      await watch.wakes(() => agent.cluster.deleteSecret(namespace, 'watched', at(now)));
    } finally {
      watch.stop();
    }
  });

  test('a watch on Certificates by label wakes when one that carries it appears', async () => {
    const { admin, namespace } = worldOf();
    const labels = { 'contract/watched': 'yes' };
    const watch = watching(worldOf, { kind: 'Certificate', namespace, labels });
    const spec = {
      secretName: 's',
      commonName: 'c',
      issuerRef: { name: 'n', kind: 'Nothing', group: 'contract.example' },
    };
    try {
      await watch.wakes(async () => undefined);
      await watch.wakes(() => admin.create('Certificate', 'watched', { spec }, 'contract-admin', { labels }));
    } finally {
      watch.stop();
    }
  });

  test('a watch on one ExternalSecret wakes when it appears', async () => {
    const { admin, namespace } = worldOf();
    const watch = watching(worldOf, { kind: 'ExternalSecret', namespace, name: 'watched' });
    try {
      await watch.wakes(async () => undefined);
      await watch.wakes(() => admin.create('ExternalSecret', 'watched', { spec: EXTERNAL }));
    } finally {
      watch.stop();
    }
  });

  test('a watch on one Secret is not woken by another one', async () => {
    const { agent, namespace } = worldOf();
    const watch = watching(worldOf, { kind: 'Secret', namespace, name: 'mine' });
    try {
      await watch.wakes(async () => undefined);
      const before = watch.count();
      await agent.cluster.applySecret(intent(namespace, 'not-mine', { a: '1' }), absent);
      // Changes come in order: by the time this one has come, the foreign one would have.
      await watch.wakes(() => agent.cluster.applySecret(intent(namespace, 'mine', { a: '1' }), absent));
      expect(watch.count()).toBe(before + 1);
    } finally {
      watch.stop();
    }
  });

  test('watches on a namespace’s workloads and on one ConfigMap and Certificate connect', async () => {
    const { namespace, certificates } = worldOf();
    const targets: WatchTarget[] = [
      { kind: 'Deployment', namespace },
      { kind: 'StatefulSet', namespace },
      { kind: 'Pod', namespace },
      { kind: 'ConfigMap', namespace, name: 'any' },
      ...(certificates ? [{ kind: 'Certificate', namespace, name: 'any' } as const] : []),
    ];
    for (const target of targets) {
      const watch = watching(worldOf, target);
      try {
        await watch.wakes(async () => undefined);
      } finally {
        watch.stop();
      }
    }
  });

  test('a watch that asks for metadata alone is sent no data', async () => {
    const { admin } = worldOf();
    await admin.create('Secret', 'bodiless', { stringData: { a: 'not-to-be-seen' } });
    const answer = await admin.raw(admin.path('Secret'), {
      query: {
        watch: 'true',
        fieldSelector: 'metadata.name=bodiless',
        timeoutSeconds: '1',
        resourceVersion: '0',
      },
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    });
    const [first] = answer.text.split('\n').filter((line) => line !== '');
    const event = JSON.parse(first ?? '{}');
    expect(event).toMatchObject({
      type: 'ADDED',
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'bodiless' } },
    });
    expect(Object.keys(event.object).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  // Of a custom resource: its watch cache begins when its definition was installed, so `1` is past even on a new server.
  test('a watch from a resourceVersion that is long past gets 410 as an ERROR event', async () => {
    const { admin } = worldOf();
    const answer = await admin.raw(admin.path('Certificate'), {
      query: { watch: 'true', resourceVersion: '1', timeoutSeconds: '1' },
    });
    expect(answer.status).toBe(200);
    const [first] = answer.text.split('\n').filter((line) => line !== '');
    expect(JSON.parse(first ?? '{}')).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', reason: 'Expired', code: 410 },
    });
  });
};
