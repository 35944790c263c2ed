/**
 * Where a plan is to end: what shall be published, given the configuration and what the sources hold.
 *
 * **Invariant:** what no source vouches for stays as it is published; a source that is away changes no goal but its own.
 */
import { desiredSlot } from '../layout/places.ts';
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { Material, MaterialReading } from '../model/material.ts';
import type { Observation, ObservedClient, PublishedLeaf } from '../model/observation.ts';
import { type SlotId, slotId } from '../model/slot.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../model/terms.ts';
import type { Candidates, Goal } from './actions.ts';
import { type Catalog, isAlive } from './catalog.ts';
import { placesOf } from './places.ts';
import { publishedState } from './published-state.ts';
import { type LeafId, leafIn, type PublishedState, type ServerCaId, serverCaIn } from './world.ts';

const trustedBy = (reading: MaterialReading, at: number): readonly Fingerprint[] | undefined => {
  if (reading.state !== 'ready') return undefined;
  const { anchors, upcomingAnchors } = reading.material;
  const alive = [...anchors, ...upcomingAnchors].filter((certificate) => isAlive(certificate, at));
  return alive.map((certificate) => certificate.fingerprint);
};

/** A client can be made to verify where its CA path comes from the parameters and the file is mounted; or it does already. */
const canVerify = (client: ObservedClient, params: string): boolean => {
  const { serverCa, serverCaPath } = client.mounts;
  if (serverCaPath.value !== undefined && serverCaPath.value !== '') return true;
  return (
    serverCa.from === 'secret' && serverCaPath.from === 'config-map' && serverCaPath.configMap === params
  );
};

/** What the source of this client holds, where it holds something. */
export const materialFor = (observation: Observation, component: ClientComponent): Material | undefined => {
  const found = observation.clientMaterials.find(({ components }) => components.includes(component));
  return found?.reading.state === 'ready' ? found.reading.material : undefined;
};

/** Clients that read this place now, by their templates or by pods that still live. */
export const readersOf = (observation: Observation, slot: SlotId): readonly ClientComponent[] =>
  observation.clients
    .filter((client) => placesOf(client, observation).slots.includes(slot))
    .map(({ component }) => component);

/** Clients that shall find their pair in this place. */
const intended = (observation: Observation, slot: SlotId): readonly ClientComponent[] =>
  CLIENT_COMPONENTS.filter((component) => slotId(desiredSlot(component, observation.settings)) === slot);

/**
 * What a place shall hold. One that several clients with certificates of their own still share, on the way to another layout, keeps
 * what it has while one of their sources vouches for it.
 */
const leafFor = (place: PublishedLeaf, now: PublishedState, observation: Observation): LeafId => {
  const slot = slotId(place.slot);
  const present = leafIn(now, slot);
  if (place.keeper === 'other') return present;
  if (observation.settings.state === 'disabled') return 'none';
  const readers = place.keeper === 'layout' ? intended(observation, slot) : readersOf(observation, slot);
  if (readers.length === 0) return 'none';
  const wanted = readers.flatMap(
    (component) => materialFor(observation, component)?.leaf.certificate.fingerprint ?? [],
  );
  const [first] = wanted;
  if (first === undefined || wanted.some((leaf) => leaf === present)) return present;
  return first;
};

/** Published CAs that a leaf needs, where no source speaks for it any more. */
const needed = (leaf: LeafId, members: readonly Fingerprint[], now: PublishedState, catalog: Catalog) => {
  if (leaf === 'none' || leaf === 'unknown') return [];
  if (catalog.compatibility.trusts(catalog.bundle(members), leaf) === 'yes') return [];
  const published = catalog.members(now.clientCa) ?? [];
  const vouching = published.filter(
    (member) => catalog.compatibility.trusts(catalog.bundle([member]), leaf) === 'yes',
  );
  return vouching.length > 0 ? vouching : published;
};

const clientCaFor = (
  leafs: PublishedState['leafs'],
  now: PublishedState,
  observation: Observation,
  catalog: Catalog,
): PublishedState['clientCa'] => {
  const { clientMaterials, at, clients } = observation;
  const trusted = clientMaterials.flatMap(({ reading }) => trustedBy(reading, at) ?? []);
  if (trusted.length === 0) return now.clientCa;
  // Nobody is asked for a certificate before everybody has one.
  const missing = clientMaterials.some(
    ({ reading, components }) =>
      reading.state !== 'ready' && clients.some(({ component }) => components.includes(component)),
  );
  if (missing && now.clientCa === 'off') return 'off';
  const members = [...new Set(trusted)];
  for (const leaf of Object.values(leafs)) members.push(...needed(leaf, members, now, catalog));
  return catalog.bundle([...new Set(members)]);
};

