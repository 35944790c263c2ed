/**
 * Chain building as Go's crypto/x509 does it (verify.go, go1.26): the language of every program that will judge these certificates.
 *
 * **Invariant:** `chain` is answered if and only if Go's `Certificate.Verify` with these roots, intermediates, usage and time finds one;
 * but never for a leaf whose key Go's TLS could not use, nor where policy or mail constraints decide, which are not judged here, or more than 250,000 comparisons of names.
 * (`test/kit/pki/differential` holds this against Go.)
 */
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import type { Instant } from '../model/terms.ts';
import { goVerifies } from './algorithms.ts';
import { detailsOf } from './details.ts';
import { areTooMany, forbiddenName, hasUnknownKinds } from './name-constraints.ts';
import { goReadsKey, signedBy } from './signature.ts';

/** What is presented in a handshake. */
export type Presented = Pick<Leaf, 'certificate' | 'intermediates'>;

/** Extended key usages by what they permit. */
export const PURPOSE_OID = { client: '1.3.6.1.5.5.7.3.2', serving: '1.3.6.1.5.5.7.3.1' } as const;
export type Purpose = keyof typeof PURPOSE_OID;
const ANY_USAGE = '2.5.29.37.0';

/** Why a certificate on the way did not do; `about` is that certificate. */
export interface ChainFault {
  readonly kind:
    | 'no-issuer'
    | 'signature'
    | 'weak-signature'
    | 'not-ca'
    | 'expired'
    | 'not-yet-valid'
    | 'path-length'
    | 'usage'
    | 'names'
    | 'extension'
    | 'key';
  readonly about: Certificate;
  readonly detail: string;
}

export type ChainVerdict =
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  /** In the order met; never empty. */
  | { readonly ok: false; readonly faults: readonly ChainFault[] };

/** Go gives up after so many candidates (verify.go, maxChainSignatureChecks). */
const MAX_CANDIDATES = 100;

/** Absent usages permit any (verify.go, checkChainForKeyUsage). */
export const permits = (certificate: Certificate, purpose: Purpose): boolean =>
  certificate.extendedKeyUsages.length === 0 ||
  certificate.extendedKeyUsages.includes(ANY_USAGE) ||
  certificate.extendedKeyUsages.includes(PURPOSE_OID[purpose]);

const fault = (kind: ChainFault['kind'], about: Certificate, detail: string): ChainFault => ({
  kind,
  about,
  detail,
});

const day = (instant: Instant): string => new Date(instant).toISOString();

/** What speaks against a certificate by itself and its place: `below` counts the CA certificates between it and the leaf. */
const standing = (certificate: Certificate, below: number, at: Instant): ChainFault | undefined => {
  const { unhandled, nameConstraints, hasBasicConstraints } = detailsOf(certificate);
  if (!goReadsKey(certificate)) return fault('key', certificate, 'has a key that Go does not read');
  if (unhandled.length > 0 || (nameConstraints !== undefined && hasUnknownKinds(nameConstraints)))
    return fault('extension', certificate, `has the critical extension ${unhandled[0] ?? '2.5.29.30'}`);
  if (at < certificate.notBefore)
    return fault('not-yet-valid', certificate, `is valid from ${day(certificate.notBefore)}`);
  if (at > certificate.notAfter)
    return fault('expired', certificate, `expired on ${day(certificate.notAfter)}`);
  if (hasBasicConstraints && certificate.pathLength !== undefined && below > certificate.pathLength)
    return fault(
      'path-length',
      certificate,
      `permits ${certificate.pathLength} CA certificates below it, ${below} are there`,
    );
  return undefined;
};

/** Whether `parent` may and did sign `child` (x509.go, CheckSignatureFrom). */
const issuance = (child: Certificate, parent: Certificate): ChainFault | undefined => {
  const { version, hasBasicConstraints } = detailsOf(parent);
  const mayBeCa = hasBasicConstraints ? parent.isCa : version !== 3;
  if (!mayBeCa) return fault('not-ca', parent, 'lacks the CA bit');
  if (parent.mayIssue === false) return fault('not-ca', parent, 'may not sign certificates (keyUsage)');
  if (!goVerifies(child.signatureAlgorithm))
    return fault('weak-signature', child, `is signed with ${child.signatureAlgorithm}, which Go refuses`);
  if (!signedBy(child, parent))
    return fault('signature', child, `was not signed by the key of ${parent.subject}`);
  return undefined;
};

