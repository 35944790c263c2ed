/**
 * A pair that was found under some names, and whether two of them are the same pair.
 *
 * **Invariant:** two candidates are the same only where that is proved: the same leaf, and both keys belong to it.
 */
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { keyBelongsTo } from '../../agent/pki/private-key.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';
import { certificatesOf } from './split.ts';

export interface Found {
  readonly certificatePem: string;
  readonly key: SecretBytes;
  /** Empty where no CA was found beside the pair. */
  readonly anchorsPem: string;
}

export interface Candidate extends Found {
  /** For people: `tls.crt with tls.key`. */
  readonly named: string;
}

const fingerprints = (pem: string): string =>
  (certificatesOf(pem) ?? [])
    .map(({ fingerprint }) => fingerprint)
    .toSorted()
    .join();

const samePair = (one: Found, other: Found): boolean => {
  const [leaf] = (certificatesOf(one.certificatePem) ?? []).filter(({ isCa }) => !isCa);
  const [second] = (certificatesOf(other.certificatePem) ?? []).filter(({ isCa }) => !isCa);
  if (leaf === undefined || leaf.fingerprint !== second?.fingerprint) return false;
  try {
    return one.key.equals(other.key) || [one, other].every(({ key }) => keyBelongsTo(key, leaf));
  } catch (error) {
    if (error instanceof UnreadablePki) return false;
    throw error;
  }
};

/** The same pair under the same CAs, or at least one of them names no CA. */
export const sameContent = (one: Found, other: Found): boolean =>
  samePair(one, other) &&
  (one.anchorsPem === '' ||
    other.anchorsPem === '' ||
    fingerprints(one.anchorsPem) === fingerprints(other.anchorsPem));
