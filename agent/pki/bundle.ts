/**
 * Trust bundles: sets of CA certificates as one PEM text.
 *
 * **Invariant:** a bundle's text and id depend on its members only, not on the order or number of times in which they were handed over.
 */
import { createHash } from 'node:crypto';
import type { Certificate } from '../model/certificate.ts';
import type { BundleFingerprint, Fingerprint } from '../model/fingerprint.ts';
import type { Instant } from '../model/terms.ts';

const byFingerprint = (a: Certificate, b: Certificate): number =>
  a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;

/** The members of all bundles, each once, ordered by fingerprint. */
export const unionBundle = (...bundles: readonly (readonly Certificate[])[]): Certificate[] => {
  const members = new Map<Fingerprint, Certificate>();
  for (const certificate of bundles.flat())
    if (!members.has(certificate.fingerprint)) members.set(certificate.fingerprint, certificate);
  return [...members.values()].sort(byFingerprint);
};

/** The members of `bundle` that are not in `taken`. */
export const withoutMembers = (
  bundle: readonly Certificate[],
  taken: readonly Certificate[],
): Certificate[] => {
  const gone = new Set(taken.map((certificate) => certificate.fingerprint));
  return bundle.filter((certificate) => !gone.has(certificate.fingerprint));
};

/** Expired: from the first moment after `notAfter`, which itself still counts (crypto/x509 verify.go, isValid). */
export const hasExpired = (certificate: Certificate, at: Instant): boolean => at > certificate.notAfter;

/** The bundle without members that can never anchor anything again. */
export const pruneExpired = (bundle: readonly Certificate[], at: Instant): Certificate[] =>
  bundle.filter((certificate) => !hasExpired(certificate, at));

/** The bundle as Argo CD reads it: each member once, in the stable order, one PEM block each. */
export const bundlePem = (bundle: readonly Certificate[]): string =>
  unionBundle(bundle)
    .map((certificate) => certificate.pem)
    .join('');

/** Id of a bundle with these members. */
export const fingerprintOfMembers = (members: readonly Fingerprint[]): BundleFingerprint =>
  createHash('sha256')
    .update([...new Set(members)].sort().join('\n'))
    .digest('hex') as BundleFingerprint;

/** Id of a bundle: equal members, equal id. */
export const bundleFingerprint = (bundle: readonly Certificate[]): BundleFingerprint =>
  fingerprintOfMembers(bundle.map((certificate) => certificate.fingerprint));
