/**
 * Everything that a sidecar's decision depends on, as one value of fingerprints and instants.
 *
 * Two sides, each with somebody who *shows* a leaf and somebody who *trusts* CAs: clients show theirs to repo-server (`client`), and
 * repo-server shows its own to clients (`serving`). So every pod shows on one side and trusts on the other.
 *
 * **Invariant:** what a pod may hold is a set: what its process read, and what it would read if its container started again now.
 */
import type { Fingerprint } from '../../model/fingerprint.ts';
import type { SidecarHold } from '../../model/sidecar-hold.ts';
import type { RestartWay } from '../../model/sidecar-settings.ts';
import type { Component, Duration, Instant } from '../../model/terms.ts';
import type { Purpose } from '../../pki/verify.ts';
import type { Verdict } from '../../plan/compatibility.ts';

export type Bundle = readonly Fingerprint[];

/** The side on which a component shows its leaf; it trusts on the other one. */
export const showsOn = (component: Component): Purpose =>
  component === 'repo-server' ? 'serving' : 'client';
export const trustsOn = (component: Component): Purpose =>
  component === 'repo-server' ? 'client' : 'serving';

/** True where one of the two dials the other. */
export const meet = (one: Component, other: Component): boolean =>
  (one === 'repo-server') !== (other === 'repo-server');

export interface Holdings {
  /** Leafs that it may show, now or after a restart of its container. `unknown`: not told, or none of the sidecar's business. */
  readonly shows: readonly Fingerprint[] | 'unknown';
  /** Bundles by which it may judge. `anything`: it does not verify the other side. */
  readonly trusts: readonly Bundle[] | 'anything' | 'unknown';
}

/** A pod that lives by the API, with what it told. One that told nothing is `unknown` in both. */
export interface Peer extends Holdings {
  readonly uid: string;
  readonly name: string;
  readonly component: Component;
  /** `undefined`: not Ready. */
  readonly readySince: Instant | undefined;
  readonly terminating: boolean;
  /** Leafs that were accepted in a real call to the container that runs now. */
  readonly accepted: readonly Fingerprint[];
}

/** Who may restart, of the replicas of one workload. */
export interface Turn {
  /** Uid of the pod whose turn it is, or was. */
  readonly holder: string;
  /** Pods that lived when it was taken. */
  readonly pods: readonly string[];
  /** It was taken so long ago that it counts for nothing. */
  readonly expired: boolean;
}

export type Others =
  /** The configuration forbids the API. */
  | { readonly state: 'none' }
  | { readonly state: 'unreachable'; readonly why: string }
  | {
      readonly state: 'known';
      readonly peers: readonly Peer[];
      /** What this pod told last, as it is stored. */
      readonly told: Holdings | undefined;
      /** CAs that some pod on the same side was told to trust by its own source, pods that are gone included. */
      readonly vouched: Bundle;
      readonly turn: Turn | undefined;
      /** Of this pod. `leaving`: it is being deleted already. */
      readonly ready: 'ready' | 'not-ready' | 'leaving';
    };

/** What a source came to. */
export type Wanted<T> =
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'held'; readonly hold: SidecarHold };

export interface Relations {
  accepts(bundle: Bundle, leaf: Fingerprint, side: Purpose): Verdict;
  /** Of these CAs, those under which the leaf is accepted. */
  acceptedUnder(leaf: Fingerprint, among: Bundle, side: Purpose): Bundle;
  /** CAs that were handed over together with the leaf, and under which it is accepted, or was until it expired. */
  vouchers(leaf: Fingerprint, side: Purpose): Bundle;
  isExpired(ca: Fingerprint): boolean;
}

export interface Situation {
  readonly at: Instant;
  readonly uid: string;
  readonly component: Component;
  readonly restart: RestartWay;
  readonly settle: Duration;
  /** Until when a first start waits for certainty. */
  readonly waitUntil: Instant;
  /** `undefined`: not this sidecar's to write. */
  readonly trust: Wanted<Bundle> | undefined;
  readonly leaf: Wanted<Fingerprint> | undefined;
  /** `undefined`: no whole set was ever written. */
  readonly written:
    | { readonly trust: Bundle; readonly leaf: Fingerprint | undefined; readonly changedAt: Instant }
    | undefined;
  /** What the main container's process may have read, each by itself; empty while it has not started. */
  readonly loaded: { readonly trusts: readonly Bundle[]; readonly leafs: readonly Fingerprint[] };
  readonly others: Others;
  readonly relations: Relations;
}

export type Action =
  /** Replace the files by these; `warning`: it is done all the same. */
  | {
      readonly kind: 'write';
      readonly trust: Bundle | undefined;
      readonly leaf: Fingerprint | undefined;
      readonly why: string;
      readonly warning?: SidecarHold;
    }
  /** Put this into the shared record. */
  | { readonly kind: 'tell'; readonly holdings: Holdings; readonly why: string }
  | { readonly kind: 'take-turn'; readonly why: string }
  | { readonly kind: 'give-turn-back'; readonly why: string }
  /** Have this pod replaced. */
  | { readonly kind: 'evict'; readonly why: string }
  | { readonly kind: 'wait'; readonly until: Instant | undefined; readonly why: string }
  | { readonly kind: 'hold'; readonly hold: SidecarHold }
  /** Nothing is left to do. */
  | { readonly kind: 'rest' };

export type Move = Exclude<Action, { kind: 'wait' | 'hold' | 'rest' }>;

/** True where something is to be done, not only waited for. */
export const isMove = (action: Action): action is Move =>
  action.kind !== 'wait' && action.kind !== 'hold' && action.kind !== 'rest';

const key = (bundle: Bundle): string => [...new Set(bundle)].toSorted().join();

export const sameBundle = (one: Bundle, other: Bundle): boolean => key(one) === key(other);

export const union = (...bundles: readonly Bundle[]): Bundle => [...new Set(bundles.flat())].toSorted();

export const includes = (whole: Bundle, part: Bundle): boolean => part.every((ca) => whole.includes(ca));

/** Each once, in an order that depends on nothing but the members. */
export const distinctBundles = (bundles: readonly Bundle[]): readonly Bundle[] =>
  [...new Map(bundles.map((bundle) => [key(bundle), union(bundle)]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, bundle]) => bundle);

const holdingsKey = ({ shows, trusts }: Holdings): string =>
  JSON.stringify([
    shows === 'unknown' ? shows : union(shows),
    typeof trusts === 'string' ? trusts : distinctBundles(trusts),
  ]);

export const sameHoldings = (one: Holdings | undefined, other: Holdings): boolean =>
  one !== undefined && holdingsKey(one) === holdingsKey(other);
