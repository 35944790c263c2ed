/**
 * Everything that is to be trusted is a CA that may sign certificates.
 *
 * **Invariant:** a leaf is never published as trusted, not even one that is its own issuer: each renewal would be a replacement of the CA.
 */
import type { Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const anchorsAreCas: Predicate = ({ anchors, upcomingAnchors }) => {
  const odd = [...anchors, ...upcomingAnchors].find(
    (certificate) => !certificate.isCa || certificate.mayIssue === false,
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
