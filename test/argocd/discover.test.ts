import { describe, expect, test } from '@jest/globals';
import { discover } from '../../agent/argocd/discover.ts';
import { COMPONENTS, type Component } from '../../agent/model/terms.ts';
import type { Pod, Workload } from '../../agent/model/workload.ts';
import { install, workloadOf } from '../kit/argocd/install.ts';
import { podOf, podsFor } from '../kit/argocd/pods.ts';
import { asHelmRelease, controllerAsDeployment, withContainer } from '../kit/argocd/variants.ts';

const look = (
  workloads: readonly Workload[],
  pods: readonly Pod[] = workloads.flatMap(podsFor),
  names: Partial<Record<Component, string>> = {},
) => discover(workloads, pods, {}, { workloads: names });

const renamed = (workload: Workload, name: string): Workload => ({
  ...workload,
  ref: { ...workload.ref, name },
  uid: `uid-${name}`,
  labels: {},
  selector: { app: name },
  template: { ...workload.template, labels: { app: name } },
});

describe('a default install', () => {
  test('has all five components, each with its pods', () => {
    const found = look(install({ replicas: 2 }));
    for (const component of COMPONENTS) {
      const one = component === 'repo-server' ? found.repoServer : found.clients[component];
      expect(one).toMatchObject({ state: 'found', workload: { ref: { name: `argocd-${component}` } } });
      expect(one.state === 'found' && one.pods.length).toBe(2);
    }
    expect(found.strays).toEqual([]);
  });

  test('shows mounts by the template and by each pod’s own spec', () => {
    const now = workloadOf('server');
    const before = withContainer(now, (container) => ({ mounts: [], env: container.env }));
    const { server } = look([now], [podOf(before, 0), podOf(now, 1)]).clients;
    expect(server).toMatchObject({
      mounts: { certificate: { from: 'secret' } },
      podMounts: [
        { mounts: { certificate: { from: 'nowhere' } } },
        { mounts: { certificate: { from: 'secret' } } },
      ],
    });
  });

  test('counts terminating pods, but none that is over', () => {
    const workload = workloadOf('repo-server');
    const pods = [
      podOf(workload, 0, { terminating: true }),
      podOf(workload, 1, { phase: 'Failed' }),
      podOf(workload, 2, { phase: 'Succeeded' }),
      podOf(workload, 3, { namespace: 'other' }),
    ];
    const { repoServer } = look([workload], pods);
    expect(repoServer.state === 'found' && repoServer.pods.map(({ name }) => name)).toEqual([pods[0]?.name]);
  });

  test('missing components are absent, nothing else', () => {
    const found = look([workloadOf('repo-server'), workloadOf('application-controller')]);
    expect(found.clients.server).toEqual({ state: 'absent', expected: undefined });
    expect(found.clients['application-controller'].state).toBe('found');
  });

  test('names the version each component runs', () => {
    const { repoServer } = look([workloadOf('repo-server')]);
    expect(repoServer).toMatchObject({ version: { known: true, text: 'v3.6.1' } });
  });
});

describe('other shapes', () => {
  test('a sharded controller is one component with all its shards', () => {
    const { clients } = look([workloadOf('application-controller', { replicas: 3 })]);
    const controller = clients['application-controller'];
    expect(controller.state === 'found' && controller.pods.map(({ name }) => name)).toEqual([
      'argocd-application-controller-0',
      'argocd-application-controller-1',
      'argocd-application-controller-2',
    ]);
  });

  test('a controller as Deployment is chosen over the empty StatefulSet that upstream leaves beside it', () => {
    const { deployment, emptyStatefulSet } = controllerAsDeployment();
    const { clients } = look([emptyStatefulSet, deployment]);
    expect(clients['application-controller']).toMatchObject({
      state: 'found',
      workload: { ref: { kind: 'Deployment' } },
    });
  });

  test.each(COMPONENTS)('%s of a Helm release is found by label and suffix', (component) => {
    const hidden = withContainer(asHelmRelease(component, 'acme'), () => ({ args: [] }));
    const found = look([hidden]);
    const one = component === 'repo-server' ? found.repoServer : found.clients[component];
    expect(one).toMatchObject({ state: 'found', workload: { ref: { name: `acme-argocd-${component}` } } });
  });

  test('a workload with a name and labels of its own is found by the program it starts', () => {
    const { clients } = look([renamed(workloadOf('applicationset-controller'), 'gitops-appsets')]);
    expect(clients['applicationset-controller']).toMatchObject({
      workload: { ref: { name: 'gitops-appsets' } },
    });
  });

  test('a name or label does not make a component of a workload that starts another program', () => {
    const other = withContainer(workloadOf('server'), () => ({
      args: ['/usr/local/bin/argocd-repo-server'],
    }));
    expect(look([other]).clients.server.state).toBe('absent');
    expect(look([other]).repoServer.state).toBe('found');
  });

  test("somebody else's workload with component=server is not argocd-server", () => {
    const vault: Workload = {
      ...withContainer(renamed(workloadOf('server'), 'vault'), () => ({
        args: ['server'],
        image: 'vault:1',
      })),
      labels: { 'app.kubernetes.io/component': 'server' },
    };
    expect(look([vault]).clients.server.state).toBe('absent');
  });

  test('an empty selector owns no pod', () => {
    const workload = { ...workloadOf('server'), selector: {} };
    const { server } = look([workload], podsFor(workloadOf('server'))).clients;
    expect(server.state === 'found' && server.pods).toEqual([]);
  });
});

describe('doubt', () => {
  const rivals = [workloadOf('server'), renamed(workloadOf('server'), 'argocd-server-canary')];

  test('two candidates are both named and neither is chosen', () => {
    const found = look(rivals);
    expect(found.clients.server).toEqual({ state: 'ambiguous', candidates: rivals.map(({ ref }) => ref) });
    expect(found.strays).toEqual([]);
  });

  test('a configured name settles it, and the pods of the other are strays', () => {
    const found = look(rivals, undefined, { server: 'argocd-server-canary' });
    expect(found.clients.server).toMatchObject({
      state: 'found',
      workload: { ref: { name: 'argocd-server-canary' } },
    });
    expect(found.strays.map(({ component, pod }) => `${component} ${pod.name}`)).toEqual([
      'server argocd-server-5d8f-0',
    ]);
  });

  test('a configured name that is not there is absent, even beside a usable candidate', () => {
    expect(look([workloadOf('server')], undefined, { server: 'gone' }).clients.server).toEqual({
      state: 'absent',
      expected: 'gone',
    });
  });

  test('bare pods that start one of the programs are strays', () => {
    const bare = podOf(renamed(workloadOf('repo-server'), 'debug'));
    expect(look([workloadOf('repo-server')], [bare]).strays).toEqual([
      { component: 'repo-server', pod: bare },
    ]);
  });
});
