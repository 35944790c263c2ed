/**
 * How the restart that was asked for stands. Pure: workload, pods, intent and the time in, one word out.
 *
 * Counters of the workload's status lag behind its pods and leave out those that terminate, the list of pods lags behind deletions:
 * neither is believed alone.
 *
 * **Invariant:** never `healthy` while a pod from before is still there, or any pod is less than ready for the settle time.
 */
import type { Duration, Instant } from '../model/terms.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { crashed, deadlinePassed, stalled } from './failures.ts';
import { leftAlone } from './named-states.ts';
import { type PodSplit, splitPods } from './pods.ts';
import { restartIntent } from './restart.ts';
import type { Awaited, RolloutVerdict } from './verdict.ts';

/** What the new pods must load, and since when that is wanted. */
export interface RolloutIntent {
  readonly fingerprint: string;
  readonly askedAt: Instant;
}

export interface RolloutTiming {
  /** How long every pod must have been ready. */
  readonly settle: Duration;
  /** From the request until it counts as failed; a pod that came later (scaling, eviction) has as long from its creation. */
  readonly rolloutDeadline: Duration;
}

interface Lack {
  readonly awaits: Awaited;
  readonly sentence: string;
  readonly until: Instant;
}

const names = (pods: readonly Pod[]): string => pods.map((pod) => pod.name).join(', ');

/** Pods that the strategy itself will bring onto the present template. */
const toUpdate = (workload: Workload): number =>
  workload.strategy.type === 'RollingUpdate'
    ? Math.max(0, workload.replicas - workload.strategy.partition)
    : workload.replicas;

/** True where the controller's own count says that pods of an earlier template are left, or new ones not made yet. */
const countsOldPods = (workload: Workload): boolean => {
  const { status, strategy } = workload;
  if (workload.paused || strategy.type === 'OnDelete') {
    // These counters never get there by themselves; the pods tell.
    return false;
  }
  if (status.updatedReplicas < toUpdate(workload)) {
    return true;
  }
  if (strategy.type === 'RollingUpdate' && strategy.partition > 0) {
    return false;
  }
  const revisionsDiffer =
    workload.ref.kind === 'StatefulSet' &&
    status.updateRevision !== undefined &&
    status.currentRevision !== status.updateRevision;
  return status.replicas > status.updatedReplicas || (revisionsDiffer && workload.replicas > 0);
};

/** When the youngest pod got ready. One that is ready since an unknown time counts as ready since now. */
const youngestReady = (pods: readonly Pod[], askedAt: Instant, now: Instant): Instant =>
  pods.reduce((latest, pod) => Math.max(latest, pod.readySince ?? now), askedAt);

/** What is still missing, the first thing first. */
const lackOf = (
  workload: Workload,
  { old, current }: PodSplit,
  intent: RolloutIntent,
  timing: RolloutTiming,
): Lack | undefined => {
  const { status } = workload;
  const byRequest = intent.askedAt + timing.rolloutDeadline;
  if (status.observedGeneration < workload.generation) {
    return {
      awaits: 'controller',
      sentence: 'the controller has not taken up the change yet',
      until: byRequest,
    };
  }
  const staying = old.filter((pod) => !pod.terminating);
  if (staying.length > 0 || countsOldPods(workload)) {
    const which = staying.length > 0 ? `, still from before: ${names(staying)}` : '';
    return {
      awaits: 'replacement',
      sentence: `${current.length} of ${workload.replicas} pods replaced${which}`,
      until: byRequest,
    };
  }
  if (old.length > 0) {
    return {
      awaits: 'termination',
      sentence: `pods from before terminate and may still answer: ${names(old)}`,
      until: byRequest,
    };
  }
  const ready = current.filter((pod) => pod.ready);
  if (
    ready.length < current.length ||
    ready.length < workload.replicas ||
    status.availableReplicas < workload.replicas
  ) {
    const youngest = current.reduce((latest, pod) => Math.max(latest, pod.createdAt), intent.askedAt);
    const enough = Math.min(ready.length, status.availableReplicas);
    return {
      awaits: 'readiness',
      sentence: `${enough} of ${Math.max(workload.replicas, current.length)} new pods available`,
      until: youngest + timing.rolloutDeadline,
    };
  }
  return undefined;
};

/**
 * The verdict on one restart.
 *
 * @param pods pods of the namespace; those of other workloads are left out here.
 */
export const rolloutHealth = (
  workload: Workload,
  pods: readonly Pod[],
  intent: RolloutIntent,
  timing: RolloutTiming,
  now: Instant,
): RolloutVerdict => {
  if (restartIntent(workload.template.annotations)?.fingerprint !== intent.fingerprint) {
    return { state: 'not-asked' };
  }
  const split = splitPods(workload, pods, intent.askedAt);
  const observed = workload.status.observedGeneration >= workload.generation;
  const failure = crashed(workload, split.current) ?? (observed ? stalled(workload) : undefined);
  if (failure !== undefined) {
    return failure;
  }
  if (observed) {
    const left = leftAlone(workload, split);
    if (left !== undefined) {
      return left;
    }
  }
  const lack = lackOf(workload, split, intent, timing);
  if (lack !== undefined) {
    return now >= lack.until
      ? deadlinePassed(workload, lack.sentence, lack.until - intent.askedAt)
      : { state: 'progressing', ...lack, since: intent.askedAt };
  }
  const since = youngestReady(split.current, intent.askedAt, now);
  const until = since + timing.settle;
  return now < until && split.current.length > 0
    ? { state: 'settling', since, until }
    : { state: 'healthy', since };
};
