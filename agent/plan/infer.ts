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

import { mainContainer } from '../argocd/container.ts';
import { leafReading as leafReadingOf } from '../argocd/reading.ts';
import { verificationOf } from '../argocd/template.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Call, PodProof } from '../model/evidence.ts';
import type { Leaf } from '../model/material.ts';
import type { ClientMounts } from '../model/mounts.ts';
import type { Content, Observation, ObservedClient, PublishedLeaf } from '../model/observation.ts';
import { slotId } from '../model/slot.ts';
import type { Pod } from '../model/workload.ts';
import { bundleFingerprint } from '../pki/bundle.ts';
import type { Catalog } from './catalog.ts';
import { erasIn, loadWindow, sightWindow } from './eras.ts';
import { placeRead, placesOf, poolRead } from './places.ts';
import {
  type ClientState,
  type LeafId,
  type LeafReading,
  leafIn,
  type PoolId,
  type PublishedState,
  poolAtStart,
  poolFrom,
  possible,
  type ServerState,
  type ServingId,
  type TrustId,
  type World,
} from './world.ts';

const bundleOf = <A extends string>(content: Content<readonly Certificate[]>, absent: A) => {
  if (content.state === 'absent') return absent;
  return content.state === 'present' ? bundleFingerprint(content.value) : ('unknown' as const);
};

const leafOf = <A extends string>(content: Content<Leaf>, absent: A) => {
  if (content.state === 'absent') return absent;
  return content.state === 'present' ? content.value.certificate.fingerprint : ('unknown' as const);
};

export const publishedState = (observation: Observation): PublishedState => ({
  clientCa: bundleOf(observation.published.clientCa, 'off'),
  leafs: Object.fromEntries(
    observation.published.leafs.map(({ slot, content }) => [slotId(slot), leafOf(content, 'none')]),
  ),
  serverCas: Object.fromEntries(
    observation.published.pools.map(({ secret, content }) => [secret, bundleOf(content, 'absent')]),
  ),
  serving: leafOf(observation.published.serving, 'self-signed'),
  verifying: [...observation.published.verifying].sort(),
});

const isConclusive = (call: Call): boolean => call.outcome.result !== 'unknown';

