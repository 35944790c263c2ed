/**
 * What is known of each process, in words and grades, for people and records.
 *
 * **Invariant:** nothing that only time speaks for is called proven.
 */
import { mainContainer } from '../argocd/container.ts';
import { proxyOf } from '../argocd/mesh.ts';
import { short } from '../model/fingerprint.ts';
import type { Observation } from '../model/observation.ts';
import type { AvoidedRestart, PlanEvidence, Step } from '../model/plan.ts';
import type { ChangeClass, EvidenceGrade } from '../model/terms.ts';
import type { Pod } from '../model/workload.ts';
import type { Catalog } from './catalog.ts';
import { trustOfPod } from './infer.ts';
import type { World } from './world.ts';

const trustWords = (id: string, catalog: Catalog): string => {
  if (id === 'off') return 'asks for no client certificate';
  if (id === 'unknown') return 'trusts something that fits nothing known';
  return `trusts ${(catalog.members(id) ?? []).map(short).join(', ') || short(id)}`;
};

/** Why nothing is proved of a process that could be called. */
const notCalled = ({ proofs }: Observation, pod: Pod, containerId: string): string => {
  const proxy = proxyOf(pod);
  if (proxy === undefined || !proofs.some((proof) => proof.containerId === containerId))
    return ' (not called yet)';
  return ` (not provable while a proxy, ${proxy.name}, is in the way: no call shows what repo-server itself accepts)`;
};

export const evidenceOf = (
  observation: Observation,
  world: World,
  catalog: Catalog,
): readonly PlanEvidence[] => {
  const servers = (observation.repoServer?.pods ?? []).flatMap((pod): readonly PlanEvidence[] => {
    const trust = trustOfPod(observation, pod, catalog);
    const named = trust.filter((id) => id !== 'unproven');
    if (named.length === 0) return [];
    const called = !trust.includes('unproven');
    const grade: EvidenceGrade =
      called && named.length === 1 && named[0] !== 'unknown' ? 'proven' : 'unknown';
    const what = named.map((id) => trustWords(id, catalog)).join(' or ');
    const container = mainContainer(pod, 'repo-server');
    const suffix = called
      ? ''
      : container?.ready === true
        ? notCalled(observation, pod, container.id)
        : ' (not ready)';
    return [{ about: `pod ${pod.name}`, component: 'repo-server', what: what + suffix, grade }];
  });
  const clients = world.clients.map((client): PlanEvidence => {
    const shown = client.leaf.map((id) => (id === 'none' ? 'no certificate' : short(id))).join(' or ');
    return {
      about: client.component,
      component: client.component,
      what: `shows ${shown}`,
      grade: client.leaf.length === 1 && client.leaf[0] !== 'unknown' ? 'presumed' : 'unknown',
    };
  });
  return [...servers, ...clients];
};

/** Workloads that a restart-everything tool would have restarted, and why they need not be. */
export const restartsAvoided = (
  changeClass: ChangeClass,
  world: World,
  steps: readonly Step[],
): readonly AvoidedRestart[] => {
  if (changeClass === 'none') return [];
  const rolled = new Set(steps.flatMap((step) => (step.kind === 'rollout' ? [step.component] : [])));
  const clients = world.clients
    .filter((client) => !rolled.has(client.component) && client.reading !== 'never')
    .map(
      (client): AvoidedRestart => ({
        component: client.component,
        reason:
          client.reading === 'existence-at-start'
            ? 'reads its certificate again on every handshake'
            : 'reads its certificate again on every call',
      }),
    );
  return rolled.has('repo-server')
    ? clients
    : [...clients, { component: 'repo-server', reason: 'what it read at start still holds' }];
};