const sameNames = (a: Certificate, b: Certificate): boolean =>
  [...a.dnsNames, ...a.ipAddresses, ...a.uris].join() === [...b.dnsNames, ...b.ipAddresses, ...b.uris].join();

/** The same entity again would go round in circles (verify.go, alreadyInChain). */
const isInChain = (candidate: Certificate, chain: readonly Certificate[]): boolean =>
  chain.some(
    (member) =>
      member.subjectDer === candidate.subjectDer &&
      member.keyFingerprint === candidate.keyFingerprint &&
      sameNames(member, candidate),
  );

/** What is judged of a complete chain only: usages and name constraints. */
const whole = (chain: readonly Certificate[], purpose: Purpose | undefined): ChainFault | undefined => {
  if (purpose !== undefined) {
    const closed = chain.find((certificate) => !permits(certificate, purpose));
    if (closed !== undefined)
      return fault('usage', closed, `permits only ${closed.extendedKeyUsages.join(', ')}`);
  }
  for (const [place, ca] of chain.entries()) {
    const { nameConstraints } = detailsOf(ca);
    if (place === 0 || nameConstraints === undefined) continue;
    for (const below of chain.slice(0, place)) {
      if (areTooMany(nameConstraints, below))
        return fault('names', ca, 'constrains more names than are compared');
      const name = forbiddenName(nameConstraints, below, detailsOf(below).mails);
      if (name !== undefined)
        return fault('names', below, `has the name ${name}, which ${ca.subject} forbids`);
    }
  }
  return undefined;
};

/**
 * Looks for a chain from what is presented to one of `roots`, which need not be self-signed and whose own dates count.
 *
 * @param purpose what the chain must be usable for; left out, usages are not looked at.
 */
export const verifyChain = (
  presented: Presented,
  roots: readonly Certificate[],
  at: Instant,
  purpose?: Purpose,
): ChainVerdict => {
  const leaf = presented.certificate;
  const faults: ChainFault[] = [];
  const own = standing(leaf, -1, at);
  if (own !== undefined) return { ok: false, faults: [own] };
  if (roots.some((root) => root.fingerprint === leaf.fingerprint)) {
    const against = whole([leaf], purpose);
    return against === undefined ? { ok: true, chain: [leaf] } : { ok: false, faults: [against] };
  }

  let candidates = 0;
  const climb = (chain: readonly Certificate[], child: Certificate): readonly Certificate[] | undefined => {
    let met = false;
    for (const [pool, isRoot] of [
      [roots, true],
      [presented.intermediates, false],
    ] as const) {
      for (const parent of pool.filter((certificate) => certificate.subjectDer === child.issuerDer)) {
        candidates += 1;
        if (candidates > MAX_CANDIDATES) return undefined;
        if (isInChain(parent, chain)) continue;
        met = true;
        const against =
          issuance(child, parent) ??
          standing(parent, chain.length - 1, at) ??
          (!isRoot && !parent.isCa ? fault('not-ca', parent, 'lacks the CA bit') : undefined);
        if (against !== undefined) {
          faults.push(against);
          continue;
        }
        const longer = [...chain, parent];
        const incomplete = isRoot ? whole(longer, purpose) : undefined;
        if (incomplete !== undefined) faults.push(incomplete);
        else if (isRoot) return longer;
        else {
          const found = climb(longer, parent);
          if (found !== undefined) return found;
        }
      }
    }
    if (!met) faults.push(fault('no-issuer', child, `was issued by ${child.issuer}, which is not there`));
    return undefined;
  };

  const chain = climb([leaf], leaf);
  if (chain !== undefined) return { ok: true, chain };
  return { ok: false, faults: faults.length > 0 ? faults : [fault('no-issuer', leaf, 'has no issuer here')] };
};
