/**
 * The name of a change. It decides nothing; people, metrics and policies speak of it.
 */

import type { Fingerprint } from '../model/fingerprint.ts';
import type { PolicyClass } from '../model/policy.ts';
import type { ChangeClass } from '../model/terms.ts';
import type { Goal } from './actions.ts';
import type { Catalog } from './catalog.ts';
import { differingSlots, leafIn, type PublishedState, serverCaIn, type World } from './world.ts';

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

/** The gravest change among the server CAs of all Secrets. A Secret that has none yet gets one: no change of trust. */
const serverChange = (now: PublishedState, end: PublishedState, catalog: Catalog): TrustChange => {
  const changes = Object.entries(end.serverCas).flatMap(([secret, to]) => {
    const from = serverCaIn(now, secret);
    return from === 'absent' || to === 'absent' ? [] : [trustChange(from, to, catalog)];
  });
  if (changes.includes('replaced')) return 'replaced';
  return changes.includes('renewed') ? 'renewed' : 'same';
};

const hasServerCa = ({ serverCas }: PublishedState): boolean =>
  Object.values(serverCas).some((content) => content !== 'absent');

type LeafChange = 'same' | 'renewed' | 'moved';

/** `moved`: the pairs get other places, with nothing new in them that was not published before. */
const leafChange = (now: PublishedState, end: PublishedState): LeafChange => {
  const changed = differingSlots(now, end);
  if (changed.length === 0) return 'same';
  const known = Object.values(now.leafs);
  const isMove = changed.every(
    (slot) =>
      leafIn(end, slot) === 'none' || (leafIn(now, slot) === 'none' && known.includes(leafIn(end, slot))),
  );
  return isMove ? 'moved' : 'renewed';
};

const hasLeaf = ({ leafs }: PublishedState): boolean => Object.values(leafs).some((leaf) => leaf !== 'none');

/** What differs between what every process holds and what it shall hold. */
const differs = (world: World, goal: PublishedState) => ({
  loadedTrust: world.server.trust.some((id) => id !== goal.clientCa && id !== 'unproven'),
  loadedServing: world.server.serving.some((id) => id !== goal.serving),
  loadedPool: world.clients.some((client) => client.pool.length > 1),
});

/**
 * What a policy has to know of it: a change is named by the gravest thing in it, and may replace the server's CA beside.
 */
export const policyClasses = (world: World, goal: Goal, catalog: Catalog): readonly PolicyClass[] => {
  const name = classify(world, goal, catalog);
  if (name === 'none') return [];
  const named: readonly PolicyClass[] = name === 'both' ? ['client-ca', 'server-ca'] : [name];
  const replaced = serverChange(world.published, goal.published, catalog) === 'replaced';
  return replaced ? [...new Set<PolicyClass>([...named, 'server-ca'])] : named;
};

/** Names what leads from this world to that goal. */
export const classify = (world: World, goal: Goal, catalog: Catalog): ChangeClass => {
  const now = world.published;
  const end = goal.published;
  if (now.clientCa !== 'off' && end.clientCa === 'off') return 'disable';
  if (now.clientCa === 'off' && end.clientCa === 'off' && hasLeaf(now) && !hasLeaf(end)) return 'disable';
  if (now.clientCa === 'off' && end.clientCa !== 'off') return 'enable';
  if (world.server.trust.includes('off') && end.clientCa !== 'off') return 'enable';
  const client = trustChange(now.clientCa, end.clientCa, catalog);
  const server = serverChange(now, end, catalog);
  if (client === 'replaced' && server === 'replaced') return 'both';
  if (client === 'replaced') return 'client-ca';
  if (now.verifying.join() !== end.verifying.join()) return 'verify-on';
  if (server === 'replaced') return 'server-ca';
  if (client === 'renewed') return 'client-ca-renewed';
  if (server === 'renewed' || (!hasServerCa(now) && hasServerCa(end))) return 'server-ca';
  if (now.serving !== end.serving) return 'serving';
  const leafs = leafChange(now, end);
  if (leafs !== 'same') return leafs === 'moved' ? 'layout' : 'leaf';
  const loaded = differs(world, end);
  if (loaded.loadedTrust) return 'client-ca';
  if (loaded.loadedPool) return 'server-ca';
  return loaded.loadedServing ? 'serving' : 'none';
};