const isConsistent = (trust: TrustId, calls: readonly Call[], catalog: Catalog): boolean =>
  calls.filter(isConclusive).every((call) => {
    const accepted = call.outcome.result === 'accepted';
    if (call.credential.as !== 'leaf') return accepted === (trust === 'off');
    const expected = catalog.compatibility.trusts(trust, call.credential.leaf);
    return expected === 'unknown' || accepted === (expected === 'yes');
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

const isComplete = (proof: PodProof | undefined, observation: Observation): boolean => {
  const conclusive = proof?.calls.filter(isConclusive) ?? [];
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

/** What the eras name, and `unknown` beside it where the process is older than what is remembered. */
const remembered = <E, T extends string>(
  { eras, before }: { readonly eras: readonly E[]; readonly before: boolean },
  name: (era: E) => T,
): readonly (T | 'unknown')[] => [...eras.map(name), ...(before ? (['unknown'] as const) : [])];

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

/** How a client reads its leaf: the facts table's row, bent by what its pod template mounts, and only where that is a known place. */
export const leafReading = (client: ObservedClient, observation: Observation): LeafReading =>
  placeRead(client.mounts, observation.published.leafs) === undefined
    ? 'never'
    : leafReadingOf(client.component, client.mounts);

const leafIds = (eras: readonly { readonly leaf: string }[]): readonly LeafId[] =>
  eras.map((era) => (era.leaf === 'absent' ? 'none' : (era.leaf as LeafId)));

/** What running processes may still see in a place. */
const leafSeen = (observation: Observation, place: PublishedLeaf): readonly LeafId[] => {
  const window = sightWindow(observation.at, observation.settings.timing);
  if (place.history.length > 0) return leafIds(erasIn(place.history, window).eras);
  const recent = place.writtenAt !== undefined && place.writtenAt > window.from;
  return recent ? ['unknown'] : [];
};

/** What one pod may show, from what lay in its place when it started and lies there now. */
const leafOfPod = (
  observation: Observation,
  client: ObservedClient,
  pod: Pod,
  mounts: ClientMounts,
): readonly LeafId[] => {
  const place = placeRead(mounts, observation.published.leafs);
  if (place === undefined) return [showsNone(mounts) ? 'none' : 'unknown'];
  const reading = leafReadingOf(client.component, mounts);
  const now = leafIn(publishedState(observation), slotId(place.slot));
  const seen = [now, ...(reading === 'at-start' ? [] : leafSeen(observation, place))];
  const container = mainContainer(pod, client.component);
  const window = container && loadWindow(pod, container, observation.settings.timing);
  if (window === undefined) return seen;
  const known = erasIn(place.history, window);
  const remembered = place.history.length > 0;
  const atStart: readonly LeafId[] = remembered
    ? leafIds(known.eras)
    : place.secretCreatedAt !== undefined && place.secretCreatedAt > window.from
      ? ['none']
      : [];
  // Whether there was a file at all outlives the memory of which; which one it was does not.
  const forgotten: readonly LeafId[] = remembered && known.before ? ['unknown'] : [];
  if (reading === 'at-start') return [now, ...atStart, ...forgotten];
  return reading === 'existence-at-start' ? [...seen, ...atStart.filter((id) => id === 'none')] : seen;
};

const poolOfPod = (
  observation: Observation,
  client: ObservedClient,
  pod: Pod,
  mounts: ClientMounts,
): readonly PoolId[] => {
  const container = mainContainer(pod, client.component);
  const window = container && loadWindow(pod, container, observation.settings.timing);
  if (window === undefined) return [];
  const { caPath } = observation.published.history;
  const published = publishedState(observation);
  const secret = poolRead(mounts.serverCa, observation);
  const history = observation.published.pools.find((pool) => pool.secret === secret)?.history ?? [];
  const paths =
    caPath.length === 0
      ? [published.verifying.includes(client.component)]
      : erasIn(caPath, window).eras.map((era) => era.components.includes(client.component));
  const pools: readonly PoolId[] =
    history.length === 0
      ? [poolFrom({ ...published, verifying: [client.component] }, client.component, secret)]
      : remembered(
          erasIn(history, window),
          (era): PoolId => (era.bundle === 'absent' ? 'empty' : era.bundle),
        );
  return paths.flatMap((set): readonly PoolId[] => (set ? pools : ['unverified']));
};

/** Nothing is where this client looks for its certificate, so it shows none; anything else there shows what nobody here knows. */
const showsNone = ({ certificate }: ClientMounts): boolean =>
  certificate.from === 'nowhere' || certificate.from === 'not-projected';

/** A client that verifies by what nobody here publishes: strict-tls, or a CA file of its owner's. */
const isBeyondReach = (client: ObservedClient, observation: Observation): boolean => {
  const verification = verificationOf(client.component, client.mounts);
  if (verification === 'strict-tls') return true;
  const { serverCa } = client.mounts;
  const isFile = serverCa.from === 'secret' || serverCa.from === 'config-map' || serverCa.from === 'foreign';
  return verification === 'ca-path' && isFile && poolRead(serverCa, observation) === undefined;
};

const clientState = (observation: Observation, client: ObservedClient): ClientState => {
  const published = publishedState(observation);
  const reading = leafReading(client, observation);
  const places = placesOf(client, observation);
  const beyond = isBeyondReach(client, observation);
  const next: LeafId =
    places.slot === undefined
      ? showsNone(client.mounts)
        ? 'none'
        : 'unknown'
      : leafIn(published, places.slot);
  return {
    component: client.component,
    reading,
    places,
    leaf: possible<LeafId>(
      next,
      ...client.podMounts.flatMap(({ pod, mounts }) => leafOfPod(observation, client, pod, mounts)),
    ),
    pool: beyond
      ? possible<PoolId>('unknown')
      : possible<PoolId>(
          poolAtStart(published, { component: client.component, places }),
          ...client.podMounts.flatMap(({ pod, mounts }) => poolOfPod(observation, client, pod, mounts)),
        ),
    verification: beyond ? 'beyond-reach' : 'by-path',
    rolling: client.rollout.state === 'progressing' || client.rollout.state === 'settling',
  };
};

/** The world as far as it can be known. */
export const inferWorld = (observation: Observation, catalog: Catalog): World => ({
  published: publishedState(observation),
  server: serverState(observation, catalog),
  clients: observation.clients.map((client) => clientState(observation, client)),
});
