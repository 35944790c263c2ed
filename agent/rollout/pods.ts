/**
 * Which pods of a workload still run what was there before a restart was asked for. Pure.
 *
 * **Invariant:** an old pod counts until it is gone; one that terminates still answers, with the trust it has loaded.
 */
import { ANNOTATION } from '../model/product.ts';
import type { Instant } from '../model/terms.ts';
import type { Pod, Workload } from '../model/workload.ts';

/** Set by the StatefulSet controller on its pods; equal to `status.updateRevision` for pods of the present template. */
const REVISION_LABEL = 'controller-revision-hash';

/** A workload's pods, in order of name, told apart by what they were started for. */
export interface PodSplit {
  /** Started from before the restart was asked for; terminating ones too. */
  readonly old: readonly Pod[];
  /** Started for it, and here to stay. */
  readonly current: readonly Pod[];
}

/** `argocd-application-controller-3` → 3; infinite for a name without a number. */
export const ordinal = (pod: Pod): number => {
  const digits = /-(\d+)$/.exec(pod.name)?.[1];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits);
};

/** Pods that the selector matches and that may have a process: a finished or evicted pod's object lingers without one. */
export const podsOf = (workload: Workload, pods: readonly Pod[]): readonly Pod[] =>
  pods
    .filter(
      (pod) =>
        pod.namespace === workload.ref.namespace &&
        pod.phase !== 'Succeeded' &&
        pod.phase !== 'Failed' &&
        Object.entries(workload.selector).every(([key, value]) => pod.labels[key] === value),
    )
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));

/**
 * Whether the workload's own controller leaves this pod on an earlier template for as long as it lives, and gives its successor
 * that template too: below a partition, or anywhere in a paused Deployment.
 */
const keepsEarlierTemplate = (workload: Workload, pod: Pod): boolean =>
  workload.paused ||
  (workload.strategy.type === 'RollingUpdate' && ordinal(pod) < workload.strategy.partition);

const startedFor = (workload: Workload, askedAt: Instant, pod: Pod): boolean => {
  const wanted = workload.template.annotations[ANNOTATION.restart];
  const revision = pod.labels[REVISION_LABEL];
  const sameRevision =
    workload.ref.kind !== 'StatefulSet' ||
    revision === undefined ||
    workload.status.updateRevision === undefined ||
    revision === workload.status.updateRevision;
  if (pod.annotations[ANNOTATION.restart] === wanted && sameRevision) {
    return true;
  }
  // Its successor never carries the annotation, but it is a new process all the same. Created in the very second counts as old.
  return keepsEarlierTemplate(workload, pod) && pod.createdAt >= askedAt;
};

/** Splits a workload's pods. `pods` may hold others' pods too. */
export const splitPods = (workload: Workload, pods: readonly Pod[], askedAt: Instant): PodSplit => {
  const own = podsOf(workload, pods);
  const isNew = (pod: Pod): boolean => startedFor(workload, askedAt, pod);
  return {
    old: own.filter((pod) => !isNew(pod)),
    // A new pod that goes again (scaling down) neither holds anything up nor makes anything healthy.
    current: own.filter((pod) => isNew(pod) && !pod.terminating),
  };
};

/**
 * The pod to evict next where a strategy replaces none by itself: one at a time, highest ordinal first, and only while
 * every other pod is there and ready. `undefined`: none is left, or not now.
 */
export const nextEviction = (workload: Workload, pods: readonly Pod[], askedAt: Instant): Pod | undefined => {
  const own = podsOf(workload, pods);
  if (own.some((pod) => pod.terminating) || own.length < workload.replicas) {
    return undefined;
  }
  const { old } = splitPods(workload, pods, askedAt);
  // A pod that is broken already goes first: its eviction costs nothing.
  const broken = old.find((pod) => !pod.ready);
  const others = own.filter((pod) => pod !== broken);
  if (broken !== undefined) {
    return others.every((pod) => pod.ready) ? broken : undefined;
  }
  return own.every((pod) => pod.ready) ? old.at(-1) : undefined;
};
