/**
 * What may be done next in a world without putting a pair at risk.
 *
 * **Invariant:** only writes are judged; whatever else is conceivable takes away from what processes may hold.
 */
import type { Fingerprint } from '../model/fingerprint.ts';
import type { SlotId } from '../model/slot.ts';
import type { Component } from '../model/terms.ts';
import { type Action, apply, type Candidates, type Goal, waited } from './actions.ts';
import { type Compatibility, newRisks, type Risk } from './compatibility.ts';
import {
  differingSlots,
  isOnly,
  leafAfterStart,
  leafIn,
  type PublishedState,
  poolAfterStart,
  poolAtStart,
  samePublished,
  type World,
} from './world.ts';

/** True where every process of that component holds exactly what is published. */
const isCurrent = (world: World, component: Component): boolean => {
  if (component === 'repo-server') {
    return (
      world.server.trust.every((id) => id === world.published.clientCa || id === 'unproven') &&
      isOnly(world.server.serving, world.published.serving) &&
      !world.server.rolling
    );
  }
  const client = world.clients.find((candidate) => candidate.component === component);
  if (client === undefined) return true;
  return (
    !client.rolling &&
    client.pool.join() === poolAfterStart(world.published, client).join() &&
    client.leaf.join() === leafAfterStart(world.published, client).join()
  );
};

/** Client CA, pairs and server CAs in every combination that may be wanted at once. */
const publications = (
  { published }: World,
  goal: PublishedState,
  candidates: Candidates,
): readonly PublishedState[] => {
  const pairs =
    differingSlots(published, goal).length > 0 ? [published.leafs, goal.leafs] : [published.leafs];
  return candidates.clientCa
    .flatMap((clientCa) =>
      pairs.flatMap((leafs) =>
        candidates.serverCas.map((serverCas) => ({ ...published, clientCa, leafs, serverCas })),
      ),
    )
    .filter((next) => !samePublished(next, published));
};

/** What could sensibly be done next, safe or not, in the order in which people would expect it. */
const conceivable = (world: World, goal: Goal, candidates: Candidates): readonly Action[] => {
  const actions: Action[] = [];
  const rolling = world.server.rolling || world.clients.some((client) => client.rolling);
  if (world.server.trust.includes('unproven') && !world.server.rolling) actions.push({ kind: 'prove' });
  if (!rolling) {
    for (const published of publications(world, goal.published, candidates))
      actions.push({ kind: 'publish-mtls', published });
    if (world.published.serving !== goal.published.serving) {
      actions.push({ kind: 'publish-serving', serving: goal.published.serving as Fingerprint });
    }
    if (world.published.verifying.join() !== goal.published.verifying.join()) {
      actions.push({ kind: 'set-paths', verifying: goal.published.verifying });
    }
  }
  if (world.clients.some((client) => waited(client, world.published).leaf.join() !== client.leaf.join())) {
    actions.push({ kind: 'wait' });
  }
  // Clients in the same state are interchangeable: whichever is restarted first, the rest of the way is the same.
  const offered = new Set<string>();
  for (const client of world.clients) {
    const likeness = JSON.stringify([
      { ...client, component: '', places: '' },
      leafAfterStart(world.published, client),
      poolAtStart(world.published, client),
      client.places.slot === undefined ? '' : leafIn(goal.published, client.places.slot),
      goal.published.verifying.includes(client.component),
    ]);
    if (offered.has(likeness) || isCurrent(world, client.component)) continue;
    offered.add(likeness);
    actions.push({ kind: 'roll', component: client.component });
  }
  if (!isCurrent(world, 'repo-server')) actions.push({ kind: 'roll', component: 'repo-server' });
  return actions;
};

const isWrite = (action: Action): boolean =>
  action.kind === 'publish-mtls' || action.kind === 'publish-serving' || action.kind === 'set-paths';

/**
 * Old trust goes only on proof: while any repo-server process hasn't been called, no CA is taken out of `client-ca.crt`,
 * even where the pairs alone would allow it.
 */
const dropsUnproven = (world: World, action: Action, covers: Candidates['covers']): boolean =>
  action.kind === 'publish-mtls' &&
  world.server.trust.includes('unproven') &&
  action.published.clientCa !== 'off' &&
  world.published.clientCa !== 'off' &&
  !covers(action.published.clientCa, world.published.clientCa);

const withoutSlots = (action: Action, world: World, slots: readonly SlotId[]): Action => {
  if (action.kind !== 'publish-mtls') return action;
  const leafs: Record<SlotId, PublishedState['leafs'][SlotId]> = { ...action.published.leafs };
  for (const slot of slots) leafs[slot] = leafIn(world.published, slot);
  return { ...action, published: { ...action.published, leafs } };
};

/**
 * A publish less those pairs that would put their readers at risk: pairs of different clients change independently, so that one which
 * can't change yet doesn't keep the others.
 */
const narrowed = (world: World, action: Action, risks: readonly Risk[]): Action | undefined => {
  if (action.kind !== 'publish-mtls') return undefined;
  const atRisk = new Set(
    risks.flatMap(({ side, client }) => (side === 'client-certificate' ? [client as string] : [])),
  );
  const readers = world.clients.filter(({ component }) => atRisk.has(component));
  const changed = differingSlots(world.published, action.published).filter((slot) =>
    readers.some(({ places }) => places.slots.includes(slot)),
  );
  if (changed.length === 0) return undefined;
  const rest = withoutSlots(action, world, changed);
  return rest.kind === 'publish-mtls' && samePublished(rest.published, world.published) ? undefined : rest;
};

/** What may be done next without putting a pair at risk. */
export const admissible = (
  world: World,
  goal: Goal,
  candidates: Candidates,
  compatibility: Compatibility,
): readonly Action[] =>
  conceivable(world, goal, candidates).flatMap((action) => {
    if (!isWrite(action)) return [action];
    if (dropsUnproven(world, action, candidates.covers)) return [];
    const risksOf = (one: Action) => newRisks(world, apply(world, one), compatibility);
    const risks = risksOf(action);
    if (risks.length === 0) return [action];
    const rest = narrowed(world, action, risks);
    return rest === undefined || risksOf(rest).length > 0 ? [] : [rest];
  });
