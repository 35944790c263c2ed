/**
 * Workloads, pods, evictions and Events.
 *
 * **Invariant:** nothing here needs a container to run: Deployments have no replicas, pods are never scheduled.
 */
import { expect, test } from '@jest/globals';
import { ApiError } from '../../agent/model/errors.ts';
import type { Precondition } from '../../agent/model/stored.ts';
import type { Workload } from '../../agent/model/workload.ts';
import type { WorldOf } from './describe.ts';
import { failureOf, present } from './help.ts';

const template = (app: string, image = 'example.com/image:1') => ({
  metadata: { labels: { app }, annotations: { theirs: 'kept' } },
  spec: {
    automountServiceAccountToken: false,
    schedulerName: 'nobody',
    containers: [
      {
        name: 'main',
        image,
        args: ['--flag'],
        env: [
          { name: 'LITERAL', value: 'x' },
          { name: 'FROM', valueFrom: { configMapKeyRef: { name: 'params', key: 'k', optional: true } } },
        ],
        volumeMounts: [{ name: 'tls', mountPath: '/tls', readOnly: true }],
        lifecycle: { preStop: { sleep: { seconds: 6 } } },
      },
    ],
    volumes: [
      {
        name: 'tls',
        secret: {
          secretName: 'mtls',
          optional: true,
          items: [{ key: 'client-ca.crt', path: 'client-ca.crt' }],
        },
      },
      { name: 'both', projected: { sources: [{ secret: { name: 'one' } }, { configMap: { name: 'two' } }] } },
      { name: 'scratch', emptyDir: {} },
    ],
  },
});

const spec = (app: string) => ({ replicas: 0, selector: { matchLabels: { app } }, template: template(app) });

const bound = ({ uid, resourceVersion }: Workload): Precondition => ({
  expect: 'version',
  uid,
  resourceVersion,
});

