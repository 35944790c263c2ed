/**
 * No RSA key is shorter than 2048 bits.
 *
 * **Invariant:** looks at trusted CAs too: who breaks one of them is let in.
 */
import type { CertificatePredicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

const RSA_LEAST = 2048;

export const keysAreStrong: CertificatePredicate = ({ leaf, intermediates, anchors, upcomingAnchors }) => {
  for (const certificate of [leaf, ...intermediates, ...anchors, ...upcomingAnchors])
    if (certificate.key.type === 'rsa' && certificate.key.bits < RSA_LEAST)
      return refuse(
        'weak-key',
        `${named(certificate)} has an RSA key of ${certificate.key.bits} bits; at least ${RSA_LEAST} are required.`,
        'A key of that length can be broken, and with it the protection of repo-server.',
        'Issue it anew with RSA 2048 or longer, ECDSA or Ed25519.',
      );
  return undefined;
};
