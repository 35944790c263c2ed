/**
 * The ways in which a rollout fails, each with what it means and what to do. Pure.
 *
 * **Invariant:** only pods that were started for the restart can make it fail; what old pods suffer from was there before.
 */
import type { Duration } from '../model/terms.ts';
import type { ContainerStatus, Pod, Workload } from '../model/workload.ts';
import type { FailureCode, RolloutVerdict } from './verdict.ts';

type Failed = Extract<RolloutVerdict, { state: 'failed' }>;

/** Old pods and both trusts stay, so nothing is cut off: the plan stops before anything is taken away. */
const EFFECT = 'The plan stops here; what the running pods need stays published.';

/** One restart of a container is a hiccup (Redis not there yet); the second in a back-off is a loop. */
const CRASHES_OF_A_LOOP = 2;

const about = (workload: Workload): string =>
  `${workload.ref.kind} ${workload.ref.namespace}/${workload.ref.name}`;

/** Waiting reasons of the kubelet (pkg/kubelet/images/types.go, pkg/kubelet/container/sync_result.go) that don't pass by themselves. */
const codeOf = (container: ContainerStatus): FailureCode | undefined => {
  switch (container.waiting) {
    case 'ImagePullBackOff':
    case 'ErrImageNeverPull':
    case 'InvalidImageName':
      return 'image-pull';
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return 'container-config';
    case 'CrashLoopBackOff':
      return container.restartCount >= CRASHES_OF_A_LOOP ? 'crash-loop' : undefined;
    default:
      return undefined;
  }
};

const adviceFor = (code: FailureCode, workload: Workload, pod: Pod, container: ContainerStatus): string => {
  const where = `-n ${pod.namespace} ${pod.name}`;
  // A StatefulSet waits for its broken pod even after its template was mended.
  const stuck =
    workload.ref.kind === 'StatefulSet'
      ? ' Once the template is mended, delete the pod: the StatefulSet waits for it.'
      : '';
  switch (code) {
    case 'image-pull':
      return `Look at kubectl describe pod ${where} and make the image available.${stuck}`;
    case 'crash-loop':
      return `Read kubectl logs ${where} -c ${container.name} --previous.${stuck}`;
    default:
      return `Look at kubectl describe pod ${where}.${stuck}`;
  }
};

/** The first container of the new pods that won't start. */
export const crashed = (workload: Workload, current: readonly Pod[]): Failed | undefined => {
  for (const pod of current) {
    for (const container of pod.containers) {
      const reason = codeOf(container);
      if (reason !== undefined) {
        return {
          state: 'failed',
          reason,
          what: `${about(workload)}: container ${container.name} of the new pod ${pod.name} is in ${container.waiting} (${container.restartCount} restarts).`,
          effect: EFFECT,
          next: adviceFor(reason, workload, pod, container),
        };
      }
    }
  }
  return undefined;
};

/** What the Deployment's own controller gave up. */
export const stalled = (workload: Workload): Failed | undefined =>
  workload.status.stalled === undefined
    ? undefined
    : {
        state: 'failed',
        reason: 'progress-deadline',
        what: `${about(workload)} does not get on: ${workload.status.stalled}.`,
        effect: EFFECT,
        next: `Look at kubectl describe ${workload.ref.kind.toLowerCase()} -n ${workload.ref.namespace} ${workload.ref.name} and at its newest pods.`,
      };

/** Our own patience is over. */
export const deadlinePassed = (workload: Workload, sentence: string, waited: Duration): Failed => ({
  state: 'failed',
  reason: 'deadline',
  what: `${about(workload)} is not done ${Math.round(waited / 1000)} s after its restart was asked for: ${sentence}.`,
  effect: EFFECT,
  next: `Look at kubectl get pods -n ${workload.ref.namespace}, at PodDisruptionBudgets and free capacity; raise rolloutDeadline if it only takes long.`,
});
