/**
 * What each mode may do, and what it says about the rest.
 */
import { afterEach, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import { Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 60_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const written = () => [
  ...new Set(installation.api.writes.map((write) => `${write.verb} ${write.resource} ${write.name}`)),
];

const holds = (happenings: readonly Happening[]) =>
  happenings.flatMap((happening) => (happening.type === 'held' ? [happening] : []));

test(
  'observe writes nothing but its own journal, and tells the whole plan',
  async () => {
    installation = await Installation.start({ settings: { mode: 'observe' } });
    issue(installation.api, NS, 'repo-client', makeCa(), 'client');
    expect(await installation.agent().run()).toEqual(['held mode-observe']);
    expect(written()).toEqual(['patch configmaps argocd-mtls-rotator-test']);
    const [held] = holds(installation.happenings);
    expect(held?.hold.next).toContain('mode: manage');
    expect(held?.plan.steps.map((step) => step.kind)).toEqual([
      'publish',
      'wait',
      'rollout',
      'publish',
      'rollout',
      'prove',
    ]);
    // The trace of what would be done, told once and kept nowhere.
    expect(
      installation.happenings.flatMap((happening) =>
        happening.type === 'rotation-ended' ? [happening.rotation.result] : [],
      ),
    ).toEqual(['observed']);
  },
  LIMIT,
);

test(
  'observe goes on proving what is published, and finds a settled installation settled',
  async () => {
    installation = await Installation.start();
    issue(installation.api, NS, 'repo-client', makeCa(), 'client');
    await installation.agent().run();
    const watcher = installation.agent({ mode: 'observe' });
    expect(await watcher.run()).toEqual([]);
    expect(watcher.told.filter((happening) => happening.type === 'pod-proved')).toHaveLength(2);
    expect(holds(watcher.told)).toEqual([]);
  },
  LIMIT,
);

const restartByHand = async (name: string) => {
  const workload = installation.api.objects.get('Deployment', NS, `argocd-${name}`) as unknown as {
    spec: { template: { metadata: { annotations?: object } } };
  };
  const copy = structuredClone(workload);
  copy.spec.template.metadata.annotations = {
    ...copy.spec.template.metadata.annotations,
    'kubectl.kubernetes.io/restartedAt': new Date(installation.clock.now()).toISOString(),
  };
  installation.api.objects.put(copy as never);
  await installation.quiet();
  // Until the pods are as healthy as a rollout of the agent's own would have to be.
  await installation.pass(10_000);
};

test(
  'publish writes Secrets, names the workload to restart, and goes on when the user has restarted it',
  async () => {
    installation = await Installation.start({ settings: { mode: 'publish' } });
    const ca = makeCa();
    issue(installation.api, NS, 'repo-client', ca, 'client');
    const agent = installation.agent();
    const rounds: string[][] = [];
    for (let round = 0; round < 5; round += 1) {
      const steps = await agent.run();
      rounds.push([...steps]);
      const held = holds(agent.told).at(-1);
      if (steps.at(-1) !== 'held mode-publish' || held === undefined) break;
      const name = /deployment\/argocd-([a-z-]+)$/.exec(held.hold.next)?.[1] ?? '';
      expect(held.hold.next).toBe(`Run: kubectl -n ${NS} rollout restart deployment/argocd-${name}`);
      await installation.pass(30_000);
      await restartByHand(name);
    }
    expect(rounds).toEqual([
      ['publish client-leaf', 'wait', 'held mode-publish'],
      ['publish client-ca', 'held mode-publish'],
      ['prove'],
    ]);
    expect(installation.restarts()).toEqual({});
    await expectFinished(installation);

    const next = replaceCa(ca);
    issue(installation.api, NS, 'repo-client', next, 'client');
    expect(await agent.run()).toEqual(['publish client-ca', 'held mode-publish']);
    await installation.pass(30_000);
    await restartByHand('repo-server');
    expect(await agent.run()).toEqual([
      'prove',
      'keep-previous',
      'publish client-leaf',
      'wait',
      'publish client-ca',
      'held mode-publish',
    ]);
    await installation.pass(30_000);
    await restartByHand('repo-server');
    await agent.run();
    expect(installation.restarts()).toEqual({});
    await expectFinished(installation);
  },
  LIMIT,
);
