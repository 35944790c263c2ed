import { describe, expect, test } from '@jest/globals';
import type { ContainerStatus, Pod, Workload } from '../../agent/model/workload.ts';
import { rolloutHealth } from '../../agent/rollout/health.ts';
import { asRolloutState } from '../../agent/rollout/verdict.ts';
import {
  ASKED,
  FINGERPRINT,
  MINUTE,
  newPod,
  podOf,
  SECOND,
  template,
  unreadyPod,
  workloadOf,
} from './builders.ts';

const TIMING = { settle: 15 * SECOND, rolloutDeadline: 5 * MINUTE };
const intent = { fingerprint: FINGERPRINT, askedAt: ASKED };

/** A minute after the request unless told otherwise: new pods have been ready for 30 s. */
const health = (workload: Workload, pods: readonly Pod[], now = ASKED + MINUTE) =>
  rolloutHealth(workload, pods, intent, TIMING, now);

const two = [newPod('repo-1'), newPod('repo-2')];
const container = (waiting: string | undefined, restartCount = 0): ContainerStatus => ({
  name: 'repo-server',
  id: '',
  startedAt: undefined,
  ready: false,
  restartCount,
  waiting,
});

describe('healthy', () => {
  test('is a rollout whose pods all carry the restart and have been ready for the settle time', () => {
    expect(health(workloadOf(), two)).toEqual({ state: 'healthy', since: ASKED + 30 * SECOND });
  });

  test('is counted from the youngest pod', () => {
    const pods = [newPod('repo-1'), newPod('repo-2', { readySince: ASKED + 50 * SECOND })];
    expect(health(workloadOf(), pods)).toEqual({
      state: 'settling',
      since: ASKED + 50 * SECOND,
      until: ASKED + 65 * SECOND,
    });
    expect(health(workloadOf(), pods, ASKED + 65 * SECOND).state).toBe('healthy');
  });

  test('is not said of a pod that is ready since nobody knows when', () => {
    expect(health(workloadOf(), [newPod('repo-1'), newPod('repo-2', { readySince: undefined })]).state).toBe(
      'settling',
    );
  });

  test('is a workload without replicas, once its pods are gone', () => {
    const none = workloadOf({ replicas: 0 });
    expect(health(none, [])).toEqual({ state: 'healthy', since: ASKED });
    expect(health(none, [podOf('repo-1', { terminating: true })])).toMatchObject({ awaits: 'termination' });
  });

  test('minds neither pods of other workloads and namespaces nor the leftovers of evicted ones', () => {
    const others = [
      podOf('server', { labels: { app: 'server' } }),
      podOf('repo-9', { namespace: 'elsewhere' }),
      podOf('repo-8', { phase: 'Failed', ready: false }),
    ];
    expect(health(workloadOf(), [...two, ...others]).state).toBe('healthy');
  });
});

describe('not asked', () => {
  test.each([
    ['a template without the annotation', template()],
    ['a template that somebody restarted by hand', template({ 'kubectl.kubernetes.io/restartedAt': 'now' })],
  ])('is %s, however healthy', (_what, pods) => {
    expect(health(workloadOf({ template: pods }), two)).toEqual({ state: 'not-asked' });
  });

  test('is a template that carries another fingerprint', () => {
    expect(rolloutHealth(workloadOf(), two, { ...intent, fingerprint: 'other' }, TIMING, ASKED)).toEqual({
      state: 'not-asked',
    });
  });
});

