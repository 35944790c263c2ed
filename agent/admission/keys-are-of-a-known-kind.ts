/**
 * Every key is of a kind that Go's TLS signs and verifies with.
 *
 * **Invariant:** RSA, ECDSA over P-256, P-384 and P-521, and Ed25519 pass; everything else is refused by name.
 */
import type { Certificate, KeyKind } from '../model/certificate.ts';
import type { CertificatePredicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

/** Go's TLS refuses certificates with longer RSA keys (crypto/tls handshake_client.go, checkKeySize / maxRSAKeySize). */
const RSA_MOST = 8192;
const CURVES = new Set(['P-256', 'P-384', 'P-521']);

/** A kind of key as people write it. */
export const kindText = (key: KeyKind): string => {
  switch (key.type) {
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ec':
      return `ECDSA ${key.curve}`;
    case 'ed25519':
      return 'Ed25519';
    case 'other':
      return key.name;
  }
};

const isKnown = ({ key }: Certificate): boolean =>
  key.type === 'ed25519' ||
  (key.type === 'rsa' && key.bits <= RSA_MOST) ||
  (key.type === 'ec' && CURVES.has(key.curve));

export const keysAreOfAKnownKind: CertificatePredicate = ({
  leaf,
  intermediates,
  anchors,
  upcomingAnchors,
}) => {
  const odd = [leaf, ...intermediates, ...anchors, ...upcomingAnchors].find(
    (certificate) => !isKnown(certificate),
  );
  return odd === undefined
    ? undefined
    : refuse(
        'unsupported-key',
        `${named(odd)} has a key of kind ${kindText(odd.key)}.`,
        "Go's TLS can't use it; in a bundle the certificate would be skipped silently.",
        'Use RSA 2048–4096, ECDSA P-256, P-384 or P-521, or Ed25519.',
      );
};
