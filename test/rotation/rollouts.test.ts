/**
 * Rollouts that don't end by themselves, and pods that come and go uncalled.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
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

test.each(['never', 'allowed'] as const)(
  'pods that an OnDelete strategy keeps, evictions %s: a named state, or the end by evictions',
  async (evictions) => {
    const settings = { serving: certificate('repo-serving'), verification: 'on', evictions } as const;
    installation = await Installation.start({
      settings,
      workloads: (workload) =>
        workload.ref.kind === 'StatefulSet' ? { ...workload, strategy: { type: 'OnDelete' } } : workload,
    });
    const ca = makeCa();
    client(ca);
    issue(installation.api, NS, 'repo-serving', ca, 'serving');
    const agent = installation.agent();
    const steps = await agent.run();
    if (evictions === 'never') {
      expect(steps.at(-1)).toBe('held rollout-named-state');
      expect(heldWhat(agent.told)).toContain('argocd-application-controller');
      expect(installation.traffic.failed).toEqual([]);
      // Somebody deletes the pod; the plan goes on.
      for (const name of installation.podNames('application-controller'))
        installation.api.pods.stop(NS, name);
      await installation.quiet();
      await installation.pass(MINUTE);
      await agent.run();
    }
    const evicted = installation.api.writes.filter((write) => write.resource === 'pods/eviction');
    expect(evicted.length > 0).toBe(evictions === 'allowed');
    expect(installation.restarts()['application-controller']).toBe(1);
    await expectFinished(installation);
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
