/**
 * Key pairs for tests. Elliptic ones are made anew each time; RSA ones are dear, so that a label gets the same one throughout a process.
 *
 * **Invariant:** two calls without a label never answer the same key.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export type KeySpec =
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'rsa-pss'
  | 'p224'
  | 'p256'
  | 'p384'
  | 'p521'
  | 'secp256k1'
  | 'ed25519'
  | 'ed448';

export interface KeyPair {
  readonly spec: KeySpec;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = (spec: KeySpec): { publicKey: KeyObject; privateKey: KeyObject } => {
  switch (spec) {
    case 'rsa-1024':
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return generateKeyPairSync('rsa', { modulusLength: Number(spec.slice(4)) });
    case 'rsa-pss':
      return generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    case 'p224':
      return generateKeyPairSync('ec', { namedCurve: 'secp224r1' });
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    case 'p521':
      return generateKeyPairSync('ec', { namedCurve: 'secp521r1' });
    case 'secp256k1':
      return generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'ed448':
      return generateKeyPairSync('ed448');
  }
};

const labelled = new Map<string, KeyPair>();

/** A key pair; with a label, the one that this label got before. */
export const makeKey = (spec: KeySpec = 'p256', label?: string): KeyPair => {
  const id = `${spec}/${label ?? ''}`;
  const known = label === undefined ? undefined : labelled.get(id);
  if (known !== undefined) return known;
  const made: KeyPair = { spec, ...generate(spec) };
  if (label !== undefined) labelled.set(id, made);
  return made;
};

/** PEM of the private key: PKCS#8, or what OpenSSL wrote before it (PKCS#1 for RSA, SEC1 for elliptic curves). */
export const keyPem = (key: KeyPair, form: 'pkcs8' | 'traditional' = 'pkcs8'): string => {
  if (form === 'pkcs8' || key.spec.startsWith('ed'))
    return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return key.privateKey
    .export({ type: key.spec.startsWith('rsa') ? 'pkcs1' : 'sec1', format: 'pem' })
    .toString();
};
