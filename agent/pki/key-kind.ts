/**
 * What kind of key a certificate or a key file holds.
 *
 * **Invariant:** of a certificate it is told from the DER, and a kind by a name of its own (RSA, EC, Ed25519) only where Go reads the key as it is
 * written (crypto/x509 parser.go, parsePublicKey, go1.27; crypto/internal/fips140/rsa, checkPublicKey). Node's own details of a key are asked for
 * sound keys alone: of an elliptic one that OpenSSL can't write again they end the process (nodejs/node v24.9.0, crypto_ec.cc, GetEcKeyDetail).
 */
import type { KeyObject } from 'node:crypto';
import type { KeyKind } from '../model/certificate.ts';
import { type DerNode, oidOf, readDer } from './der.ts';

const CURVES: Readonly<Record<string, string>> = {
  secp224r1: 'P-224',
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/** @param key a private key that OpenSSL wrote again. */
export const keyKind = (key: KeyObject): KeyKind => {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { type: 'rsa', bits: details?.modulusLength ?? 0 };
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

const CURVE_OIDS = new Map([
  ['1.3.132.0.33', 'P-224'],
  ['1.2.840.10045.3.1.7', 'P-256'],
  ['1.3.132.0.34', 'P-384'],
  ['1.3.132.0.35', 'P-521'],
  ['1.3.132.0.10', 'secp256k1'],
]);

const other = (name: string): KeyKind => ({ type: 'other', name });

const numberOf = ({ content }: DerNode): bigint => BigInt(`0x${content.toString('hex') || '0'}`);

/** An exponent is odd and below 2^31, or Go verifies nothing with the key. */
const rsaKind = (parameters: DerNode | undefined, key: Buffer): KeyKind => {
  if (parameters?.tag !== 'u5') return other('RSA without its NULL parameters');
  const [modulus, exponent] = readDer(key, 'The RSA key of the certificate').children;
  if (modulus?.tag !== 'u2' || exponent?.tag !== 'u2' || (modulus.content[0] ?? 0) >= 0x80)
    return other('RSA without a modulus');
  const odd = ((exponent.content.at(-1) ?? 0) & 1) === 1;
  const tooLarge = exponent.content.length > 4 || (exponent.content[0] ?? 0) >= 0x80;
  if (!odd || tooLarge || numberOf(exponent) < 3n) return other('RSA with an exponent that Go does not take');
  return { type: 'rsa', bits: numberOf(modulus).toString(2).length };
};

/** Bits begin with a count of unused ones; a point in uncompressed form, which alone Go reads, begins with 4. */
const ecKind = (parameters: DerNode | undefined, key: Buffer): KeyKind => {
  if (parameters?.tag !== 'u6') return other('ECDSA with explicit parameters');
  if (key[0] !== 4) return other('ECDSA with a compressed point');
  const oid = oidOf(parameters);
  return { type: 'ec', curve: CURVE_OIDS.get(oid) ?? `curve ${oid}` };
};

/**
 * @param read the same key as OpenSSL reads it; `undefined` where it does not.
 * @throws UnreadablePki where an RSA key is no DER
 */
export const certifiedKeyKind = (read: KeyObject | undefined, publicKey: DerNode): KeyKind => {
  const [algorithm, bits] = publicKey.children;
  const [oid, parameters] = algorithm?.children ?? [];
  if (read === undefined || bits?.tag !== 'u3' || bits.content[0] !== 0) return other('unknown');
  const key = bits.content.subarray(1);
  switch (oidOf(oid)) {
    case '1.2.840.113549.1.1.1':
      return rsaKind(parameters, key);
    case '1.2.840.10045.2.1':
      return ecKind(parameters, key);
    case '1.3.101.112':
      return parameters === undefined ? { type: 'ed25519' } : other('Ed25519 with parameters');
    default:
      return other(read.asymmetricKeyType ?? 'unknown');
  }
};
