/**
 * What can be done in a world, and what it does to it.
 *
 * A publish adds to what its readers may hold; a wait, a restart and a proof take away from it. That is all the order is derived from.
 *
 * **Invariant:** only a publish can put a pair at risk, so only a publish is checked; a restart loads what was checked when it was published.
 */
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { SlotId } from '../model/slot.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import { type Compatibility, newRisks, type Risk } from './compatibility.ts';
import {
  type ClientState,
  differingSlots,
  including,
  isOnly,
  leafAfterStart,
  leafIn,
  type PublishedState,
  poolAfterStart,
  poolAtStart,
  poolFrom,
  possible,
  samePublished,
  type TrustId,
  type World,
} from './world.ts';

export type Action =
  /** Client CA, pairs and server CAs: one write for each Secret concerned, in any order, since each of them is admissible if all are. */
  | { readonly kind: 'publish-mtls'; readonly published: PublishedState }
  | { readonly kind: 'publish-serving'; readonly serving: Fingerprint }
  | { readonly kind: 'set-paths'; readonly verifying: readonly ClientComponent[] }
  | { readonly kind: 'wait' }
  | { readonly kind: 'roll'; readonly component: Component }
  | { readonly kind: 'prove' };

/** Where a plan is to end. */
export interface Goal {
  readonly published: PublishedState;
  /** `with-next-restart`: a repo-server that still trusts more than the goal is good enough. */
  readonly distrust: 'immediately' | 'with-next-restart';
}

/** Which contents each trust file may be given on the way: what it has, what it shall have, and both together. */
export interface Candidates {
  readonly clientCa: readonly (BundleFingerprint | 'off' | 'unknown')[];
  readonly serverCas: readonly PublishedState['serverCas'][];
  /** Is `larger` the same trust as `smaller`, or more? */
  readonly covers: (larger: string, smaller: string) => boolean;
}

const afterPublish = (world: World, published: PublishedState): World => ({
  published,
  server: {
    ...world.server,
    trust: including(world.server.trust, published.clientCa),
    serving: including(world.server.serving, published.serving),
  },
  clients: world.clients.map((client) => {
    const leaf = including(client.leaf, ...client.places.slots.map((slot) => leafIn(published, slot)));
    const pool =
      client.verification === 'beyond-reach'
        ? client.pool
        : including(
            client.pool,
            poolAtStart(published, client),
            ...client.places.pools.map((secret) => poolFrom(published, client.component, secret)),
          );
    return leaf === client.leaf && pool === client.pool ? client : { ...client, leaf, pool };
  }),
});

const waited = (client: ClientState, published: PublishedState): ClientState => {
  const shown = client.places.slots.map((slot) => leafIn(published, slot));
  if (client.reading === 'per-call') return { ...client, leaf: possible(...shown) };
  if (client.reading === 'existence-at-start') {
    // A process that found no file at its start shows none until it is restarted.
    return {
      ...client,
      leaf: client.leaf.includes('none') ? possible(...shown, 'none') : possible(...shown),
    };
  }
  return client;
};

const afterWait = (world: World): World => ({
  ...world,
  clients: world.clients.map((client) => waited(client, world.published)),
});

const onlyTemplate = ({ places }: ClientState): ClientState['places'] => ({
  ...places,
  slots: places.slot === undefined ? [] : [places.slot],
  pools: places.pool === undefined ? [] : [places.pool],
});

const afterRoll = (world: World, component: Component): World => {
  const { published } = world;
  if (component === 'repo-server') {
    return {
      ...world,
      server: {
        trust: possible<TrustId>(published.clientCa, 'unproven'),
        serving: possible(published.serving),
        rolling: false,
      },
    };
  }
  return {
    ...world,
    clients: world.clients.map((client) =>
      client.component === component
        ? {
            ...client,
            places: onlyTemplate(client),
            leaf: leafAfterStart(published, client),
            pool: poolAfterStart(published, client),
            rolling: false,
          }
        : client,
    ),
  };
};

const afterProof = (world: World): World => {
  const trust = world.server.trust.filter((id) => id !== 'unproven');
  return {
    ...world,
    server: { ...world.server, trust: trust.length === 0 ? possible('unknown') : trust },
  };
};

/** The world that an action leads to. */
export const apply = (world: World, action: Action): World => {
  switch (action.kind) {
    case 'publish-mtls':
      return afterPublish(world, action.published);
    case 'publish-serving':
      return afterPublish(world, { ...world.published, serving: action.serving });
    case 'set-paths':
      return afterPublish(world, { ...world.published, verifying: action.verifying });
    case 'wait':
      return afterWait(world);
    case 'roll':
      return afterRoll(world, action.component);
    case 'prove':
      return afterProof(world);
  }
};

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

/** Every process of the client shows what lies in its places, and nothing else. */
const showsOnly = (client: ClientState, published: PublishedState): boolean =>
  client.reading === 'never' ||
  client.leaf.join() === possible(...client.places.slots.map((slot) => leafIn(published, slot))).join();

/** True where nothing is left to do. */
export const isReached = (world: World, goal: Goal, covers: Candidates['covers']): boolean => {
  const { published } = goal;
  if (!samePublished(world.published, published) || world.server.rolling) return false;
  const trustReached =
    goal.distrust === 'immediately'
      ? isOnly(world.server.trust, published.clientCa)
      : world.server.trust.every((id) => id === published.clientCa || covers(id, published.clientCa));
  return (
    trustReached &&
    isOnly(world.server.serving, published.serving) &&
    world.clients.every(
      (client) =>
        !client.rolling &&
        showsOnly(client, published) &&
        client.pool.join() === poolAfterStart(published, client).join(),
    )
  );
};
