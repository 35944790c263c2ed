/**
 * What was published when: the memory that lives beside the content it is about, in one annotation of the published object.
 *
 * **Invariant:** an entry is written in the same apply as the content it describes; a crash can't separate them.
 */
import type { BundleFingerprint, Fingerprint } from './fingerprint.ts';
import type { Instant } from './terms.ts';

/** How many former contents of a file are remembered: what a long-lived process may have loaded at its start. */
export const HISTORY_LENGTH = 8;

/** A trust file's content from `since` until the next entry's `since`. `absent`: there was no such file. */
export interface BundleEra {
  readonly bundle: BundleFingerprint | 'absent';
  readonly anchors: readonly Fingerprint[];
  readonly since: Instant;
}

/** A leaf file's content, likewise. */
export interface LeafEra {
  readonly leaf: Fingerprint | 'absent';
  readonly since: Instant;
}

/** What one object remembers of its own files. Oldest first; the last entry is what is published now. Empty: not known. */
export interface PublicationHistory {
  readonly clientCa: readonly BundleEra[];
  readonly serverCa: readonly BundleEra[];
  /** Pairs of clients, by the key of their certificate. */
  readonly leafs: Readonly<Record<string, readonly LeafEra[]>>;
  readonly serving: readonly LeafEra[];
  readonly caPath: readonly { readonly components: readonly string[]; readonly since: Instant }[];
}

export const NO_HISTORY: PublicationHistory = {
  clientCa: [],
  serverCa: [],
  leafs: {},
  serving: [],
  caPath: [],
};
