/**
 * The world as the planner sees it: what is published, and what each workload's processes may have loaded.
 *
 * Each "possible" set lists every value that at least one living process may hold now or may come to hold by itself
 * (a container that restarts by chance loads what is published at that moment). Certainty is a set of one.
 *
 * **Invariant:** nothing here knows a certificate; only fingerprints, and what {@link Compatibility} says of them.
 */
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { SlotId } from '../model/slot.ts';
import type { ClientComponent } from '../model/terms.ts';

/**
 * Which client certificates a repo-server process accepts. `off`: it asks for none. `unknown`: it loaded something that can't be named.
 * `unproven`: what it should have loaded is known, but no call has shown it yet.
 */
export type TrustId = BundleFingerprint | 'off' | 'unknown' | 'unproven';
/** Which certificate a client shows. */
export type LeafId = Fingerprint | 'none' | 'unknown';
/** What a client verifies repo-server with. `empty`: a path is set but the file is missing, every call fails. */
export type PoolId = BundleFingerprint | 'unverified' | 'empty' | 'unknown';
/** Which certificate a repo-server process presents. `self-signed`: made by itself at start. */
export type ServingId = Fingerprint | 'self-signed' | 'unknown';
/** What a `server-ca.crt` holds. */
export type ServerCaId = BundleFingerprint | 'absent' | 'unknown';

/** When a client reads its leaf; from the facts table and the pod template. */
export type LeafReading =
  /** On every call. */
  | 'per-call'
  /** Existence once at start, content on every handshake. */
  | 'existence-at-start'
  /** Once, at start: a subPath mount is never refreshed. */
  | 'at-start'
  /** Not at all: nothing is mounted where it looks. */
  | 'never';

/** Sorted, without duplicates, never empty. */
export type Possible<T extends string> = readonly T[];

export interface ServerState {
  readonly trust: Possible<TrustId>;
  readonly serving: Possible<ServingId>;
  /** A rollout was asked for and is not over: nothing else is written meanwhile. */
  readonly rolling: boolean;
}

/** Where a client's processes find their files. */
export interface ReadPlaces {
  /** By its template; `undefined`: in no place that is published to. */
  readonly slot: SlotId | undefined;
  /** Every place that a living process reads, and the template's. */
  readonly slots: readonly SlotId[];
  /** The Secret of `server-ca.crt`, likewise. */
  readonly pool: string | undefined;
  readonly pools: readonly string[];
}

export interface ClientState {
  readonly component: ClientComponent;
  readonly reading: LeafReading;
  readonly places: ReadPlaces;
  readonly leaf: Possible<LeafId>;
  readonly pool: Possible<PoolId>;
  /** `beyond-reach`: it verifies by something that no publish of ours changes (strict-tls), so what it holds stays `unknown`. */
  readonly verification: 'by-path' | 'beyond-reach';
  readonly rolling: boolean;
}

/** What the next process to start would load. */
export interface PublishedState {
  readonly clientCa: BundleFingerprint | 'off' | 'unknown';
  /** The leaf in each place; a place that isn't listed holds none. */
  readonly leafs: Readonly<Record<SlotId, LeafId>>;
  /** `server-ca.crt` of each Secret; one that isn't listed has none. */
  readonly serverCas: Readonly<Record<string, ServerCaId>>;
  readonly serving: ServingId;
  /** Clients that verify repo-server by `server-ca.crt` once restarted. */
  readonly verifying: readonly ClientComponent[];
}

export interface World {
  readonly published: PublishedState;
  readonly server: ServerState;
  readonly clients: readonly ClientState[];
}

export const possible = <T extends string>(...values: readonly T[]): Possible<T> =>
  [...new Set(values)].sort();

export const including = <T extends string>(set: Possible<T>, ...values: readonly T[]): Possible<T> =>
  values.every((value) => set.includes(value)) ? set : possible(...set, ...values);

export const isOnly = <T extends string>(set: Possible<T>, value: T): boolean =>
  set.length === 1 && set[0] === value;

export const leafIn = ({ leafs }: PublishedState, slot: SlotId): LeafId => leafs[slot] ?? 'none';

export const serverCaIn = ({ serverCas }: PublishedState, secret: string): ServerCaId =>
  serverCas[secret] ?? 'absent';

/** Places whose content differs between two states. */
export const differingSlots = (a: PublishedState, b: PublishedState): readonly SlotId[] => {
  if (a.leafs === b.leafs) return [];
  return ([...new Set([...Object.keys(a.leafs), ...Object.keys(b.leafs)])] as SlotId[]).filter(
    (slot) => leafIn(a, slot) !== leafIn(b, slot),
  );
};

/** Secrets whose `server-ca.crt` differs. */
export const differingPools = (a: PublishedState, b: PublishedState): readonly string[] => {
  if (a.serverCas === b.serverCas) return [];
  return [...new Set([...Object.keys(a.serverCas), ...Object.keys(b.serverCas)])].filter(
    (secret) => serverCaIn(a, secret) !== serverCaIn(b, secret),
  );
};

/** Where two states publish the same. */
export const samePublished = (a: PublishedState, b: PublishedState): boolean =>
  a.clientCa === b.clientCa &&
  a.serving === b.serving &&
  a.verifying.join() === b.verifying.join() &&
  differingSlots(a, b).length === 0 &&
  differingPools(a, b).length === 0;

/** What a process that reads `server-ca.crt` from that Secret would verify with, if it started now. */
export const poolFrom = (
  published: PublishedState,
  component: ClientComponent,
  secret: string | undefined,
): PoolId => {
  if (!published.verifying.includes(component)) return 'unverified';
  const content = secret === undefined ? 'absent' : serverCaIn(published, secret);
  return content === 'absent' ? 'empty' : content;
};

type Reader = Pick<ClientState, 'component' | 'places'>;

/** What this client's next process would verify with. */
export const poolAtStart = (published: PublishedState, { component, places }: Reader): PoolId =>
  poolFrom(published, component, places.pool);

/** What this client's pool becomes where it starts now. */
export const poolAfterStart = (published: PublishedState, client: ClientState): Possible<PoolId> =>
  client.verification === 'beyond-reach' ? client.pool : possible(poolAtStart(published, client));

/** What this client's next process shows. One without a place goes on showing what its like show. */
export const leafAfterStart = (published: PublishedState, client: ClientState): Possible<LeafId> =>
  client.places.slot === undefined ? client.leaf : possible(leafIn(published, client.places.slot));

/** A part of a world is never changed, and one world shares most of its parts with the next: its text is made once. */
const texts = new WeakMap<object, string>();

const textOf = <T extends object>(part: T, make: (part: T) => unknown): string => {
  const known = texts.get(part);
  if (known !== undefined) return known;
  const text = JSON.stringify(make(part));
  texts.set(part, text);
  return text;
};

/** One text for one world: equal worlds, equal keys. */
export const worldKey = ({ published, server, clients }: World): string =>
  [
    textOf(published, (all) => all),
    textOf(server, (all) => all),
    ...clients.map((client) =>
      textOf(client, ({ component, places, leaf, pool, rolling }) => [
        component,
        places,
        leaf,
        pool,
        rolling,
      ]),
    ),
  ].join();
