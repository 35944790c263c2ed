/**
 * The gate for CAs that come without a leaf: what repo-server, or a client that verifies it, is told to trust.
 *
 * **Invariant:** the same predicates as for the CAs beside a pair; a bundle passes whole or not at all.
 */
import type { Certificate } from '../model/certificate.ts';
import type { RawMaterial } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { Instant } from '../model/terms.ts';
import { pruneExpired, unionBundle } from '../pki/bundle.ts';
import { anchorIsThere } from './anchor-is-there.ts';
import { anchorsAreCas } from './anchors-are-cas.ts';
import { certificatesCanBeRead } from './certificates-can-be-read.ts';
import type { BundlePredicate, CertificatePredicate } from './draft.ts';
import { keysAreOfAKnownKind } from './keys-are-of-a-known-kind.ts';
import { keysAreStrong } from './keys-are-strong.ts';
import { certificatesAreFew, materialFitsInASecret } from './material-fits-in-a-secret.ts';
import { someAnchorIsAlive } from './some-anchor-is-alive.ts';

/** Asked of each CA by itself. A leaf that signed itself is its own CA, as beside a pair. */
const OF_EACH: readonly CertificatePredicate[] = [keysAreOfAKnownKind, keysAreStrong, anchorsAreCas];
/** Asked of all of them together. */
const OF_ALL: readonly BundlePredicate[] = [anchorIsThere, someAnchorIsAlive];

/**
 * @param source for people: `ca.crt in /certificates/client-ca`
 * @param at the moment for which it must hold
 * @returns the CAs that have not expired
 */
export const admitAnchors = (
  source: string,
  anchorsPem: string,
  at: Instant,
): { readonly anchors: readonly Certificate[] } | { readonly refusal: Refusal } => {
  const raw: RawMaterial = { source, version: '', certificatePem: '', key: SecretBytes.of(''), anchorsPem };
  const size = materialFitsInASecret(raw);
  if (size !== undefined) return { refusal: size };
  const read = certificatesCanBeRead(anchorsPem, `CA bundle of ${source}`);
  if ('refusal' in read) return read;
  const anchors = unionBundle(read.certificates);
  const many = certificatesAreFew(raw, 0, anchors.length);
  if (many !== undefined) return { refusal: many };
  const refusal = first([
    ...OF_ALL.map((judge) => () => judge({ raw, anchors, at })),
    ...anchors.flatMap((ca) => OF_EACH.map((judge) => () => judge(alone(raw, ca, at)))),
  ]);
  return refusal === undefined ? { anchors: pruneExpired(anchors, at) } : { refusal };
};

const first = (questions: readonly (() => Refusal | undefined)[]): Refusal | undefined => {
  for (const ask of questions) {
    const refusal = ask();
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

const alone = (raw: RawMaterial, ca: Certificate, at: Instant): Parameters<CertificatePredicate>[0] => ({
  raw,
  purpose: 'client',
  at,
  dialledNames: [],
  leaf: ca,
  intermediates: [],
  anchors: [ca],
  upcomingAnchors: [],
});
