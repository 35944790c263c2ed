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
import type { Content, Observation, ObservedClient } from '../model/observation.ts';
import type { Pod } from '../model/workload.ts';
import { bundleFingerprint } from '../pki/bundle.ts';
import type { Catalog } from './catalog.ts';
import { erasIn, loadWindow, sightWindow } from './eras.ts';
import {
  type ClientState,
  type LeafId,
  type LeafReading,
  type PoolId,
  type PublishedState,
  poolAtStart,
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
  leaf: leafOf(observation.published.clientLeaf, 'none'),
  serverCa: bundleOf(observation.published.serverCa, 'absent'),
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
  const { published, client, previous } = observation;
  const leafs = [
    ...(published.clientLeaf.state === 'present' ? [published.clientLeaf.value] : []),
    ...(client.state === 'ready' ? [client.material.leaf] : []),
    ...(previous === undefined ? [] : [previous.leaf]),
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

/** How a client reads its leaf: the facts table's row, bent by what its pod template mounts, and only where that is the Secret of ours. */
export const leafReading = (client: ObservedClient, mtlsSecret: string): LeafReading => {
  const origins = [client.mounts.certificate, client.mounts.key];
  const ours = origins.every((origin) => origin.from === 'secret' && origin.secret === mtlsSecret);
  return ours ? leafReadingOf(client.component, client.mounts) : 'never';
};

const leafIds = (eras: readonly { readonly leaf: string }[]): readonly LeafId[] =>
  eras.map((era) => (era.leaf === 'absent' ? 'none' : (era.leaf as LeafId)));

const leafSeen = (observation: Observation): readonly LeafId[] => {
  const { history, mtlsWrittenAt } = observation.published;
  const window = sightWindow(observation.at, observation.settings.timing);
  if (history.clientLeaf.length > 0) return leafIds(erasIn(history.clientLeaf, window).eras);
  const recent = mtlsWrittenAt !== undefined && mtlsWrittenAt > window.from;
  return recent ? ['unknown'] : [];
};

const leafOfPod = (
  observation: Observation,
  client: ObservedClient,
  reading: LeafReading,
  pod: Pod,
): readonly LeafId[] => {
  const container = mainContainer(pod, client.component);
  const window = container && loadWindow(pod, container, observation.settings.timing);
  if (window === undefined) return [];
  const { clientLeaf } = observation.published.history;
  const created = observation.stored.mtls?.createdAt;
  const known = erasIn(clientLeaf, window);
  const atStart: readonly LeafId[] =
    clientLeaf.length > 0
      ? leafIds(known.eras)
      : created !== undefined && created > window.from
        ? ['none']
        : [];
  // Whether there was a file at all outlives the memory of which; which one it was does not.
  const forgotten: readonly LeafId[] = clientLeaf.length > 0 && known.before ? ['unknown'] : [];
  if (reading === 'at-start') return [...atStart, ...forgotten];
  return reading === 'existence-at-start' ? atStart.filter((id) => id === 'none') : [];
};

const poolOfPod = (observation: Observation, client: ObservedClient, pod: Pod): readonly PoolId[] => {
  const container = mainContainer(pod, client.component);
  const window = container && loadWindow(pod, container, observation.settings.timing);
  if (window === undefined) return [];
  const { caPath, serverCa } = observation.published.history;
  const published = publishedState(observation);
  const paths =
    caPath.length === 0
      ? [published.verifying.includes(client.component)]
      : erasIn(caPath, window).eras.map((era) => era.components.includes(client.component));
  const pools: readonly PoolId[] =
    serverCa.length === 0
      ? [published.serverCa === 'absent' ? 'empty' : published.serverCa]
      : remembered(
          erasIn(serverCa, window),
          (era): PoolId => (era.bundle === 'absent' ? 'empty' : era.bundle),
        );
  return paths.flatMap((set): readonly PoolId[] => (set ? pools : ['unverified']));
};

/** Nothing is where this client looks for its certificate, so it shows none; anything else there shows what nobody here knows. */
const showsNone = (client: ObservedClient): boolean =>
  client.mounts.certificate.from === 'nowhere' || client.mounts.certificate.from === 'not-projected';

const clientState = (observation: Observation, client: ObservedClient): ClientState => {
  const published = publishedState(observation);
  const reading = leafReading(client, observation.settings.names.mtlsSecret);
  const running = client.pods.length > 0;
  const strict = verificationOf(client.component, client.mounts) === 'strict-tls';
  return {
    component: client.component,
    reading,
    leaf:
      reading === 'never'
        ? possible<LeafId>(showsNone(client) ? 'none' : 'unknown')
        : possible<LeafId>(
            published.leaf,
            ...(running && reading !== 'at-start' ? leafSeen(observation) : []),
            ...client.pods.flatMap((pod) => leafOfPod(observation, client, reading, pod)),
          ),
    pool: strict
      ? possible<PoolId>('unknown')
      : possible<PoolId>(
          poolAtStart(published, client.component),
          ...client.pods.flatMap((pod) => poolOfPod(observation, client, pod)),
        ),
    verification: strict ? 'beyond-reach' : 'by-path',
    rolling: client.rollout.state === 'progressing' || client.rollout.state === 'settling',
  };
};

/** The world as far as it can be known. */
export const inferWorld = (observation: Observation, catalog: Catalog): World => ({
  published: publishedState(observation),
  server: serverState(observation, catalog),
  clients: observation.clients.map((client) => clientState(observation, client)),
});
