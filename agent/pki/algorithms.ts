/**
 * Signature algorithms by name, and which of them Go verifies.
 *
 * **Invariant:** an algorithm that is not in this table is one that Go's crypto/x509 doesn't know (x509.go, signatureAlgorithmDetails, go1.26).
 */
import { type DerNode, oidOf, smallInteger } from './der.ts';

const NAMES = new Map([
  ['1.2.840.113549.1.1.2', 'md2WithRSAEncryption'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
  ['1.2.840.113549.1.1.5', 'sha1WithRSAEncryption'],
  ['1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
  ['1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
  ['1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
  ['1.2.840.10045.4.1', 'ecdsa-with-SHA1'],
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
  ['1.3.101.112', 'ed25519'],
]);

const PSS = '1.2.840.113549.1.1.10';
const PSS_HASHES = new Map([
  ['2.16.840.1.101.3.4.2.1', { name: 'sha256', salt: 32 }],
  ['2.16.840.1.101.3.4.2.2', { name: 'sha384', salt: 48 }],
  ['2.16.840.1.101.3.4.2.3', { name: 'sha512', salt: 64 }],
]);

/** Go takes RSASSA-PSS only with one hash throughout and a salt of its length (x509.go, getSignatureAlgorithmFromAI). */
const pssName = (parameters: DerNode | undefined): string => {
  const field = (tag: string): DerNode | undefined =>
    parameters?.children.find((child) => child.tag === tag)?.children[0];
  const hash = oidOf(field('c0')?.children[0]);
  const maskHash = oidOf(field('c1')?.children[1]?.children[0]);
  const known = PSS_HASHES.get(hash);
  if (known === undefined || maskHash !== hash || smallInteger(field('c2')) !== known.salt)
    return 'rsassaPss with unusual parameters';
  return `rsassaPss-${known.name}`;
};

/** The usual name of an AlgorithmIdentifier; its dotted OID where it has none here. */
export const signatureName = (algorithm: DerNode | undefined): string => {
  const oid = oidOf(algorithm?.children[0]);
  if (oid === PSS) return pssName(algorithm?.children[1]);
  return NAMES.get(oid) ?? `algorithm ${oid}`;
};

const VERIFIED = new Set([
  'sha256WithRSAEncryption',
  'sha384WithRSAEncryption',
  'sha512WithRSAEncryption',
  'rsassaPss-sha256',
  'rsassaPss-sha384',
  'rsassaPss-sha512',
  'ecdsa-with-SHA256',
  'ecdsa-with-SHA384',
  'ecdsa-with-SHA512',
  'ed25519',
]);

/** Whether Go verifies a certificate's signature that was made so: MD5 and SHA-1 it refuses, others it doesn't know. */
export const goVerifies = (signatureAlgorithm: string): boolean => VERIFIED.has(signatureAlgorithm);
