/**
 * The world as the planner sees it: what is published, and what each workload's processes may have loaded.
 *
 * Each "possible" set lists every value that at least one living process may hold now or may come to hold by itself
 * (a container that restarts by chance loads what is published at that moment). Certainty is a set of one.
 *
 * **Invariant:** nothing here knows a certificate; only fingerprints, and what {@link Compatibility} says of them.
 */
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
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

export interface ClientState {
  readonly component: ClientComponent;
  readonly reading: LeafReading;
  readonly leaf: Possible<LeafId>;
  readonly pool: Possible<PoolId>;
  /** `beyond-reach`: it verifies by something that no publish of ours changes (strict-tls), so what it holds stays `unknown`. */
  readonly verification: 'by-path' | 'beyond-reach';
  readonly rolling: boolean;
}

/** What the next process to start would load. */
export interface PublishedState {
  readonly clientCa: BundleFingerprint | 'off' | 'unknown';
  readonly leaf: LeafId;
  readonly serverCa: BundleFingerprint | 'absent' | 'unknown';
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

export const including = <T extends string>(set: Possible<T>, value: T): Possible<T> =>
  set.includes(value) ? set : possible(...set, value);

export const isOnly = <T extends string>(set: Possible<T>, value: T): boolean =>
  set.length === 1 && set[0] === value;

/** What a client of that component would verify with if it started now. */
export const poolAtStart = (published: PublishedState, component: ClientComponent): PoolId => {
  if (!published.verifying.includes(component)) return 'unverified';
  return published.serverCa === 'absent' ? 'empty' : published.serverCa;
};

/** What this client's pool becomes where it starts now. */
export const poolAfterStart = (published: PublishedState, client: ClientState): Possible<PoolId> =>
  client.verification === 'beyond-reach' ? client.pool : possible(poolAtStart(published, client.component));

/** One text for one world: equal worlds, equal keys. */
export const worldKey = (world: World): string =>
  JSON.stringify([
    world.published,
    world.server,
    world.clients.map((client) => [client.component, client.leaf, client.pool, client.rolling]),
  ]);
