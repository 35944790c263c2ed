/**
 * Rollouts that don't end by themselves, and pods that come and go uncalled.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import type { UpdateStrategy } from '../../agent/model/workload.ts';
import { withContainer } from '../kit/argocd/variants.ts';
import { certificate, HOUR, Installation, issue, MINUTE, testSettings } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 120_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const client = (ca: ReturnType<typeof makeCa>) => issue(installation.api, NS, 'repo-client', ca, 'client');
const stepsBegun = (happenings: readonly Happening[]) =>
  happenings.filter((happening) => happening.type === 'step-started').length;
const heldWhat = (happenings: readonly Happening[]) => {
  const held = happenings.findLast((happening) => happening.type === 'held');
  return held?.type === 'held' ? held.hold.what : undefined;
};

test(
  'a repo-server that never gets ready: the plan rests with both CAs trusted, writes nothing more, and goes on once it is',
  async () => {
    installation = await Installation.start({
      settings: { timing: { ...testSettings().timing, rolloutDeadline: MINUTE } },
    });
    const ca = makeCa();
    client(ca);
    await installation.agent().run();
    const next = replaceCa(ca);
    client(next);
    let release: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => {
      release = resolve;
    });
    installation.site().gate = (component) => (component === 'repo-server' ? ready : undefined);
    const agent = installation.agent();
    expect((await agent.run({ turns: 600 })).at(-1)).toBe('held rollout-failed');
    expect(heldWhat(agent.told)).toContain('argocd-repo-server');
    const bundle = installation.secret('argocd-repo-server-mtls')?.['client-ca.crt'] ?? '';
    expect([bundle.includes(ca.pem.trim()), bundle.includes(next.pem.trim())]).toEqual([true, true]);
    const writes = installation.api.writes.length;
    await installation.pass(10 * MINUTE);
    expect(await agent.run()).toEqual(['held rollout-failed']);
    expect(await installation.agent().run()).toEqual(['held rollout-failed']);
    expect(installation.api.writes.slice(writes).map((write) => write.name)).toEqual([]);
    expect(installation.traffic.failed).toEqual([]);

    installation.site().gate = undefined;
    release();
    await installation.quiet();
    await installation.pass(30_000);
    await agent.run();
    expect(installation.restarts()).toEqual({ 'repo-server': 3, 'notifications-controller': 1 });
    await expectFinished(installation);
  },
  LIMIT,
);

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

/** Verification switched on, then the server's CA replaced: one restart of each client, and two. */
const serverChanges = (): readonly { readonly restarts: number; readonly make: () => unknown }[] => {
  const ca = makeCa({ name: 'Server CA' });
  const serving = (authority: typeof ca) => issue(installation.api, NS, 'repo-serving', authority, 'serving');
  return [
    { restarts: 1, make: () => serving(ca) },
    { restarts: 2, make: () => serving(replaceCa(ca)) },
  ];
};

test.each(keeping)(
  'pods that $strategy keeps: the plan rests in a state that names them, and goes on when somebody has deleted them',
  async ({ strategy, keeps, said }) => {
    await startKeeping(strategy);
    for (const { restarts, make } of serverChanges()) {
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
    for (const { restarts, make } of serverChanges()) {
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
    await startKeeping({ type: 'RollingUpdate', partition: 1 });
    const settings = { ...VERIFYING, evictions: 'allowed' } as const;
    const [first] = serverChanges();
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

test(
  'a restart budget that is used up ends in a hold that says until when, and the plan goes on after that',
  async () => {
    installation = await Installation.start({ settings: { budget: { restarts: 2, window: HOUR } } });
    const ca = makeCa();
    client(ca);
    await installation.agent().run();
    client(replaceCa(ca));
    const agent = installation.agent();
    expect((await agent.run()).at(-1)).toBe('held restart-budget');
    const held = agent.told.findLast((happening) => happening.type === 'held');
    const until = held?.type === 'held' ? held.hold.until : undefined;
    expect(until).toBeGreaterThan(installation.clock.now());
    expect(installation.traffic.failed).toEqual([]);
    await installation.pass((until ?? 0) - installation.clock.now() + 1_000);
    await agent.run();
    expect(installation.restarts()['repo-server']).toBe(3);
    await expectFinished(installation);
  },
  LIMIT,
);

const chances: readonly { readonly what: string; readonly happen: () => Promise<void> }[] = [
  {
    what: 'a repo-server container restarts inside its pod',
    happen: async () => {
      const [name] = installation.podNames('repo-server');
      if (name !== undefined) await installation.api.pods.restartContainers(NS, name);
    },
  },
  {
    what: 'a repo-server pod is deleted and made anew',
    happen: async () => {
      const [name] = installation.podNames('repo-server');
      if (name !== undefined) installation.api.pods.stop(NS, name);
    },
  },
  {
    what: 'notifications-controller and the controller restart',
    happen: async () => {
      for (const component of ['notifications-controller', 'application-controller'] as const) {
        for (const name of installation.podNames(component))
          await installation.api.pods.restartContainers(NS, name);
      }
    },
  },
  {
    what: 'repo-server is scaled out',
    happen: async () => scale(3),
  },
  {
    what: 'repo-server is scaled in',
    happen: async () => scale(1),
  },
];

const scale = async (replicas: number) => {
  const deployment = structuredClone(installation.api.objects.get('Deployment', NS, 'argocd-repo-server'));
  if (deployment === undefined) return;
  (deployment.spec as { replicas: number }).replicas = replicas;
  installation.api.objects.put(deployment, 'horizontal-pod-autoscaler');
  await installation.quiet();
};

test.each(chances)(
  '$what at each stage of a client CA rotation: no call fails, nothing is restarted more often',
  async ({ happen }) => {
    installation = await Installation.start();
    let ca = makeCa();
    client(ca);
    await installation.agent().run();
    for (const stage of [2, 6, 8]) {
      const writes = installation.api.writes.length;
      ca = replaceCa(ca);
      client(ca);
      const agent = installation.agent();
      await agent.run({ until: () => stepsBegun(agent.told) >= stage });
      await happen();
      await installation.quiet();
      await agent.run();
      expect({ stage, failed: installation.traffic.failed }).toEqual({ stage, failed: [] });
      expect(installation.restarts(writes)['repo-server']).toBeLessThanOrEqual(2);
      expect(installation.secret('argocd-repo-server-mtls')?.['client-ca.crt']).toBe(ca.pem);
      await scale(2);
      await installation.pass(2 * HOUR);
      await agent.run();
      await expectFinished(installation);
    }
  },
  LIMIT,
);

test(
  'two controller shards and two servers change over together',
  async () => {
    installation = await Installation.start({
      settings: { serving: certificate('repo-serving'), verification: 'on' },
      workloads: (workload) =>
        ['argocd-application-controller', 'argocd-server'].includes(workload.ref.name)
          ? { ...withContainer(workload, () => ({})), replicas: 2 }
          : workload,
    });
    const ca = makeCa();
    client(ca);
    issue(installation.api, NS, 'repo-serving', ca, 'serving');
    await installation.agent().run();
    await expectFinished(installation);
  },
  LIMIT,
);
