/**
 * A Lease of coordination.k8s.io: whose turn it is, for how long.
 */
import type { Duration, Instant } from './terms.ts';

export interface StoredLease {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** `undefined`: nobody. */
  readonly holder: string | undefined;
  /** How long it counts from its last write. */
  readonly duration: Duration | undefined;
  readonly acquiredAt: Instant | undefined;
  readonly renewedAt: Instant | undefined;
  /** How many times it has changed hands. */
  readonly transitions: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a Lease shall say. */
export interface LeaseIntent {
  readonly namespace: string;
  readonly name: string;
  readonly holder: string | undefined;
  readonly duration: Duration;
  readonly acquiredAt: Instant;
  readonly renewedAt: Instant;
  readonly transitions: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * True where a Lease counts for nothing any more.
 *
 * @param seenSince when this version of it was first seen, by the clock of whoever asks: clocks of other machines are not compared
 *   (client-go v0.37.2, tools/leaderelection, does the same).
 */
export const isExpired = (
  lease: Pick<StoredLease, 'holder' | 'duration'>,
  seenSince: Instant,
  now: Instant,
): boolean => lease.holder === undefined || now - seenSince >= (lease.duration ?? 0);
