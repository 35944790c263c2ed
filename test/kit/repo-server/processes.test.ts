import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Component } from '../../../agent/model/terms.ts';
import { systemClock } from '../../../agent/runtime/system-clock.ts';
import { type ApiServer, startApiServer } from '../api-server/index.ts';
import { parseJson } from '../api-server/json.ts';
import { workloadOf } from '../argocd/install.ts';
import { manifestOf } from '../argocd/manifest.ts';
import { type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../pki/index.ts';
import { ArgoProcesses, podAddress } from './processes.ts';

const NAMESPACE = 'argocd';
const ca = makeCa({ name: 'Clients' });
const leaf = makeLeaf(ca, { usages: [USAGE.client] });
const serverCa = makeCa({ name: 'Servers' });
const serving = makeLeaf(serverCa, { dns: ['argocd-repo-server'], usages: [USAGE.server] });

let api: ApiServer;
let processes: ArgoProcesses;

beforeEach(async () => {
  processes = new ArgoProcesses(() => api.objects);
  api = await startApiServer({ clock: systemClock, pods: processes.hooks, address: podAddress });
});
afterEach(async () => {
  await processes.close();
  await api.close();
});

const putSecret = (name: string, content: Readonly<Record<string, string>>): void => {
  api.objects.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    data: Object.fromEntries(
      Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  });
};
const putMtls = (content: Readonly<Record<string, string>>): void =>
  putSecret('argocd-repo-server-mtls', content);
const pair = (identity: Identity) => ({ 'client.crt': identity.chainPem, 'client.key': identity.keyPem });

const podsOf = (component: string) =>
  api.objects
    .list('Pod', NAMESPACE)
    .filter((pod) => JSON.stringify(pod.metadata).includes(`argocd-${component}`));
const isReady = (pod: object): boolean => JSON.stringify(pod).includes('"type":"Ready","status":"True"');

const run = async (...components: readonly Component[]): Promise<void> => {
  for (const component of components) {
    api.objects.put(
      parseJson(JSON.stringify(manifestOf(workloadOf(component)))) as Parameters<
        ApiServer['objects']['put']
      >[0],
    );
  }
  await api.until(
    () => components.every((component) => podsOf(component).some(isReady)),
    `${components.join(', ')} are ready`,
  );
};

/** Client component → `answered`, or why not. */
const outcome = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await processes.callEach()).map(({ component, result }) => [
      component,
      result.answered ? 'answered' : result.why,
    ]),
  );
const restart = async (component: string): Promise<void> => {
  const before = podsOf(component);
  for (const pod of before) api.pods.stop(NAMESPACE, String((pod.metadata as { name: string }).name));
  const gone = new Set(before.map((pod) => (pod.metadata as { uid: string }).uid));
  await api.until(
    () => podsOf(component).some((pod) => isReady(pod) && !gone.has((pod.metadata as { uid: string }).uid)),
    `${component} was replaced`,
  );
};

describe('a repo-server in a pod', () => {
  test('lets everybody in where there is no client-ca.crt, and goes on so until it is restarted', async () => {
    await run('repo-server', 'server');
    expect(await outcome()).toEqual({ server: 'answered' });
    putMtls({ 'client-ca.crt': ca.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'answered' });
    await restart('repo-server');
    expect(await outcome()).toEqual({ server: 'tls' });
  });

  test('does not start over a client-ca.crt without a certificate', async () => {
    putMtls({ 'client-ca.crt': 'garbage' });
    api.objects.put(
      parseJson(JSON.stringify(manifestOf(workloadOf('repo-server')))) as Parameters<
        ApiServer['objects']['put']
      >[0],
    );
    await api.until(() => JSON.stringify(podsOf('repo-server')).includes('CrashLoopBackOff'), 'it crashes');
  });

  test('keeps the files of its pod when only its container restarts', async () => {
    await run('repo-server', 'server');
    putMtls({ 'client-ca.crt': ca.pem });
    const [pod] = podsOf('repo-server');
    const name = String((pod?.metadata as { name: string } | undefined)?.name);
    await api.pods.restartContainers(NAMESPACE, name);
    await api.until(() => podsOf('repo-server').some(isReady), 'it is ready again');
    expect(await outcome()).toEqual({ server: 'answered' });
  });
});

describe('clients', () => {
  test('show a leaf as soon as their pod sees it, notifications-controller only if it saw one at its start', async () => {
    await run('server', 'application-controller', 'applicationset-controller', 'notifications-controller');
    putMtls({ ...pair(leaf), 'client-ca.crt': ca.pem });
    await run('repo-server');
    expect(new Set(Object.values(await outcome()))).toEqual(new Set(['tls']));
    processes.files.sync();
    expect(await outcome()).toEqual({
      server: 'answered',
      'application-controller': 'answered',
      'applicationset-controller': 'answered',
      'notifications-controller': 'tls',
    });
    await restart('notifications-controller');
    expect(await outcome()).toMatchObject({ 'notifications-controller': 'answered' });
  });

  test('go over to a new leaf without a restart; the announcement order, all at once, cuts them off', async () => {
    putMtls({ ...pair(leaf), 'client-ca.crt': ca.pem });
    await run('repo-server', 'server', 'notifications-controller');
    expect(await outcome()).toEqual({ server: 'answered', 'notifications-controller': 'answered' });
    putMtls({ ...pair(makeLeaf(ca)), 'client-ca.crt': ca.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'answered', 'notifications-controller': 'answered' });
    const next = replaceCa(ca);
    putMtls({ ...pair(makeLeaf(next)), 'client-ca.crt': next.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'tls', 'notifications-controller': 'answered' });
  });

  test('verify the server only if a path was set at their start, by the CAs of that moment', async () => {
    putSecret('argocd-repo-server-tls', { 'tls.crt': serving.chainPem, 'tls.key': serving.keyPem });
    await run('repo-server', 'server');
    api.objects.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cmd-params-cm', namespace: NAMESPACE },
      data: { 'server.repo.server.ca.cert.path': '/app/config/reposerver/mtls/server-ca.crt' },
    });
    expect(await outcome()).toEqual({ server: 'answered' });
    await restart('server');
    expect(await outcome()).toEqual({ server: 'tls' });
    putMtls({ 'server-ca.crt': serverCa.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'tls' });
    await restart('server');
    expect(await outcome()).toEqual({ server: 'answered' });
  });

  test('refuse a server without the name they dial, whatever its common name', async () => {
    const nameless = makeLeaf(serverCa, { name: 'argocd-repo-server', usages: [USAGE.server] });
    putSecret('argocd-repo-server-tls', { 'tls.crt': nameless.chainPem, 'tls.key': nameless.keyPem });
    putMtls({ 'server-ca.crt': serverCa.pem });
    api.objects.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cmd-params-cm', namespace: NAMESPACE },
      data: { 'server.repo.server.ca.cert.path': '/app/config/reposerver/mtls/server-ca.crt' },
    });
    await run('repo-server', 'server');
    expect(await outcome()).toEqual({ server: 'tls' });
  });

  test('fail with half a pair, and go on once it is whole again', async () => {
    putMtls({ ...pair(leaf), 'client-ca.crt': ca.pem });
    await run('repo-server', 'server');
    putMtls({ 'client.crt': leaf.chainPem, 'client-ca.crt': ca.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'tls' });
    putMtls({ ...pair(leaf), 'client-ca.crt': ca.pem });
    processes.files.sync();
    expect(await outcome()).toEqual({ server: 'answered' });
  });
});
