/**
 * Pods that a workload's strategy keeps (`OnDelete`, `partition`): named, or evicted one by one.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { UpdateStrategy } from '../../agent/model/workload.ts';
import { certificate, HOUR, Installation, issue, MINUTE } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished, heldWhat } from './finished.ts';

const LIMIT = 120_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const client = (ca: ReturnType<typeof makeCa>) => issue(installation.api, NS, 'repo-client', ca, 'client');

/** Strategies that keep pods, and what the hold says of them. */
const keeping: readonly {
  readonly strategy: UpdateStrategy;
  readonly keeps: number;
  readonly said: string;
}[] = [
  { strategy: { type: 'OnDelete' }, keeps: 2, said: 'OnDelete' },
  { strategy: { type: 'RollingUpdate', partition: 1 }, keeps: 1, said: 'partition' },
  { strategy: { type: 'RollingUpdate', partition: 5 }, keeps: 2, said: 'partition' },
];
const CONTROLLER = 'argocd-application-controller';
const VERIFYING = { serving: certificate('repo-serving'), verification: 'on' } as const;

/** Two controller shards under a strategy that keeps pods, mTLS enabled, nobody verifying yet. */
const startKeeping = async (strategy: UpdateStrategy): Promise<void> => {
  installation = await Installation.start({
    workloads: (workload) =>
      workload.ref.name === CONTROLLER ? { ...workload, strategy, replicas: 2 } : workload,
  });
  client(makeCa({ name: 'Client CA' }));
  await installation.agent().run();
};

/** Verification switched on, and for one of the strategies the server's CA replaced as well: one restart of each client, and two. */
const serverChanges = ({
  type,
}: UpdateStrategy): readonly { readonly restarts: number; readonly make: () => unknown }[] => {
  const ca = makeCa({ name: 'Server CA' });
  const serving = (authority: typeof ca) => issue(installation.api, NS, 'repo-serving', authority, 'serving');
  return [
    { restarts: 1, make: () => serving(ca) },
    ...(type === 'OnDelete' ? [{ restarts: 2, make: () => serving(replaceCa(ca)) }] : []),
  ];
};

test.each(keeping)(
  'pods that $strategy keeps: the plan rests in a state that names them, and goes on when somebody has deleted them',
  async ({ strategy, keeps, said }) => {
    await startKeeping(strategy);
    for (const { restarts, make } of serverChanges(strategy)) {
      const writes = installation.api.writes.length;
      make();
      let holds = 0;
      for (;;) {
        const agent = installation.agent(VERIFYING);
        if ((await agent.run()).at(-1) !== 'held rollout-named-state') break;
        holds += 1;
        const what = heldWhat(agent.told) ?? '';
        const named = installation.podNames('application-controller').filter((name) => what.includes(name));
        expect([what.includes(said), named.length]).toEqual([true, keeps]);
        expect(installation.traffic.failed).toEqual([]);
        // Held is held: the next agent calls every repo-server, and touches nothing.
        const before = installation.api.writes.length;
        expect((await installation.agent(VERIFYING).run()).at(-1)).toBe('held rollout-named-state');
        const touched = installation.api.writes.slice(before).map(({ resource }) => resource);
        expect(touched.filter((resource) => resource !== 'configmaps')).toEqual([]);
        for (const name of named) {
          installation.api.pods.stop(NS, name);
          await installation.quiet();
          await installation.pass(MINUTE);
        }
      }
      expect(holds).toBe(restarts);
      expect(evictions(writes)).toEqual([]);
      expect(installation.restarts(writes)['application-controller']).toBe(restarts);
      await expectFinished(installation, VERIFYING);
      await installation.pass(2 * HOUR);
    }
  },
  LIMIT,
);

const evictions = (since: number): readonly string[] =>
  installation.api.writes
    .slice(since)
    .filter(({ resource, status }) => resource === 'pods/eviction' && status < 300)
    .map(({ name }) => name ?? '');

test.each(keeping)(
  'pods that $strategy keeps are evicted where that is allowed: one by one, from the highest ordinal, up to the proof',
  async ({ strategy, keeps }) => {
    await startKeeping(strategy);
    const settings = { ...VERIFYING, evictions: 'allowed' } as const;
    const away: number[] = [];
    installation.onWrite = (phase, { resource }) => {
      if (phase === 'before' && resource === 'pods/eviction') {
        away.push(2 - installation.readyPods('application-controller').length);
      }
      return undefined;
    };
    for (const { restarts, make } of serverChanges(strategy)) {
      const writes = installation.api.writes.length;
      make();
      await installation.agent(settings).run();
      const once = [`${CONTROLLER}-1`, `${CONTROLLER}-0`].slice(-keeps);
      expect(evictions(writes)).toEqual(Array.from({ length: restarts }, () => once).flat());
      expect(installation.restarts(writes)['application-controller']).toBe(restarts);
      await expectFinished(installation, settings);
      await installation.pass(2 * HOUR);
    }
    // Nobody was evicted while the other one was away.
    expect(new Set(away)).toEqual(new Set([0]));
  },
  LIMIT,
);

test(
  'an eviction that a PodDisruptionBudget refuses is asked for again later, and the rotation ends',
  async () => {
    const strategy = { type: 'RollingUpdate', partition: 1 } as const;
    await startKeeping(strategy);
    const settings = { ...VERIFYING, evictions: 'allowed' } as const;
    const [first] = serverChanges(strategy);
    first?.make();
    installation.api.pods.protect(NS, `${CONTROLLER}-0`);
    let refused = 0;
    installation.onWrite = (phase, { resource }) => {
      if (phase === 'after' && resource === 'pods/eviction') refused += 1;
      if (refused === 3) installation.api.pods.unprotect(NS, `${CONTROLLER}-0`);
      return undefined;
    };
    const agent = installation.agent(settings);
    for (let tries = 0; tries < 10 && refused < 3; tries += 1) {
      await agent.run().catch(() => installation.pass(30_000));
    }
    await agent.run();
    expect(refused).toBeGreaterThanOrEqual(3);
    expect(evictions(0)).toEqual([`${CONTROLLER}-0`]);
    await expectFinished(installation, settings);
  },
  LIMIT,
);
