import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { toStoredSecret } from '../../agent/kube/convert-object.ts';
import { toPodTemplate } from '../../agent/kube/convert-template.ts';
import { toPod, toWorkload } from '../../agent/kube/convert-workload.ts';
import { cutToBytes } from '../../agent/kube/events.ts';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: {
    name: 'mtls',
    namespace: 'argocd',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2030-01-01T00:00:00Z',
    managedFields: [
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2030-01-02T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { '.': {}, 'f:tls.crt': {} },
          'f:metadata': { 'f:annotations': { '.': {}, 'f:a.b/c': {} } },
          'f:type': {},
        },
      },
      { manager: 'status-writer', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': {} } },
    ],
  },
  data: { 'tls.crt': Buffer.from('-----BEGIN').toString('base64') },
};

describe('Secrets', () => {
  test('values are decoded, and printing the Secret shows none of them', () => {
    const stored = toStoredSecret(secret);
    expect(stored.data.get('tls.crt')?.reveal()).toBe('-----BEGIN');
    expect(`${inspect(stored, { depth: 9 })}${JSON.stringify([...stored.data])}`).not.toContain('BEGIN');
  });

  test('what is no text comes out byte for byte', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const data = { 'keystore.p12': Buffer.from(bytes).toString('base64') };
    const value = toStoredSecret({ ...secret, data }).data.get('keystore.p12');
    expect([...(value?.revealBytes() ?? [])]).toEqual([...bytes]);
  });

  test('managedFields become owners of data keys and annotations, without the marks of maps', () => {
    expect(toStoredSecret(secret).owners).toEqual([
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        subresource: undefined,
        time: Date.parse('2030-01-02T00:00:00Z'),
        dataKeys: ['tls.crt'],
        annotations: ['a.b/c'],
      },
      {
        manager: 'status-writer',
        operation: 'Update',
        subresource: 'status',
        time: undefined,
        dataKeys: [],
        annotations: [],
      },
    ]);
  });

  test('an object of any other shape reads as empty, never as an exception', () => {
    expect(toStoredSecret({ metadata: 'no', data: [1, 2] } as never)).toMatchObject({ name: '', owners: [] });
    expect(toPod({})).toMatchObject({ ready: false, containers: [] });
  });
});

describe('workloads', () => {
  const deployment = (spec: object, status: object = {}) =>
    toWorkload('Deployment', {
      metadata: { name: 'w', namespace: 'n', generation: 3 },
      spec,
      status,
    } as never);

  test('replicas and strategy have the API’s defaults', () => {
    expect(deployment({})).toMatchObject({
      replicas: 1,
      paused: false,
      strategy: { type: 'RollingUpdate', partition: 0 },
    });
  });

  test('a StatefulSet’s partition and OnDelete are told', () => {
    const set = (updateStrategy: object) =>
      toWorkload('StatefulSet', { spec: { updateStrategy } } as never).strategy;
    expect(set({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } })).toEqual({
      type: 'RollingUpdate',
      partition: 2,
    });
    expect(set({ type: 'OnDelete' })).toEqual({ type: 'OnDelete' });
  });

  test('a rollout past its progress deadline is stalled, one on its way is not', () => {
    const conditions = (status: string, reason: string) => ({
      conditions: [{ type: 'Progressing', status, reason }],
    });
    expect(deployment({}, conditions('False', 'ProgressDeadlineExceeded')).status.stalled).toBe(
      'ProgressDeadlineExceeded',
    );
    expect(deployment({}, conditions('True', 'ReplicaSetUpdated')).status.stalled).toBeUndefined();
  });
});

describe('pod templates', () => {
  const container = (more: object) =>
    toPodTemplate({ spec: { containers: [{ name: 'c', image: 'i', ...more }] } } as never).containers[0];

  test('subPath and subPathExpr both mark a mount that never refreshes', () => {
    const mounts = [
      { name: 'v', mountPath: '/a', subPath: 'x' },
      { name: 'v', mountPath: '/b', subPathExpr: '$(Y)' },
      { name: 'v', mountPath: '/c' },
    ];
    expect(container({ volumeMounts: mounts })?.mounts.map(({ subPath }) => subPath)).toEqual([
      'x',
      '$(Y)',
      undefined,
    ]);
  });

  test('a preStop hook is its seconds of sleep, or exec for any other kind', () => {
    expect(container({ lifecycle: { preStop: { sleep: { seconds: 6 } } } })?.preStop).toBe(6);
    expect(container({ lifecycle: { preStop: { exec: { command: ['x'] } } } })?.preStop).toBe('exec');
    expect(container({})?.preStop).toBeUndefined();
  });

  test('a variable without a value is an empty literal, one from elsewhere has no literal', () => {
    const env = [{ name: 'EMPTY' }, { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: 'x' } } }];
    expect(container({ env })?.env).toEqual([
      { name: 'EMPTY', value: '', configMapKey: undefined },
      { name: 'FIELD', value: undefined, configMapKey: undefined },
    ]);
  });
});

describe('pods', () => {
  test('a terminating pod, its containers and since when it is ready are told', () => {
    const pod = toPod({
      metadata: { name: 'p', deletionTimestamp: '2030-01-01T00:00:09Z' },
      spec: { nodeName: 'node' },
      status: {
        phase: 'Running',
        podIP: '10.0.0.1',
        startTime: '2030-01-01T00:00:01Z',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2030-01-01T00:00:05Z' }],
        containerStatuses: [
          {
            name: 'a',
            containerID: 'containerd://1',
            ready: true,
            restartCount: 2,
            state: { running: { startedAt: '2030-01-01T00:00:02Z' } },
          },
          { name: 'b', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } },
        ],
      },
    });
    expect(pod).toMatchObject({
      terminating: true,
      ready: true,
      readySince: Date.parse('2030-01-01T00:00:05Z'),
      ip: '10.0.0.1',
      node: 'node',
      containers: [
        { name: 'a', id: 'containerd://1', startedAt: Date.parse('2030-01-01T00:00:02Z'), restartCount: 2 },
        { name: 'b', id: '', startedAt: undefined, waiting: 'ImagePullBackOff' },
      ],
    });
  });
});

test('text is cut to bytes at a character’s edge', () => {
  expect(cutToBytes('short', 10)).toBe('short');
  const cut = cutToBytes('ö'.repeat(100), 20);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(20);
  expect(cut).toBe(`${'ö'.repeat(8)}…`);
});
