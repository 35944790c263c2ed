/**
 * What kind of key a certificate or a key file holds.
 *
 * **Invariant:** a kind by a name of its own (RSA, EC, Ed25519) is told only of a public key that Go reads as it is written in the certificate
 * (crypto/x509 parser.go, parsePublicKey, go1.27; crypto/internal/fips140/rsa, checkPublicKey).
 */
import type { KeyObject } from 'node:crypto';
import type { KeyKind } from '../model/certificate.ts';
import type { DerNode } from './der.ts';

const CURVES: Readonly<Record<string, string>> = {
  secp224r1: 'P-224',
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

const LARGEST_EXPONENT = 2n ** 31n - 1n;

/** What kind of key this is, in the words of {@link KeyKind}; curves by their NIST names. */
export const keyKind = (key: KeyObject): KeyKind => {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const exponent = details?.publicExponent ?? 0n;
      return exponent < 3n || exponent % 2n === 0n || exponent > LARGEST_EXPONENT
        ? { type: 'other', name: `RSA with the public exponent ${exponent.toString().slice(0, 20)}` }
        : { type: 'rsa', bits: details?.modulusLength ?? 0 };
    }
    case 'ec': {
      const curve = details?.namedCurve ?? 'unnamed';
      return { type: 'ec', curve: CURVES[curve] ?? curve };
    }
    case 'ed25519':
      return { type: 'ed25519' };
    default:
      return { type: 'other', name: key.asymmetricKeyType ?? 'unknown' };
  }
};

/** `undefined` where the way in which the key is written is one that Go reads too. */
const oddForm = (kind: KeyKind, [algorithm, bits]: readonly DerNode[]): string | undefined => {
  const parameters = algorithm?.children[1];
  switch (kind.type) {
    case 'rsa':
      return parameters?.tag === 'u5' ? undefined : 'RSA without its NULL parameters';
    case 'ec':
      // The first byte counts unused bits; 4 begins an uncompressed point.
      if (parameters?.tag !== 'u6') return 'ECDSA with explicit parameters';
      return bits?.content[1] === 4 ? undefined : 'ECDSA with a compressed point';
    case 'ed25519':
      return parameters === undefined ? undefined : 'Ed25519 with parameters';
    case 'other':
      return undefined;
  }
};

/** @param key as OpenSSL reads it; `undefined` where it does not. */
export const certifiedKeyKind = (key: KeyObject | undefined, publicKey: DerNode): KeyKind => {
  if (key === undefined) return { type: 'other', name: 'unknown' };
  const kind = keyKind(key);
  const odd = oddForm(kind, publicKey.children);
  return odd === undefined ? kind : { type: 'other', name: odd };
};
