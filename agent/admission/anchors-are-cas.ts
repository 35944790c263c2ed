/**
 * Everything that is to be trusted is a CA that may sign certificates; or the very leaf that is presented, where that signed itself.
 *
 * **Invariant:** no other leaf is ever published as trusted. A self-signed one is trusted as itself and vouches for nothing else (Go,
 * crypto/x509 verify.go: a root that is the leaf ends the chain); each renewal of it is a replacement of the CA, and is carried out as one.
 */
import type { CertificatePredicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const anchorsAreCas: CertificatePredicate = ({ leaf, anchors, upcomingAnchors }) => {
  const odd = [...anchors, ...upcomingAnchors].find(
    (certificate) =>
      (!certificate.isCa || certificate.mayIssue === false) &&
      !(certificate.selfSigned && certificate.fingerprint === leaf.fingerprint),
  );
  return odd === undefined
    ? undefined
    : refuse(
        'anchor-not-ca',
        odd.isCa
          ? `${named(odd)} is to be trusted as a CA, but its key usage does not permit it to sign certificates.`
          : `${named(odd)} is to be trusted as a CA, but it lacks the CA bit.`,
        'Go accepts nothing under it.',
        odd.selfSigned && !odd.isCa
          ? 'Issue the certificate from a CA of its own instead of self-signing it.'
          : 'Issue the CA with `isCA: true` and the usage `cert sign`.',
      );
};
