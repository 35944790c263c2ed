/**
 * Workloads and pods for rollout tests: sound, finished ones, of which a test names what differs.
 *
 * **Invariant:** without a difference everything here is healthy.
 */

import type { Instant } from '../../agent/model/terms.ts';
import type { Pod, PodTemplate, Workload, WorkloadRef } from '../../agent/model/workload.ts';
import { restartAnnotations } from '../../agent/rollout/restart.ts';

/** When the restart was asked for. */
export const ASKED: Instant = Date.UTC(2026, 10, 23, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const FINGERPRINT = 'ab12cd34';
export const RESTART = restartAnnotations({ rotation: 'r1', fingerprint: FINGERPRINT, attempt: 1 }, ASKED);

export const template = (annotations: Readonly<Record<string, string>> = {}): PodTemplate => ({
  labels: { app: 'repo' },
  annotations,
  serviceAccount: undefined,
  initContainers: [],
  containers: [],
  volumes: [],
});

/** A pod from before the restart, ready since long. */
export const podOf = (name: string, rest: Partial<Pod> = {}): Pod => ({
  namespace: 'argocd',
  name,
  uid: `uid-${name}`,
  labels: { app: 'repo' },
  annotations: {},
  createdAt: ASKED - 60 * MINUTE,
  startedAt: ASKED - 60 * MINUTE,
  ip: '10.0.0.1',
  phase: 'Running',
  ready: true,
  readySince: ASKED - 59 * MINUTE,
  terminating: false,
  node: 'node',
  containers: [],
  spec: template(),
  ...rest,
});

/** A pod of the restart: created 10 s after it was asked for, ready 20 s later. */
export const newPod = (name: string, rest: Partial<Pod> = {}): Pod =>
  podOf(name, {
    annotations: RESTART,
    createdAt: ASKED + 10 * SECOND,
    startedAt: ASKED + 10 * SECOND,
    readySince: ASKED + 30 * SECOND,
    ...rest,
  });

/** A new pod that has not got ready. */
export const unreadyPod = (name: string, rest: Partial<Pod> = {}): Pod =>
  newPod(name, { ready: false, readySince: undefined, ...rest });

export interface WorkloadDifferences extends Partial<Omit<Workload, 'status' | 'ref'>> {
  readonly kind?: WorkloadRef['kind'];
  readonly status?: Partial<Workload['status']>;
}

/** A workload whose restart is done: two replicas, all counters there. */
export const workloadOf = ({ kind = 'Deployment', status, ...rest }: WorkloadDifferences = {}): Workload => {
  const replicas = rest.replicas ?? 2;
  return {
    ref: { kind, namespace: 'argocd', name: 'argocd-repo-server' },
    uid: 'uid',
    resourceVersion: '1',
    generation: 5,
    labels: {},
    annotations: {},
    selector: { app: 'repo' },
    replicas,
    paused: false,
    strategy: { type: 'RollingUpdate', partition: 0 },
    template: template(RESTART),
    ...rest,
    status: {
      observedGeneration: 5,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: kind === 'StatefulSet' ? 'rev-2' : undefined,
      updateRevision: kind === 'StatefulSet' ? 'rev-2' : undefined,
      stalled: undefined,
      ...status,
    },
  };
};