const serverCasFor = (
  bundle: BundleFingerprint | undefined,
  now: PublishedState,
  observation: Observation,
): PublishedState['serverCas'] =>
  Object.fromEntries(
    observation.published.pools.map(({ secret, keeper }): [string, ServerCaId] => {
      const present = serverCaIn(now, secret);
      if (keeper === 'other') return [secret, present];
      const isRead = observation.clients.some((client) =>
        placesOf(client, observation).pools.includes(secret),
      );
      if (keeper === 'leaving' && !isRead) return [secret, 'absent'];
      return [secret, bundle ?? present];
    }),
  );

/** What shall be published in the end. */
export const target = (observation: Observation, catalog: Catalog): PublishedState => {
  const now = publishedState(observation);
  const { settings, serving, at } = observation;
  const serverTrust = serving === undefined ? undefined : trustedBy(serving, at);
  const serverBundle = serverTrust === undefined ? undefined : catalog.bundle([...new Set(serverTrust)]);
  const verifiable =
    serverBundle !== undefined || Object.values(now.serverCas).some((content) => content !== 'absent');
  const leafs = Object.fromEntries(
    observation.published.leafs.map((place) => [slotId(place.slot), leafFor(place, now, observation)]),
  );
  return {
    clientCa: settings.state === 'disabled' ? 'off' : clientCaFor(leafs, now, observation, catalog),
    leafs,
    serverCas: serverCasFor(serverBundle, now, observation),
    serving: serving?.state === 'ready' ? serving.material.leaf.certificate.fingerprint : now.serving,
    verifying:
      settings.verification === 'on' && verifiable
        ? observation.clients
            .filter((candidate) => canVerify(candidate, settings.names.paramsConfigMap))
            .map((candidate) => candidate.component)
            .sort()
        : now.verifying,
  };
};

export const makeGoal = (observation: Observation, catalog: Catalog): Goal => ({
  published: target(observation, catalog),
  distrust: observation.settings.distrust,
});

const isBundle = (id: string): boolean => id !== 'off' && id !== 'absent' && id !== 'unknown';

/** The content that serves both: old and new CA together; `undefined` where one of them is no bundle, or they are the same. */
const both = <A extends string>(
  from: A,
  to: A,
  observation: Observation,
  catalog: Catalog,
): A | undefined => {
  if (from === to || !isBundle(from) || !isBundle(to)) return undefined;
  const alive = (catalog.members(from) ?? []).filter((member) => {
    const certificate = catalog.certificate(member);
    return certificate !== undefined && isAlive(certificate, observation.at);
  });
  return catalog.bundle([...new Set([...alive, ...(catalog.members(to) ?? [])])]) as string as A;
};

export const makeCandidates = (observation: Observation, goal: Goal, catalog: Catalog): Candidates => {
  const now = publishedState(observation);
  const end = goal.published;
  const clientCas = [now.clientCa, end.clientCa, both(now.clientCa, end.clientCa, observation, catalog)];
  const overlap = Object.fromEntries(
    Object.entries(end.serverCas).map(([secret, to]): [string, ServerCaId] => {
      const from = serverCaIn(now, secret);
      // On the way nothing is taken away; what is new to a Secret may be there early.
      return [secret, both(from, to, observation, catalog) ?? (isBundle(to) ? to : from)];
    }),
  );
  const serverCas = [now.serverCas, end.serverCas, overlap];
  return {
    clientCa: [...new Set(clientCas.filter((id) => id !== undefined))],
    serverCas: [...new Map(serverCas.map((content) => [JSON.stringify(sorted(content)), content])).values()],
    covers: (larger, smaller) => {
      const has = catalog.members(larger);
      return has !== undefined && (catalog.members(smaller) ?? []).every((member) => has.includes(member));
    },
  };
};

const sorted = (content: PublishedState['serverCas']) =>
  Object.entries(content)
    .filter(([, id]) => id !== 'absent')
    .sort(([a], [b]) => (a < b ? -1 : 1));
