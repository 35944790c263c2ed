/**
 * Private keys: read, described, held against a certificate.
 *
 * **Invariant:** nothing that leaves this file shows key material but a SecretBytes; errors name the kind of block, never its content.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Certificate, KeyKind } from '../model/certificate.ts';
import type { KeyFingerprint } from '../model/fingerprint.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import { detailsOf } from './details.ts';
import { keyKind } from './key-kind.ts';
import { type PemBlock, pemBlocks, pemText } from './pem.ts';
import { UnreadablePki } from './unreadable.ts';

const HINT = 'Put one unencrypted private key there, as PKCS#8 or traditional PEM.';

/** Labels that Go's tls.X509KeyPair reads as a key (crypto/tls tls.go). */
const isKey = (block: PemBlock): boolean =>
  block.label === 'PRIVATE KEY' || block.label.endsWith(' PRIVATE KEY');

export interface PrivateKey {
  readonly kind: KeyKind;
  /** The key alone as clean PEM: no text or byte order mark before it, which would hide it from Go. */
  readonly pem: SecretBytes;
}

const open = (key: SecretBytes): { readonly block: PemBlock; readonly object: KeyObject } => {
  const blocks = pemBlocks(key.reveal()).filter(isKey);
  const [block] = blocks;
  if (block === undefined) throw new UnreadablePki('The text holds no PEM private key.', HINT);
  if (blocks.length > 1) throw new UnreadablePki(`The text holds ${blocks.length} private keys.`, HINT);
  if (block.label.includes('ENCRYPTED') || block.headers.some((header) => header.includes('ENCRYPTED')))
    throw new UnreadablePki('The private key is encrypted.', HINT);
  try {
    const object = createPrivateKey({ key: pemText(block.label, block.der), format: 'pem' });
    // OpenSSL reads keys that it can't write again, and Node ends the process when it is asked about such a one.
    object.export({ type: 'pkcs8', format: 'der' });
    return { block, object };
  } catch {
    throw new UnreadablePki(`The block ${block.label} does not hold a private key that OpenSSL reads.`, HINT);
  }
};

/** @throws UnreadablePki where there is no key, more than one, an encrypted or a damaged one. */
export const readPrivateKey = (key: SecretBytes): PrivateKey => {
  const { block, object } = open(key);
  return { kind: keyKind(object), pem: SecretBytes.of(pemText(block.label, block.der)) };
};

/**
 * The fingerprint that a certificate of this key has as its {@link Certificate.keyFingerprint}. It finds the certificates in question;
 * {@link keyBelongsTo} is the proof.
 *
 * @throws UnreadablePki as {@link readPrivateKey}.
 */
export const publicKeyFingerprint = (key: SecretBytes): KeyFingerprint =>
  createHash('sha256')
    .update(createPublicKey(open(key).object).export({ type: 'spki', format: 'der' }))
    .digest('hex') as KeyFingerprint;

const PROBE = Buffer.from('does this key belong to that certificate?');

/**
 * True where a signature made with the key is verified by the certificate: stronger than comparing public parts, which a key file
 * may carry beside a private part that does not fit.
 *
 * @throws UnreadablePki as {@link readPrivateKey}.
 */
export const keyBelongsTo = (key: SecretBytes, certificate: Certificate): boolean => {
  const { object } = open(key);
  const hash = object.asymmetricKeyType?.startsWith('ed') ? null : 'sha256';
  try {
    const { x509 } = detailsOf(certificate);
    return verify(hash, PROBE, x509.publicKey, sign(hash, PROBE, object));
  } catch {
    return false;
  }
};
