/**
 * Rollouts that don't end by themselves, and pods that come and go uncalled.
 */
import { afterEach, expect, test } from '@jest/globals';
import { withContainer } from '../kit/argocd/variants.ts';
import { certificate, HOUR, Installation, issue, MINUTE, testSettings } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished, heldWhat } from './finished.ts';

const LIMIT = 120_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const client = (ca: ReturnType<typeof makeCa>) => issue(installation.api, NS, 'repo-client', ca, 'client');

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
