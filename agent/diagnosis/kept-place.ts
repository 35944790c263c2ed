/**
 * Whether what a client reads is kept up to date, although it need not be the place that the layout gives it.
 *
 * **Invariant:** only a place that the agent writes counts; one that is somebody else's is kept by nobody.
 */
import type { ClientMounts, FileOrigin } from '../model/mounts.ts';
import type { PublishedLeaf } from '../model/observation.ts';
import { placeRead } from '../plan/places.ts';
import type { PreflightInput } from './input.ts';

type View = Pick<PreflightInput, 'published' | 'settings'>;

/** The place from which these mounts take the pair, where the agent fills it. */
export function keptPlace(
  mounts: Pick<ClientMounts, 'certificate' | 'key'>,
  { published }: View,
): PublishedLeaf | undefined {
  const place = placeRead(mounts, published.leafs);
  return place?.keeper === 'other' ? undefined : place;
}

/** True where the pair comes from a place that the agent fills, the layout's own for this client or not. */
export const readsKeptPlace = (mounts: ClientMounts, view: View): boolean =>
  keptPlace(mounts, view) !== undefined;

/** The Secret from which a client takes `server-ca.crt`, where the agent fills that. */
export function keptPool(origin: FileOrigin, { published, settings }: View): string | undefined {
  if (origin.from !== 'secret' || origin.key !== settings.names.keys.serverCa) return undefined;
  const pool = published.pools.find(({ secret }) => secret === origin.secret);
  return pool === undefined || pool.keeper === 'other' ? undefined : pool.secret;
}