describe('progressing', () => {
  test('waits for the controller while it has not taken up the change, whatever its counters say', () => {
    expect(health(workloadOf({ status: { observedGeneration: 4 } }), two)).toEqual({
      state: 'progressing',
      awaits: 'controller',
      sentence: 'the controller has not taken up the change yet',
      since: ASKED,
      until: ASKED + 5 * MINUTE,
    });
  });

  test('waits for pods from before, and names them', () => {
    const workload = workloadOf({ status: { replicas: 3, updatedReplicas: 1 } });
    expect(health(workload, [newPod('repo-3'), podOf('repo-1'), podOf('repo-2')])).toMatchObject({
      state: 'progressing',
      awaits: 'replacement',
      sentence: '1 of 2 pods replaced, still from before: repo-1, repo-2',
    });
  });

  test('waits for old pods that the status counts although the list has lost them', () => {
    expect(health(workloadOf({ status: { replicas: 3 } }), two)).toMatchObject({ awaits: 'replacement' });
  });

  test('waits for old pods that the list holds although the status has forgotten them', () => {
    expect(health(workloadOf(), [...two, podOf('repo-0')])).toMatchObject({ awaits: 'replacement' });
  });

  test('waits for an old pod that terminates: it accepts the old CA until it is gone', () => {
    expect(
      health(workloadOf(), [...two, podOf('repo-0', { terminating: true, ready: false })]),
    ).toMatchObject({
      state: 'progressing',
      awaits: 'termination',
      sentence: 'pods from before terminate and may still answer: repo-0',
    });
  });

  test('waits for new pods to be available', () => {
    const workload = workloadOf({ status: { readyReplicas: 1, availableReplicas: 1 } });
    expect(health(workload, [newPod('repo-1'), unreadyPod('repo-2')])).toMatchObject({
      awaits: 'readiness',
      sentence: '1 of 2 new pods available',
    });
    expect(health(workloadOf({ status: { availableReplicas: 1 } }), two)).toMatchObject({
      awaits: 'readiness',
    });
    expect(health(workloadOf(), [newPod('repo-1')])).toMatchObject({ awaits: 'readiness' });
  });

  test('waits for pods of an earlier try: the same fingerprint, asked for once more, is a new restart', () => {
    const again = workloadOf({
      template: template({
        ...newPod('x').annotations,
        'argocd-mtls-rotator.dev/restart': `r1.${FINGERPRINT}.2`,
      }),
    });
    expect(health(again, two)).toMatchObject({ awaits: 'replacement' });
  });

  test('is one container crash: that happens while Redis is not there yet', () => {
    const workload = workloadOf({ status: { availableReplicas: 1 } });
    const crashing = unreadyPod('repo-2', { containers: [container('CrashLoopBackOff', 1)] });
    expect(health(workload, [newPod('repo-1'), crashing])).toMatchObject({ state: 'progressing' });
  });
});

describe('scaling in the middle', () => {
  test('down: new pods that go again hold nothing up', () => {
    const going = newPod('repo-3', { terminating: true, ready: false });
    expect(health(workloadOf(), [...two, going]).state).toBe('healthy');
  });

  test('up, long after: the late pod has a deadline of its own', () => {
    const late = ASKED + 60 * MINUTE;
    const workload = workloadOf({ replicas: 3, status: { availableReplicas: 2, readyReplicas: 2 } });
    const pods = [...two, unreadyPod('repo-3', { createdAt: late })];
    expect(health(workload, pods, late + MINUTE)).toMatchObject({
      state: 'progressing',
      awaits: 'readiness',
      until: late + 5 * MINUTE,
    });
    expect(health(workload, pods, late + 5 * MINUTE)).toMatchObject({ state: 'failed', reason: 'deadline' });
  });

  test('up, before the controller has made the pod: not healthy, not failed', () => {
    const workload = workloadOf({
      replicas: 3,
      status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    });
    expect(health(workload, two)).toMatchObject({ state: 'progressing' });
  });

  test('to nothing and back: the pods made later count as the rest do', () => {
    const back = [newPod('repo-8', { createdAt: ASKED + 50 * SECOND, readySince: ASKED + 55 * SECOND })];
    expect(health(workloadOf({ replicas: 1 }), back, ASKED + 70 * SECOND).state).toBe('healthy');
  });
});

