/**
 * The gate between sources and everything else: raw text goes in, material or one refusal comes out.
 *
 * **Invariant:** material exists only as what came through here; nothing bad is ever published because nothing else can be.
 */
import type { Material, RawMaterial } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Instant } from '../model/terms.ts';
import { pruneExpired, unionBundle } from '../pki/bundle.ts';
import { newAnchors } from '../pki/chain.ts';
import type { Purpose } from '../pki/verify.ts';
import { anchorIsThere } from './anchor-is-there.ts';
import { anchorsAreCas } from './anchors-are-cas.ts';
import { certificatesCanBeRead } from './certificates-can-be-read.ts';
import type { Draft, Predicate } from './draft.ts';
import { keyBelongsToLeaf } from './key-belongs-to-leaf.ts';
import { keyCanBeRead } from './key-can-be-read.ts';
import { keysAreOfAKnownKind } from './keys-are-of-a-known-kind.ts';
import { keysAreStrong } from './keys-are-strong.ts';
import { leafChainsToAnAnchor } from './leaf-chains-to-an-anchor.ts';
import { leafHasBegun, leafHasNotExpired } from './leaf-is-valid-now.ts';
import { leafMayIdentifyAClient, leafMayIdentifyAServer } from './leaf-may-identify-itself.ts';
import { leafNamesWhatIsDialled } from './leaf-names-what-is-dialled.ts';
import { certificatesAreFew, materialFitsInASecret } from './material-fits-in-a-secret.ts';
import { someAnchorIsAlive } from './some-anchor-is-alive.ts';
import { thereIsOneLeaf } from './there-is-one-leaf.ts';

export type Admission = { readonly material: Material } | { readonly refusal: Refusal };

/** Asked in this order; the first that applies is the reason. */
const PREDICATES: readonly Predicate[] = [
  keyBelongsToLeaf,
  keysAreOfAKnownKind,
  keysAreStrong,
  leafHasBegun,
  leafHasNotExpired,
  leafMayIdentifyAClient,
  leafMayIdentifyAServer,
  leafNamesWhatIsDialled,
  anchorIsThere,
  anchorsAreCas,
  someAnchorIsAlive,
  leafChainsToAnAnchor,
];

const draftOf = (
  raw: RawMaterial,
  purpose: Purpose,
  at: Instant,
  dialledNames: readonly string[],
): { readonly draft: Draft } | { readonly refusal: Refusal } => {
  const size = materialFitsInASecret(raw);
  if (size !== undefined) return { refusal: size };
  const chain = certificatesCanBeRead(raw.certificatePem, `certificate of ${raw.source}`);
  if ('refusal' in chain) return chain;
  const trusted = certificatesCanBeRead(raw.anchorsPem, `CA bundle of ${raw.source}`);
  const coming = certificatesCanBeRead(raw.upcomingAnchorsPem ?? '', `issuer's CA of ${raw.source}`);
  const anchors = 'refusal' in trusted ? [] : unionBundle(trusted.certificates);
  const issuers = 'refusal' in coming ? [] : unionBundle(coming.certificates);
  // Before any signature is tried: who signed whom is asked of every two.
  for (const CAs of [anchors.length, issuers.length]) {
    const many = certificatesAreFew(raw, chain.certificates.length, CAs);
    if (many !== undefined) return { refusal: many };
  }
  const split = thereIsOneLeaf(chain.certificates, raw.source);
  if ('refusal' in split) return split;
  const key = keyCanBeRead(raw);
  if ('refusal' in key) return key;
  if ('refusal' in trusted) return trusted;
  if ('refusal' in coming) return coming;
  const upcomingAnchors = newAnchors(issuers, anchors);
  const all = certificatesAreFew(raw, chain.certificates.length, anchors.length + upcomingAnchors.length);
  if (all !== undefined) return { refusal: all };
  return { draft: { raw, purpose, at, dialledNames, ...split, ...key, anchors, upcomingAnchors } };
};

/**
 * Judges what a source handed over.
 *
 * @param at the moment for which it must hold.
 * @param serving for the purpose `serving`: the names, without port, that clients dial. Left out, names are not judged.
 */
export const admit = (
  raw: RawMaterial,
  purpose: Purpose,
  at: Instant,
  serving?: { readonly dialledNames: readonly string[] },
): Admission => {
  const read = draftOf(raw, purpose, at, serving?.dialledNames ?? []);
  if ('refusal' in read) return read;
  const { draft } = read;
  for (const predicate of PREDICATES) {
    const refusal = predicate(draft);
    if (refusal !== undefined) return { refusal };
  }
  return {
    material: {
      source: raw.source,
      version: raw.version,
      leaf: { certificate: draft.leaf, intermediates: draft.intermediates, key: draft.key.pem },
      anchors: pruneExpired(draft.anchors, at),
      upcomingAnchors: pruneExpired(draft.upcomingAnchors, at),
    },
  };
};
