/**
 * Pods of a workload, running and ready, as the model sees them.
 */
import type { Pod, Workload } from '../../../agent/model/workload.ts';

/** Any fixed instant; fixtures carry no clock. */
export const STARTED = Date.UTC(2026, 0, 1);

export function podOf(workload: Workload, index = 0, change: Partial<Pod> = {}): Pod {
  const name =
    workload.ref.kind === 'StatefulSet'
      ? `${workload.ref.name}-${index}`
      : `${workload.ref.name}-5d8f-${index}`;
  return {
    namespace: workload.ref.namespace,
    name,
    uid: `uid-${workload.ref.kind}-${name}`,
    labels: workload.template.labels,
    annotations: workload.template.annotations,
    createdAt: STARTED,
    startedAt: STARTED,
    ip: `10.244.0.${index + 10}`,
    phase: 'Running',
    ready: true,
    readySince: STARTED,
    terminating: false,
    node: 'node-1',
    containers: workload.template.containers.map((container) => ({
      name: container.name,
      id: `containerd://${name}-${container.name}`,
      startedAt: STARTED,
      ready: true,
      restartCount: 0,
      waiting: undefined,
    })),
    spec: workload.template,
    ...change,
  };
}

/** As many pods as the workload has replicas. */
export const podsFor = (workload: Workload): readonly Pod[] =>
  Array.from({ length: workload.replicas }, (_, index) => podOf(workload, index));
