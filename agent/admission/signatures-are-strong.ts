/**
 * Every signature on the way up is made with an algorithm that Go verifies.
 *
 * **Invariant:** an anchor's own signature is not looked at, by Go neither: what makes it trusted is that it is in the bundle.
 */
import { goVerifies } from '../pki/algorithms.ts';
import type { Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const signaturesAreStrong: Predicate = ({ leaf, intermediates }) => {
  const weak = [leaf, ...intermediates].find((certificate) => !goVerifies(certificate.signatureAlgorithm));
  return weak === undefined
    ? undefined
    : refuse(
        'weak-signature',
        `${named(weak)} is signed with ${weak.signatureAlgorithm}.`,
        'Go refuses SHA-1 and MD5 signatures and those it does not know: every call would fail.',
        'Have the issuer sign with SHA-256, SHA-384, SHA-512 or Ed25519.',
      );
};
