/**
 * What happens to an Argo CD by chance in the middle of a rotation.
 */
import { afterEach, expect, test } from '@jest/globals';
import { HOUR, Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { expectFinished, stepsBegun } from './finished.ts';

const LIMIT = 120_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const client = (ca: ReturnType<typeof makeCa>) => issue(installation.api, NS, 'repo-client', ca, 'client');

const chances: readonly {
  readonly what: string;
  /** Steps begun when it happens: in the first rollout, around the leaf's publish, in the last rollout. */
  readonly stages: readonly number[];
  readonly happen: () => Promise<void>;
}[] = [
  {
    what: 'a repo-server container restarts inside its pod',
    stages: [2, 6, 8],
    happen: async () => {
      const [name] = installation.podNames('repo-server');
      if (name !== undefined) await installation.api.pods.restartContainers(NS, name);
    },
  },
  {
    what: 'a repo-server pod is deleted and made anew',
    stages: [2, 8],
    happen: async () => {
      const [name] = installation.podNames('repo-server');
      if (name !== undefined) installation.api.pods.stop(NS, name);
    },
  },
  {
    what: 'notifications-controller and the controller restart',
    stages: [6],
    happen: async () => {
      for (const component of ['notifications-controller', 'application-controller'] as const) {
        for (const name of installation.podNames(component))
          await installation.api.pods.restartContainers(NS, name);
      }
    },
  },
  {
    what: 'repo-server is scaled out',
    stages: [2],
    happen: async () => scale(3),
  },
  {
    what: 'repo-server is scaled in',
    stages: [8],
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
  '$what in the middle of a client CA rotation: no call fails, nothing is restarted more often',
  async ({ stages, happen }) => {
    installation = await Installation.start();
    let ca = makeCa();
    client(ca);
    await installation.agent().run();
    for (const stage of stages) {
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
