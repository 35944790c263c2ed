/**
 * What can be done in a world, and what it does to it.
 *
 * A publish adds to what its readers may hold; a wait, a restart and a proof take away from it. That is all the order is derived from.
 *
 * **Invariant:** only a publish can put a pair at risk, so only a publish is checked; a restart loads what was checked when it was published.
 */
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import { type Compatibility, newRisks } from './compatibility.ts';
import {
  type ClientState,
  including,
  isOnly,
  type LeafId,
  type PublishedState,
  poolAfterStart,
  poolAtStart,
  possible,
  type TrustId,
  type World,
} from './world.ts';

export type Action =
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
  readonly serverCa: readonly (BundleFingerprint | 'absent' | 'unknown')[];
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
  clients: world.clients.map((client) => ({
    ...client,
    leaf: client.reading === 'never' ? client.leaf : including(client.leaf, published.leaf),
    pool:
      client.verification === 'beyond-reach'
        ? client.pool
        : including(client.pool, poolAtStart(published, client.component)),
  })),
});

const waited = (client: ClientState, leaf: LeafId): ClientState => {
  if (client.reading === 'per-call') return { ...client, leaf: possible(leaf) };
  if (client.reading === 'existence-at-start') {
    // A process that found no file at its start shows none until it is restarted.
    return { ...client, leaf: client.leaf.includes('none') ? possible(leaf, 'none') : possible(leaf) };
  }
  return client;
};

const afterWait = (world: World): World => ({
  ...world,
  clients: world.clients.map((client) => waited(client, world.published.leaf)),
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
            leaf: client.reading === 'never' ? client.leaf : possible(published.leaf),
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
    (client.reading === 'never' || isOnly(client.leaf, world.published.leaf))
  );
};

/** What could sensibly be done next, safe or not, in the order in which people would expect it. */
const conceivable = (world: World, goal: Goal, candidates: Candidates): readonly Action[] => {
  const actions: Action[] = [];
  const rolling = world.server.rolling || world.clients.some((client) => client.rolling);
  if (world.server.trust.includes('unproven') && !world.server.rolling) actions.push({ kind: 'prove' });
  if (!rolling) {
    for (const clientCa of candidates.clientCa) {
      for (const leaf of new Set([world.published.leaf, goal.published.leaf])) {
        for (const serverCa of candidates.serverCa) {
          const published = { ...world.published, clientCa, leaf, serverCa };
          const same =
            clientCa === world.published.clientCa &&
            leaf === world.published.leaf &&
            serverCa === world.published.serverCa;
          if (!same) actions.push({ kind: 'publish-mtls', published });
        }
      }
    }
    if (world.published.serving !== goal.published.serving) {
      actions.push({ kind: 'publish-serving', serving: goal.published.serving as Fingerprint });
    }
    if (world.published.verifying.join() !== goal.published.verifying.join()) {
      actions.push({ kind: 'set-paths', verifying: goal.published.verifying });
    }
  }
  if (
    world.clients.some((client) => waited(client, world.published.leaf).leaf.join() !== client.leaf.join())
  ) {
    actions.push({ kind: 'wait' });
  }
  // Clients in the same state are interchangeable: whichever is restarted first, the rest of the way is the same.
  const offered = new Set<string>();
  for (const client of world.clients) {
    const likeness = JSON.stringify([
      { ...client, component: '' },
      poolAtStart(world.published, client.component),
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

/** What may be done next without putting a pair at risk. */
export const admissible = (
  world: World,
  goal: Goal,
  candidates: Candidates,
  compatibility: Compatibility,
): readonly Action[] =>
  conceivable(world, goal, candidates).filter(
    (action) =>
      !isWrite(action) ||
      (!dropsUnproven(world, action, candidates.covers) &&
        newRisks(world, apply(world, action), compatibility).length === 0),
  );

/** True where nothing is left to do. */
export const isReached = (world: World, goal: Goal, covers: Candidates['covers']): boolean => {
  const { published } = goal;
  const sameContent =
    world.published.clientCa === published.clientCa &&
    world.published.leaf === published.leaf &&
    world.published.serverCa === published.serverCa &&
    world.published.serving === published.serving &&
    world.published.verifying.join() === published.verifying.join();
  if (!sameContent || world.server.rolling) return false;
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
        (client.reading === 'never' || isOnly(client.leaf, published.leaf)) &&
        client.pool.join() === poolAfterStart(published, client).join(),
    )
  );
};
