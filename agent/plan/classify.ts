/**
 * The name of a change. It decides nothing; people, metrics and policies speak of it.
 */

import type { Fingerprint } from '../model/fingerprint.ts';
import type { ChangeClass } from '../model/terms.ts';
import type { Goal } from './actions.ts';
import type { Catalog } from './catalog.ts';
import type { PublishedState, World } from './world.ts';

type TrustChange = 'same' | 'renewed' | 'replaced';

const keysOf = (members: readonly Fingerprint[], catalog: Catalog): string =>
  [
    ...new Set(
      members
        .map((member) => catalog.certificate(member))
        .map((ca) => `${ca?.subjectDer} ${ca?.keyFingerprint}`),
    ),
  ]
    .sort()
    .join();

/** Whether a bundle's CAs change as certificates only, or as keys. */
const trustChange = (from: string, to: string, catalog: Catalog): TrustChange => {
  if (from === to) return 'same';
  const [before, after] = [catalog.members(from), catalog.members(to)];
  if (before === undefined || after === undefined) return 'replaced';
  return keysOf(before, catalog) === keysOf(after, catalog) ? 'renewed' : 'replaced';
};

/** What differs between what every process holds and what it shall hold. */
const differs = (world: World, goal: PublishedState) => ({
  loadedTrust: world.server.trust.some((id) => id !== goal.clientCa && id !== 'unproven'),
  loadedServing: world.server.serving.some((id) => id !== goal.serving),
  loadedPool: world.clients.some((client) => client.pool.length > 1),
});

/** Names what leads from this world to that goal. */
export const classify = (world: World, goal: Goal, catalog: Catalog): ChangeClass => {
  const now = world.published;
  const end = goal.published;
  if (now.clientCa !== 'off' && end.clientCa === 'off') return 'disable';
  if (now.clientCa === 'off' && end.clientCa === 'off' && now.leaf !== end.leaf) return 'disable';
  if (now.clientCa === 'off' && end.clientCa !== 'off') return 'enable';
  if (world.server.trust.includes('off') && end.clientCa !== 'off') return 'enable';
  const client = trustChange(now.clientCa, end.clientCa, catalog);
  const server = now.serverCa === 'absent' ? 'same' : trustChange(now.serverCa, end.serverCa, catalog);
  if (client === 'replaced' && server === 'replaced') return 'both';
  if (client === 'replaced') return 'client-ca';
  if (now.verifying.join() !== end.verifying.join()) return 'verify-on';
  if (server === 'replaced') return 'server-ca';
  if (client === 'renewed') return 'client-ca-renewed';
  if (server === 'renewed' || (now.serverCa === 'absent' && end.serverCa !== 'absent')) return 'server-ca';
  if (now.serving !== end.serving) return 'serving';
  if (now.leaf !== end.leaf) return 'leaf';
  const loaded = differs(world, end);
  if (loaded.loadedTrust) return 'client-ca';
  if (loaded.loadedPool) return 'server-ca';
  return loaded.loadedServing ? 'serving' : 'none';
};
