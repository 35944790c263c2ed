/**
 * Whether it is clear what Argo CD runs here at all.
 */
import type { Discovered } from '../../argocd/discover.ts';
import type { Finding } from '../../model/plan.ts';
import { COMPONENTS, type Component } from '../../model/terms.ts';
import { type Check, foundAll, nameOf, type PreflightInput } from '../input.ts';

const discovered = ({ discovery }: PreflightInput, component: Component): Discovered =>
  component === 'repo-server' ? discovery.repoServer : discovery.clients[component];

/** Two workloads could be the same component: restarting one and not the other would cut the other off. */
export const ambiguousComponents: Check = (input) =>
  COMPONENTS.flatMap((component): readonly Finding[] => {
    const found = discovered(input, component);
    if (found.state !== 'ambiguous') return [];
    const names = found.candidates.map(nameOf);
    return [
      {
        code: 'component-ambiguous',
        severity: 'blocking',
        about: `${component} of ${input.settings.name}`,
        what: `${names.join(' and ')} could both be ${component}.`,
        effect: 'Neither is chosen, and nothing is written: what one of them loaded would go unnoticed.',
        next: `Name the right one in the configuration (names.workloads.${component}), or take the other away.`,
        patch: undefined,
      },
    ];
  });

/** A component that is not there although it must be, or although the configuration names it. */
export const missingComponents: Check = (input) =>
  COMPONENTS.flatMap((component): readonly Finding[] => {
    const found = discovered(input, component);
    if (found.state !== 'absent') return [];
    if (found.expected === undefined && component !== 'repo-server') return [];
    const name = found.expected === undefined ? 'No repo-server' : `No workload ${found.expected}`;
    return [
      {
        code: 'component-missing',
        severity: 'blocking',
        about: `${component} of ${input.settings.name}`,
        what: `${name} is in namespace ${input.settings.namespace}.`,
        effect: 'Nothing is written: it would be published for something that cannot be watched or proved.',
        next: `Check the instance's namespace, and names.workloads.${component} in the configuration.`,
        patch: undefined,
      },
    ];
  });

/** Pods that run one of the programs, but belong to none of the workloads found. */
export const strayPods: Check = ({ discovery, settings }) =>
  discovery.strays.map(
    ({ component, pod }): Finding => ({
      code: 'stray-pod',
      severity: 'warning',
      about: `Pod ${pod.namespace}/${pod.name}`,
      what: `It runs ${component}, but belongs to no workload that was found.`,
      effect:
        component === 'repo-server'
          ? 'It is neither proved nor restarted: it goes on with the certificates and CAs of its start.'
          : 'It is not restarted: what it read once at start stays, and its calls may fail after a change.',
      next: `Delete it, or name its workload in the configuration of ${settings.name} (names.workloads.${component}).`,
      patch: undefined,
    }),
  );

/** A component without a running pod: nothing can be shown about it. */
export const componentsWithoutPods: Check = (input) =>
  foundAll(input).flatMap(({ component, workload, pods }): readonly Finding[] => {
    if (pods.some((pod) => pod.phase === 'Running')) return [];
    const scaledDown = workload.replicas === 0;
    return [
      {
        code: 'no-running-pod',
        severity: scaledDown && component !== 'repo-server' ? 'info' : 'warning',
        about: nameOf(workload.ref),
        what: scaledDown ? 'It is scaled to zero.' : `None of its ${workload.replicas} pods is running.`,
        effect:
          component === 'repo-server'
            ? 'No call can be answered, so that nothing about its trust can be proved; a rotation waits there.'
            : 'It makes no calls. Its next pod starts with what is published by then.',
        next: scaledDown
          ? 'Nothing, if that is meant.'
          : `Find out why: kubectl -n ${workload.ref.namespace} describe pods`,
        patch: undefined,
      },
    ];
  });