export const workloadSentences = (worldOf: WorldOf): void => {
  const find = async (name: string): Promise<Workload> => {
    const { agent, namespace } = worldOf();
    return present((await agent.cluster.listWorkloads(namespace)).find(({ ref }) => ref.name === name));
  };

  /**
   * Annotates the workload as it stands when its controller has seen it. A controller may write the status in between at any
   * time: then it is read anew, as the agent does. Answers what the annotation was bound to.
   */
  const annotate = async (name: string, annotations: Readonly<Record<string, string>>): Promise<Workload> => {
    const read = await find(name);
    if (read.status.observedGeneration < read.generation) return annotate(name, annotations);
    try {
      await worldOf().agent.cluster.annotateTemplate(read.ref, annotations, bound(read));
      return read;
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'conflict') throw error;
      return annotate(name, annotations);
    }
  };

  test('a Deployment is read with its defaults and with what its template mounts', async () => {
    await worldOf().admin.create('Deployment', 'read', { spec: spec('read') });
    const found = await find('read');
    expect(found).toMatchObject({
      ref: { kind: 'Deployment', name: 'read' },
      generation: 1,
      replicas: 0,
      paused: false,
      selector: { app: 'read' },
      strategy: { type: 'RollingUpdate', partition: 0 },
    });
    expect(found.template.annotations).toEqual({ theirs: 'kept' });
    expect(found.template.containers[0]).toMatchObject({
      name: 'main',
      args: ['--flag'],
      env: [
        { name: 'LITERAL', value: 'x', configMapKey: undefined },
        { name: 'FROM', value: undefined, configMapKey: { configMap: 'params', key: 'k', optional: true } },
      ],
      mounts: [{ volume: 'tls', path: '/tls', subPath: undefined, readOnly: true }],
      preStop: 6,
    });
    expect(found.template.volumes).toEqual([
      {
        name: 'tls',
        source: {
          type: 'secret',
          name: 'mtls',
          optional: true,
          items: [{ key: 'client-ca.crt', path: 'client-ca.crt' }],
        },
      },
      {
        name: 'both',
        source: {
          type: 'projected',
          sources: [
            { type: 'secret', name: 'one', items: undefined, optional: false },
            { type: 'configMap', name: 'two', items: undefined, optional: false },
          ],
        },
      },
      { name: 'scratch', source: { type: 'other', kind: 'emptyDir' } },
    ]);
  });

  test('annotating a template bumps the generation once and touches nothing else', async () => {
    await worldOf().admin.create('Deployment', 'annotated', { spec: spec('annotated') });
    const before = await annotate('annotated', { 'x.dev/restart': 'one' });
    const after = await find('annotated');
    expect(after.generation).toBe(before.generation + 1);
    expect(after.template).toEqual({
      ...before.template,
      annotations: { theirs: 'kept', 'x.dev/restart': 'one' },
    });
    await annotate('annotated', { 'x.dev/restart': 'one' });
    expect((await find('annotated')).generation).toBe(after.generation);
  });

  test('annotating a template is bound to the version that was read', async () => {
    const { agent, admin } = worldOf();
    await admin.create('StatefulSet', 'bound', {
      spec: { ...spec('bound'), serviceName: 'none', updateStrategy: { type: 'OnDelete' } },
    });
    const before = await find('bound');
    expect(before.strategy).toEqual({ type: 'OnDelete' });
    await admin.patch('StatefulSet', 'bound', { metadata: { labels: { moved: 'on' } } });
    const failure = await failureOf(
      agent.cluster.annotateTemplate(before.ref, { 'x.dev/restart': 'lost' }, bound(before)),
    );
    expect(failure).toMatchObject({ reason: 'conflict', verb: 'patch', resource: 'statefulsets' });
    expect((await find('bound')).template.annotations).toEqual({ theirs: 'kept' });
  });

  test('a change of labels or status is no new generation', async () => {
    const { admin } = worldOf();
    await admin.create('Deployment', 'relabelled', { spec: spec('relabelled') });
    await admin.patch('Deployment', 'relabelled', { metadata: { labels: { a: 'b' } } });
    expect((await find('relabelled')).generation).toBe(1);
  });

  test('annotating a workload that is gone is not-found', async () => {
    const { agent, admin } = worldOf();
    await admin.create('Deployment', 'vanished', { spec: spec('vanished') });
    const before = await find('vanished');
    await admin.remove('Deployment', 'vanished');
    const failure = await failureOf(agent.cluster.annotateTemplate(before.ref, { a: 'b' }, bound(before)));
    expect(failure.reason).toBe('not-found');
  });

  test('an eviction is bound to the pod’s uid; a pod that is gone is success', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.create('Pod', 'evicted', {
      spec: { ...template('evicted').spec, serviceAccountName: 'agent' },
    });
    const pod = present((await agent.cluster.listPods(namespace)).find(({ name }) => name === 'evicted'));
    expect(pod).toMatchObject({ ready: false, terminating: false, node: undefined });
    const stranger = '00000000-0000-4000-8000-000000000000';
    const failure = await failureOf(agent.cluster.evict(namespace, 'evicted', stranger));
    expect(failure).toMatchObject({ reason: 'conflict', verb: 'create', resource: 'pods/eviction' });
    await agent.cluster.evict(namespace, 'evicted', pod.uid);
    expect((await agent.cluster.listPods(namespace)).some(({ name }) => name === 'evicted')).toBe(false);
    await agent.cluster.evict(namespace, 'evicted', pod.uid);
    // The real server tries a conflicting eviction again for ten seconds before it answers (eviction.go `EvictionsRetry`).
  }, 40_000);

  test('an Event arrives with its note cut to what the API takes', async () => {
    const { agent, admin, namespace } = worldOf();
    await agent.cluster.emitEvent({
      namespace,
      regarding: { apiVersion: 'v1', kind: 'Secret', name: 'told' },
      type: 'Warning',
      reason: 'MaterialRefused',
      action: 'Refuse',
      note: 'ö'.repeat(2000),
      annotations: { 'x.dev/trace-id': 'abc' },
      at: Date.parse('2030-01-02T03:04:05.678Z'),
    });
    const { items } = (await admin.raw(admin.path('Event'))).body;
    const event = items.find(({ regarding }: { regarding: { name: string } }) => regarding.name === 'told');
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'MaterialRefused',
      action: 'Refuse',
      regarding: { kind: 'Secret', namespace },
      metadata: { annotations: { 'x.dev/trace-id': 'abc' } },
      eventTime: '2030-01-02T03:04:05.678000Z',
    });
    expect(Buffer.byteLength(event.note)).toBeLessThanOrEqual(1024);
  });
};