describe('failed', () => {
  test('is a rollout past its deadline, and says what it waited for', () => {
    const workload = workloadOf({ status: { replicas: 3, updatedReplicas: 1 } });
    const verdict = health(workload, [newPod('repo-3'), podOf('repo-1')], ASKED + 5 * MINUTE);
    expect(verdict).toMatchObject({
      state: 'failed',
      reason: 'deadline',
      what: expect.stringContaining('300 s after its restart was asked for: 1 of 2 pods replaced'),
      effect: expect.stringContaining('stays published'),
    });
  });

  test('is a controller that never takes up the change', () => {
    expect(health(workloadOf({ status: { observedGeneration: 4 } }), two, ASKED + 5 * MINUTE)).toMatchObject({
      reason: 'deadline',
    });
  });

  test.each([
    ['ImagePullBackOff', 0, 'image-pull'],
    ['InvalidImageName', 0, 'image-pull'],
    ['CreateContainerConfigError', 0, 'container-config'],
    ['CrashLoopBackOff', 2, 'crash-loop'],
  ] as const)('is a new pod in %s, at once', (waiting, restarts, reason) => {
    const workload = workloadOf({ status: { availableReplicas: 1 } });
    const broken = unreadyPod('repo-2', { containers: [container(waiting, restarts)] });
    expect(health(workload, [newPod('repo-1'), broken])).toMatchObject({
      state: 'failed',
      reason,
      what: expect.stringContaining(`repo-2 is in ${waiting}`),
      next: expect.stringContaining('repo-2'),
    });
  });

  test('is not what an old pod suffers from', () => {
    const workload = workloadOf({ status: { replicas: 3, updatedReplicas: 1 } });
    const suffering = podOf('repo-1', { ready: false, containers: [container('CrashLoopBackOff', 40)] });
    expect(health(workload, [newPod('repo-3'), suffering])).toMatchObject({ state: 'progressing' });
  });

  test('is a Deployment whose own controller gave up, once that is about this change', () => {
    const status = { updatedReplicas: 1, stalled: 'ProgressDeadlineExceeded' };
    expect(health(workloadOf({ status }), two)).toMatchObject({
      state: 'failed',
      reason: 'progress-deadline',
    });
    expect(health(workloadOf({ status: { ...status, observedGeneration: 4 } }), two)).toMatchObject({
      state: 'progressing',
    });
  });

  test('tells what a StatefulSet needs after it was mended', () => {
    const workload = workloadOf({ kind: 'StatefulSet', status: { availableReplicas: 1 } });
    const broken = unreadyPod('repo-1', { containers: [container('ImagePullBackOff')] });
    expect(health(workload, [broken])).toMatchObject({ next: expect.stringContaining('delete the pod') });
  });
});

describe('a StatefulSet', () => {
  const revision = (pod: Pod, hash: string): Pod => ({
    ...pod,
    labels: { ...pod.labels, 'controller-revision-hash': hash },
  });
  const set = (status: Partial<Workload['status']> = {}) => workloadOf({ kind: 'StatefulSet', status });

  test('is healthy once its current revision is the one it updates to', () => {
    const pods = two.map((pod) => revision(pod, 'rev-2'));
    expect(health(set(), pods).state).toBe('healthy');
    expect(health(set({ currentRevision: 'rev-1' }), pods)).toMatchObject({ awaits: 'replacement' });
  });

  test('has an old pod as long as one of another revision is there, restart annotation or not', () => {
    const pods = [revision(newPod('repo-0'), 'rev-2'), revision(newPod('repo-1'), 'rev-1')];
    expect(health(set(), pods)).toMatchObject({
      sentence: expect.stringContaining('still from before: repo-1'),
    });
  });
});

