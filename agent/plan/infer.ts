/**
 * From an observation to the world: what may each process hold?
 *
 * ```
 *  published content + its eras ──┐
 *  container start times ─────────┼─► possible sets ──► world
 *  answered and refused calls ────┘
 * ```
 *
 * **Invariant:** absence is never evidence. A process that wasn't called is `unproven`, one that fits nothing known is `unknown`.
 */

import { shown } from '../argocd/answers.ts';
import { mainContainer } from '../argocd/container.ts';
import type { Call, PodProof } from '../model/evidence.ts';
import type { Leaf } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Pod } from '../model/workload.ts';
import type { Catalog } from './catalog.ts';
import { erasIn, loadWindow, remembered } from './eras.ts';
import { clientState } from './infer-client.ts';
import { publishedState } from './published-state.ts';
import { possible, type ServerState, type ServingId, type TrustId, type World } from './world.ts';

const isConsistent = (trust: TrustId, calls: readonly Call[], catalog: Catalog): boolean =>
  calls.every((call) => {
    const answer = shown(call);
    if (answer === 'nothing') return true;
    if (call.credential.as !== 'leaf') return (answer === 'accepted') === (trust === 'off');
    const expected = catalog.compatibility.trusts(trust, call.credential.leaf);
    return expected === 'unknown' || (answer === 'accepted') === (expected === 'yes');
  });

/** Leafs that a complete proof has called with: what is published, what shall be, and what was. */
export const leafsToProve = (observation: Observation): readonly Leaf[] => {
  const { published, clientMaterials, previous } = observation;
  const leafs = [
    ...published.leafs.flatMap(({ content }) => (content.state === 'present' ? [content.value] : [])),
    ...clientMaterials.flatMap(({ reading }) => (reading.state === 'ready' ? [reading.material.leaf] : [])),
    ...(previous?.leafs ?? []),
  ];
  return leafs.filter(
    (leaf, index) =>
      leafs.findIndex((other) => other.certificate.fingerprint === leaf.certificate.fingerprint) === index,
  );
};

/** Every credential that matters had an answer, whatever it was: an expired leaf's refusal says nothing more however often it is asked for. */
const isComplete = (proof: PodProof | undefined, observation: Observation): boolean => {
  const conclusive = proof?.calls.filter(({ outcome }) => outcome.result !== 'unknown') ?? [];
  return (
    conclusive.some((call) => call.credential.as === 'nobody') &&
    leafsToProve(observation).every((leaf) =>
      conclusive.some(
        (call) => call.credential.as === 'leaf' && call.credential.leaf === leaf.certificate.fingerprint,
      ),
    )
  );
};

/** What one repo-server process may trust. */
export const trustOfPod = (observation: Observation, pod: Pod, catalog: Catalog): readonly TrustId[] => {
  const container = mainContainer(pod, 'repo-server');
  const window = container && loadWindow(pod, container, observation.settings.timing);
  const now = publishedState(observation).clientCa;
  if (container === undefined || window === undefined) return [];
  const { clientCa } = observation.published.history;
  const named = (eras: typeof clientCa) =>
    eras.map((era): TrustId => (era.bundle === 'absent' ? 'off' : era.bundle));
  const byTime: readonly TrustId[] = clientCa.length === 0 ? [now] : named(erasIn(clientCa, window).eras);
  const proof = observation.proofs.find((candidate) => candidate.containerId === container.id);
  const calls = proof?.calls ?? [];
  const fitting = (ids: readonly TrustId[]) => ids.filter((id) => isConsistent(id, calls, catalog));
  const first = fitting(byTime);
  const second = first.length > 0 ? first : fitting([...named(clientCa), now, 'off']);
  const found: readonly TrustId[] = second.length > 0 ? second : ['unknown'];
  return isComplete(proof, observation) ? found : [...found, 'unproven'];
};

const servingOfPod = (observation: Observation, pod: Pod, catalog: Catalog): readonly ServingId[] => {
  const container = mainContainer(pod, 'repo-server');
  const window = container && loadWindow(pod, container, observation.settings.timing);
  if (container === undefined || window === undefined) return [];
  const now = publishedState(observation).serving;
  const eras = observation.published.history.serving;
  const byTime: readonly ServingId[] =
    eras.length === 0
      ? [now]
      : remembered(
          erasIn(eras, window),
          (era): ServingId => (era.leaf === 'absent' ? 'self-signed' : era.leaf),
        );
  const presented = observation.proofs
    .find((candidate) => candidate.containerId === container.id)
    ?.calls.flatMap((call) => call.presented ?? [])
    .at(-1);
  if (presented === undefined) return byTime;
  if (presented === now || catalog.leaf(presented) !== undefined) return [presented];
  // Something that nobody published: a repo-server without a certificate of its own makes one up at start.
  return now === 'self-signed' || byTime.includes('self-signed') ? ['self-signed'] : ['unknown'];
};

const serverState = (observation: Observation, catalog: Catalog): ServerState => {
  const published = publishedState(observation);
  const pods = observation.repoServer?.pods ?? [];
  const { rollout } = observation.repoServer ?? { rollout: { state: 'idle' as const } };
  return {
    trust: possible<TrustId>(
      published.clientCa,
      ...pods.flatMap((pod) => trustOfPod(observation, pod, catalog)),
    ),
    serving: possible<ServingId>(
      published.serving,
      ...pods.flatMap((pod) => servingOfPod(observation, pod, catalog)),
    ),
    rolling: rollout.state === 'progressing' || rollout.state === 'settling',
  };
};

/** The world as far as it can be known. */
export const inferWorld = (observation: Observation, catalog: Catalog): World => ({
  published: publishedState(observation),
  server: serverState(observation, catalog),
  clients: observation.clients.map((client) => clientState(observation, client)),
});
