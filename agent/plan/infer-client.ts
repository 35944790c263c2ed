/**
 * What the processes of one client may show, and verify repo-server with.
 *
 * **Invariant:** each pod is judged by what it mounts itself; a later template says nothing of it.
 */
import { mainContainer } from '../argocd/container.ts';
import { leafReading as leafReadingOf } from '../argocd/reading.ts';
import { verificationOf } from '../argocd/template.ts';
import type { ClientMounts } from '../model/mounts.ts';
import type { Observation, ObservedClient, PublishedLeaf } from '../model/observation.ts';
import { slotId } from '../model/slot.ts';
import type { Pod } from '../model/workload.ts';
import { erasIn, loadWindow, remembered, sightWindow } from './eras.ts';
import { placeRead, placesOf, poolRead } from './places.ts';
import { publishedState } from './published-state.ts';
import {
  type ClientState,
  type LeafId,
  type LeafReading,
  leafIn,
  type PoolId,
  poolAtStart,
  poolFrom,
  possible,
} from './world.ts';

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

export const clientState = (observation: Observation, client: ObservedClient): ClientState => {
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
