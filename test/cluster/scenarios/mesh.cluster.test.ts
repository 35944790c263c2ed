/**
 * A repo-server behind a mesh's proxy on real Kubernetes: a strict one is waited for, a permissive one is called through, and then it goes.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubeObject } from '../harness/api.ts';
import { restartWorkload, workloadReady } from '../harness/argocd.ts';
import { type ClusterUnderTest, clusterUnderTest } from '../harness/cluster-under-test.ts';
import { createCa, createClientCertificate, renewCertificate } from '../harness/issuers.ts';
import { closeWindow, metersEveryClient, openWindow } from '../harness/meter.ts';
import { until } from '../harness/wait.ts';
import { AgentPod } from './agent-pod.ts';
import { injectSidecar, removeSidecar, strictFor, strictSeen } from './mesh-sidecar.ts';

const MINUTE = 60_000;
const NS = 'argocd-two';
const INSTANCE = 'meshed';
const MTLS_SECRET = `/api/v1/namespaces/${NS}/secrets/argocd-repo-server-mtls`;

let cluster: ClusterUnderTest;
let agent: AgentPod;

const config = (mode: 'observe' | 'manage') => ({
  defaults: { propagationWait: '25s', mountMargin: '5s', settle: '5s', retry: '2s' },
  instances: [
    {
      name: INSTANCE,
      namespace: NS,
      mode,
      clients: { default: { certManager: { certificate: 'mesh-client' } } },
    },
  ],
});

const agentAddress = async (): Promise<string> =>
  await until('the agent to have an address', 60, async () => {
    const pods = await cluster.api.list<KubeObject & { status?: { podIP?: string } }>(
      '/api/v1/namespaces/argocd-mtls-rotator/pods',
    );
    return pods.length === 1 ? pods[0]?.status?.podIP : undefined;
  });

const published = async (): Promise<boolean> => (await cluster.api.find(MTLS_SECRET)) !== undefined;

/** Failed calls of Argo CD's own clients while something is done. */
const failedBy = async (work: () => Promise<void>) => {
  await metersEveryClient(cluster.api, NS, 60);
  await openWindow(NS);
  const done = work();
  await Promise.allSettled([done]);
  const { calls, failedByTls, failedOtherwise } = await closeWindow();
  await done;
  return { called: calls > 0, failedByTls, failedOtherwise };
};

const rotationsEnded = async (count: number, seconds: number) =>
  await until(`${count} rotations to have ended`, seconds, async () => {
    const journal = await agent.journal(NS, INSTANCE);
    if (journal === undefined || journal.rotation !== undefined) return undefined;
    return journal.history.length >= count ? journal.history.at(-1) : undefined;
  });

beforeAll(async () => {
  cluster = clusterUnderTest();
  const image = await cluster.node.agentImage();
  agent = new AgentPod(cluster, image);
  await agent.remove();
  await createCa(cluster.api, { namespace: NS, name: 'mesh-client-ca' });
  await createClientCertificate(cluster.api, {
    namespace: NS,
    name: 'mesh-client',
    issuer: 'mesh-client-ca',
  });
  await injectSidecar(cluster.api, NS, image);
}, 15 * MINUTE);

afterAll(async () => {
  await agent.remove();
  await removeSidecar(cluster.api, NS);
  // As it was found: mTLS off, for whoever comes next.
  await cluster.api.remove(MTLS_SECRET);
  await cluster.api.remove(`/api/v1/namespaces/${NS}/configmaps/argocd-mtls-rotator-${INSTANCE}`);
  await restartWorkload(cluster.api, NS, 'deployments/argocd-repo-server');
  await workloadReady(cluster.api, NS, 'deployments/argocd-repo-server');
}, 10 * MINUTE);

test(
  'a strict proxy answers the agent: that is unknown, nothing is published, and no client feels it',
  async () => {
    await agent.deploy(config('observe'));
    const address = await agentAddress();
    await strictFor(cluster.api, NS, address);
    await strictSeen(cluster.api, NS, address);
    const failed = await failedBy(async () => {
      await agent.configure(config('manage'));
      await until('the agent to be told that a proxy is in the way', 120, async () =>
        (await agent.logs()).includes('a proxy (istio-proxy) is in the way') ? true : undefined,
      );
    });
    expect(failed).toEqual({ called: true, failedByTls: 0, failedOtherwise: 0 });
    expect(await published()).toBe(false);
    expect(await agent.logs()).not.toContain('disproven');
  },
  10 * MINUTE,
);

test(
  'once the proxy lets calls through, mTLS is enabled underneath and proved',
  async () => {
    const failed = await failedBy(async () => {
      await strictFor(cluster.api, NS, '');
      await strictSeen(cluster.api, NS, '');
      expect(await rotationsEnded(1, 420)).toMatchObject({
        changeClass: 'enable',
        result: 'succeeded',
        proof: 'taken',
      });
    });
    expect(failed).toEqual({ called: true, failedByTls: 0, failedOtherwise: 0 });
  },
  10 * MINUTE,
);

test(
  'the proxy is removed, and the next rotation is proved without it',
  async () => {
    const failed = await failedBy(async () => {
      await removeSidecar(cluster.api, NS);
      await renewCertificate(cluster.api, NS, 'mesh-client');
      expect(await rotationsEnded(2, 300)).toMatchObject({
        changeClass: 'leaf',
        result: 'succeeded',
        proof: 'taken',
      });
    });
    expect(failed).toMatchObject({ called: true, failedByTls: 0 });
  },
  10 * MINUTE,
);
