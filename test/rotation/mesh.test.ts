/** A mesh's proxy before every repo-server: what a rotation does about it, and how it is got rid of. */
import { afterEach, expect, test } from '@jest/globals';
import type { Container, Workload } from '../../agent/model/workload.ts';
import type { Dialer } from '../../agent/ports.ts';
import { install } from '../kit/argocd/install.ts';
import { Installation, issue } from '../kit/installation/index.ts';
import { type MeshProxyServer, startMeshProxy } from '../kit/mesh/proxy.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { endedRotations, expectFinished } from './finished.ts';

const LIMIT = 60_000;

const SIDECAR: Container = {
  name: 'istio-proxy',
  image: 'istio/proxyv2',
  command: [],
  args: [],
  env: [],
  mounts: [],
  preStop: undefined,
};

const meshed = (workload: Workload): Workload =>
  workload.ref.name === 'argocd-repo-server'
    ? {
        ...workload,
        template: { ...workload.template, containers: [...workload.template.containers, SIDECAR] },
      }
    : workload;

let installation: Installation;
let strict: MeshProxyServer;
let mode: 'strict' | 'permissive' | 'gone';
afterEach(async () => {
  await installation.close();
  await strict.stop();
});

/** Calls to a pod meet its proxy: one that never lets them through, or one that passes every byte on. */
const behindProxy = (dialer: Dialer): Dialer => ({
  call: async (target, credential, timeout) => {
    if (mode === 'gone') return await dialer.call(target, credential, timeout);
    const proxy = mode === 'strict' ? strict : await startMeshProxy('permissive', target);
    try {
      return await dialer.call({ ...target, host: proxy.host, port: proxy.port }, credential, timeout);
    } finally {
      if (proxy !== strict) await proxy.stop();
    }
  },
});

const proofs = () =>
  installation.happenings.flatMap((happening) => (happening.type === 'proof' ? [happening.proof] : []));

test(
  'a strict proxy is waited for and never taken for a refusal; once it lets calls through mTLS is enabled underneath and proved; then it goes',
  async () => {
    mode = 'strict';
    strict = await startMeshProxy('strict', { host: '127.0.0.1', port: 9 });
    installation = await Installation.start({ workloads: meshed, between: behindProxy });
    const ca = makeCa();
    issue(installation.api, 'argocd', 'repo-client', ca, 'client');
    const agent = installation.agent();

    await expect(agent.run({ turns: 5 })).rejects.toThrow('not at rest after 5 turns; steps so far: ');
    expect(installation.secret('argocd-repo-server-mtls')).toBeUndefined();
    expect(new Set(proofs().map(({ result }) => result))).toEqual(new Set(['unknown']));
    expect(proofs().at(-1)?.detail).toContain('a proxy (istio-proxy) is in the way');
    const waiting = await agent.rotation.plan();
    expect(waiting.steps[0]).toMatchObject({ kind: 'prove' });
    expect(waiting.findings.map(({ code }) => code)).toContain('proxy-in-the-way');
    expect(waiting.evidence.filter(({ component }) => component === 'repo-server')).toMatchObject([
      { grade: 'unknown', what: expect.stringContaining('while a proxy, istio-proxy, is in the way') },
      { grade: 'unknown' },
    ]);

    mode = 'permissive';
    await agent.run();
    expect(endedRotations(installation).at(-1)?.rotation).toMatchObject({
      result: 'succeeded',
      proof: 'taken',
    });
    expect(proofs().at(-1)?.result).toBe('proven');

    mode = 'gone';
    for (const workload of install({ namespace: 'argocd' })) {
      if (workload.ref.name === 'argocd-repo-server') installation.put({ ...workload, replicas: 2 });
    }
    await installation.quiet();
    const plan = await installation.agent().rotation.plan();
    expect(plan.findings.map(({ code }) => code)).not.toContain('proxy-in-the-way');
    issue(installation.api, 'argocd', 'repo-client', replaceCa(ca), 'client');
    await installation.agent().run();
    await expectFinished(installation);
  },
  LIMIT,
);
