/**
 * What can be done in a world, and what it does to it.
 *
 * A publish adds to what its readers may hold; a wait, a restart and a proof take away from it. That is all the order is derived from.
 *
 * **Invariant:** only a publish can put a pair at risk, so only a publish is checked; a restart loads what was checked when it was published.
 */
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import {
  type ClientState,
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

/** What running processes of a client show once they have been shown everything. */
export const waited = (client: ClientState, published: PublishedState): ClientState => {
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