describe('pods that the strategy never replaces', () => {
  test('under OnDelete are named at once, with what replaces them', () => {
    const workload = workloadOf({
      kind: 'StatefulSet',
      strategy: { type: 'OnDelete' },
      status: { updatedReplicas: 0, currentRevision: 'rev-1' },
    });
    const verdict = health(workload, [podOf('repo-0'), podOf('repo-1')]);
    expect(verdict).toMatchObject({
      state: 'named-state',
      name: 'on-delete',
      oldPods: ['repo-0', 'repo-1'],
      next: expect.stringContaining('kubectl delete pod -n argocd repo-0 repo-1'),
    });
    expect(asRolloutState(verdict)).toMatchObject({ state: 'named-state', oldPods: ['repo-0', 'repo-1'] });
  });

  test('under OnDelete, once deleted, make it healthy although its current revision never moves', () => {
    const workload = workloadOf({
      kind: 'StatefulSet',
      strategy: { type: 'OnDelete' },
      status: { currentRevision: 'rev-1' },
    });
    expect(health(workload, two).state).toBe('healthy');
    expect(health(workload, [...two, podOf('repo-0', { terminating: true })])).toMatchObject({
      awaits: 'termination',
    });
  });

  describe('below a partition', () => {
    const partitioned = (updatedReplicas: number) =>
      workloadOf({
        kind: 'StatefulSet',
        replicas: 3,
        strategy: { type: 'RollingUpdate', partition: 2 },
        status: { updatedReplicas, currentRevision: 'rev-1' },
      });

    test('are named once the rest was replaced, not before', () => {
      const before = [podOf('repo-0'), podOf('repo-1'), podOf('repo-2')];
      expect(health(partitioned(0), before)).toMatchObject({ state: 'progressing', awaits: 'replacement' });
      const after = [podOf('repo-0'), podOf('repo-1'), newPod('repo-2')];
      expect(health(partitioned(1), after)).toMatchObject({
        name: 'partition',
        oldPods: ['repo-0', 'repo-1'],
      });
      expect(health(partitioned(1), [podOf('repo-0'), podOf('repo-1'), unreadyPod('repo-2')])).toMatchObject({
        state: 'progressing',
      });
    });

    test('count as replaced once they were created after the request, although never with the annotation', () => {
      const evicted = (name: string, createdAt: number) =>
        podOf(name, { createdAt, readySince: ASKED + 30 * SECOND });
      const pods = [evicted('repo-0', ASKED + SECOND), evicted('repo-1', ASKED + SECOND), newPod('repo-2')];
      expect(health(partitioned(1), pods).state).toBe('healthy');
      const tooSoon = [evicted('repo-0', ASKED - 1), evicted('repo-1', ASKED + SECOND), newPod('repo-2')];
      expect(health(partitioned(1), tooSoon)).toMatchObject({ oldPods: ['repo-0'] });
    });
  });

  test('of a paused Deployment are named, and so is the command that lets them go', () => {
    const workload = workloadOf({ paused: true, status: { updatedReplicas: 0 } });
    expect(health(workload, [podOf('repo-1'), podOf('repo-2')])).toMatchObject({
      name: 'paused',
      next: expect.stringContaining('kubectl rollout resume deployment -n argocd argocd-repo-server'),
    });
  });
});

test('Recreate: no pod at all for a while is progress', () => {
  const workload = workloadOf({
    replicas: 1,
    strategy: { type: 'Recreate' },
    status: { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0 },
  });
  expect(health(workload, [])).toMatchObject({ state: 'progressing', awaits: 'replacement' });
});

test('an observation carries the verdict in its own words', () => {
  expect(asRolloutState(health(workloadOf(), two))).toEqual({ state: 'idle' });
  expect(asRolloutState({ state: 'not-asked' })).toEqual({ state: 'idle' });
  expect(asRolloutState(health(workloadOf({ status: { observedGeneration: 4 } }), two))).toEqual({
    state: 'progressing',
    what: 'the controller has not taken up the change yet',
    since: ASKED,
    until: ASKED + 5 * MINUTE,
  });
});
