/**
 * The ends that a rollout has where the workload's own settings keep pods from being replaced. Pure.
 *
 * **Invariant:** said only once everything that is replaced by itself has been, and never by waiting for a deadline.
 */
import type { Workload } from '../model/workload.ts';
import { ordinal, type PodSplit } from './pods.ts';
import type { NamedState, RolloutVerdict } from './verdict.ts';

const causeOf = (workload: Workload): NamedState | undefined => {
  if (workload.paused) {
    return 'paused';
  }
  if (workload.strategy.type === 'OnDelete') {
    return 'on-delete';
  }
  return workload.strategy.type === 'RollingUpdate' && workload.strategy.partition > 0
    ? 'partition'
    : undefined;
};

/** True while the controller still has pods to replace at or above the partition. */
const stillRolling = (
  { strategy, paused, status, replicas }: Workload,
  { old, current }: PodSplit,
): boolean =>
  strategy.type === 'RollingUpdate' &&
  !paused &&
  (status.updatedReplicas < replicas - strategy.partition ||
    old.some((pod) => ordinal(pod) >= strategy.partition) ||
    current.some((pod) => !pod.ready));

/** The named state, where old pods remain that nothing will replace. */
export const leftAlone = (
  workload: Workload,
  split: PodSplit,
): Extract<RolloutVerdict, { state: 'named-state' }> | undefined => {
  const name = causeOf(workload);
  const staying = split.old.filter((pod) => !pod.terminating);
  if (name === undefined || staying.length === 0 || stillRolling(workload, split)) {
    return undefined;
  }
  const oldPods = staying.map((pod) => pod.name);
  const { kind, namespace, name: workloadName } = workload.ref;
  const about = `${kind} ${namespace}/${workloadName}`;
  const list = oldPods.join(', ');
  const deletion = `kubectl delete pod -n ${namespace} ${oldPods.join(' ')} (one at a time), or set evictions: allowed`;
  const said = {
    'on-delete': {
      what: `${about} has the update strategy OnDelete, so its pods are not replaced by a restart: ${list}.`,
      next: `Run ${deletion}.`,
    },
    partition: {
      what: `${about} has a partition, below which pods are not replaced by a restart: ${list}.`,
      next: `Set the partition to 0, or run ${deletion}.`,
    },
    paused: {
      what: `${about} is paused, so its pods are not replaced: ${list}.`,
      next: `Run kubectl rollout resume deployment -n ${namespace} ${workloadName}, or ${deletion}.`,
    },
  }[name];
  return {
    state: 'named-state',
    name,
    oldPods,
    ...said,
    effect: 'These pods go on with what they loaded at their start; what they need stays published.',
  };
};
