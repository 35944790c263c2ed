/**
 * Workloads that a restart doesn't replace pod by pod.
 */
import type { Finding } from '../../model/plan.ts';
import { type Check, type FoundAny, foundAll, nameOf, type PreflightInput } from '../input.ts';
import { workloadPatch } from '../patches.ts';
import { mayNeedRestart } from '../restarts.ts';

const rolling = ({ workload }: FoundAny): string =>
  workload.ref.kind === 'Deployment'
    ? workloadPatch(workload, { spec: { strategy: { type: 'RollingUpdate' } } })
    : workloadPatch(workload, {
        spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } },
      });

function onDelete(found: FoundAny, { settings }: PreflightInput): Finding {
  const partition =
    found.workload.strategy.type === 'RollingUpdate' ? found.workload.strategy.partition : undefined;
  const allowed = settings.evictions === 'allowed';
  return {
    code: partition === undefined ? 'on-delete' : 'partition',
    severity: allowed ? 'info' : 'warning',
    about: nameOf(found.workload.ref),
    what:
      partition === undefined
        ? 'Its strategy is OnDelete: a changed template replaces no pod by itself.'
        : `Its partition is ${partition}: a changed template replaces no pod with a smaller ordinal.`,
    effect: allowed
      ? 'A restart evicts those pods one by one, as the configuration allows.'
      : 'A restart stops in a safe, named state until somebody deletes those pods.',
    next: allowed
      ? 'Nothing.'
      : 'Set evictions: allowed for this instance, apply the patch, or be ready to delete the pods.',
    patch: allowed ? undefined : rolling(found),
  };
}

function recreate(found: FoundAny): Finding {
  const isRepoServer = found.component === 'repo-server';
  return {
    code: 'recreate',
    severity: isRepoServer ? 'warning' : 'info',
    about: nameOf(found.workload.ref),
    what: 'Its strategy is Recreate: a restart stops all its pods before the first new one starts.',
    effect: isRepoServer
      ? 'Nobody answers calls during each restart of repo-server: they fail, though not by TLS.'
      : 'It does nothing during a restart. For notifications-controller that is how Argo CD ships it.',
    next: isRepoServer ? 'Apply the patch.' : 'Nothing.',
    patch: isRepoServer ? rolling(found) : undefined,
  };
}

export const strategies: Check = (input) =>
  foundAll(input).flatMap((found): readonly Finding[] => {
    const { strategy } = found.workload;
    if (strategy.type === 'Recreate') return [recreate(found)];
    if (strategy.type === 'OnDelete' || strategy.partition > 0) return [onDelete(found, input)];
    return [];
  });

/** A paused Deployment never rolls: a plan that has to restart it would stop halfway. */
export const pausedDeployments: Check = (input) =>
  foundAll(input)
    .filter(({ workload }) => workload.paused)
    .map((found): Finding => {
      const needed = mayNeedRestart(found, input);
      return {
        code: 'paused',
        severity: needed ? 'blocking' : 'warning',
        about: nameOf(found.workload.ref),
        what: 'The Deployment is paused.',
        effect: needed
          ? 'A restart that was asked for would not take place, and the change would stop halfway.'
          : 'Nothing for certificates: a plan does not restart this component as it is set up now.',
        next: `Run: kubectl -n ${found.workload.ref.namespace} rollout resume deployment/${found.workload.ref.name}`,
        patch: workloadPatch(found.workload, { spec: { paused: false } }),
      };
    });
