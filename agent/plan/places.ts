/**
 * Which client reads its pair, and `server-ca.crt`, where: by its template, and by each pod that still lives.
 *
 * **Invariant:** a place that isn't one of the known ones is no place: what lies there can't be named, so it counts as unknown.
 */
import type { ClientMounts, FileOrigin } from '../model/mounts.ts';
import type { Observation, ObservedClient, PublishedLeaf } from '../model/observation.ts';
import { type SlotId, slotId } from '../model/slot.ts';
import type { ReadPlaces } from './world.ts';

/** The place that these mounts make a client read; `undefined` where it is none of the known ones. */
export const placeRead = (
  { certificate, key }: Pick<ClientMounts, 'certificate' | 'key'>,
  places: readonly PublishedLeaf[],
): PublishedLeaf | undefined => {
  if (certificate.from !== 'secret' || key.from !== 'secret') return undefined;
  return places.find(
    ({ slot }) =>
      slot.secret === certificate.secret &&
      slot.secret === key.secret &&
      slot.certificate === certificate.key &&
      slot.key === key.key,
  );
};

/** The Secret that these mounts take `server-ca.crt` from; `undefined` where it is none that is published to. */
export const poolRead = (serverCa: FileOrigin, observation: Observation): string | undefined =>
  serverCa.from === 'secret' &&
  serverCa.key === observation.settings.names.keys.serverCa &&
  observation.published.pools.some(({ secret }) => secret === serverCa.secret)
    ? serverCa.secret
    : undefined;

const unique = <T>(values: readonly (T | undefined)[]): readonly T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** All that concerns one client. */
export const placesOf = (client: ObservedClient, observation: Observation): ReadPlaces => {
  const slotOf = (mounts: ClientMounts): SlotId | undefined => {
    const place = placeRead(mounts, observation.published.leafs);
    return place === undefined ? undefined : slotId(place.slot);
  };
  const poolOf = (mounts: ClientMounts) => poolRead(mounts.serverCa, observation);
  const all = [client.mounts, ...client.podMounts.map(({ mounts }) => mounts)];
  return {
    slot: slotOf(client.mounts),
    slots: unique(all.map(slotOf)),
    pool: poolOf(client.mounts),
    pools: unique(all.map(poolOf)),
  };
};
