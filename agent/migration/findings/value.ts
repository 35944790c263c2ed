/**
 * What one value of a Secret or ConfigMap holds: certificates and private keys in PEM or DER, base64 put on again taken off, or a keystore.
 *
 * **Invariant:** each PEM block is judged by itself, so that a damaged one hides no other; a key leaves here as SecretBytes only.
 */
import { createPrivateKey } from 'node:crypto';
import { unwrapped } from '../../../integrations/shapes/text.ts';
import type { Certificate, KeyKind } from '../../model/certificate.ts';
import type { KeyFingerprint } from '../../model/fingerprint.ts';
import { SecretBytes } from '../../model/secret-bytes.ts';
import { parseCertificateDer, parseCertificates } from '../../pki/parse.ts';
import { publicKeyFingerprint, readPrivateKey } from '../../pki/private-key.ts';
import { UnreadablePki } from '../../pki/unreadable.ts';

export type ReadKey =
  | {
      readonly state: 'read';
      readonly kind: KeyKind;
      readonly fingerprint: KeyFingerprint;
      readonly pem: SecretBytes;
    }
  | { readonly state: 'encrypted' }
  | { readonly state: 'unreadable' };

/** Something that can't be looked into. */
export interface Closed {
  readonly form: 'PKCS#12' | 'JKS' | 'damaged PEM';
  readonly why: string;
}

export interface ValueParts {
  readonly certificates: readonly Certificate[];
  readonly keys: readonly ReadKey[];
  readonly closed: readonly Closed[];
  /** base64 was put on once too often: who mounts the value finds base64 there, and no PEM. */
  readonly encodedTwice: boolean;
}

const NOTHING: ValueParts = { certificates: [], keys: [], closed: [], encodedTwice: false };

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const BEGIN = /-----BEGIN [A-Z0-9 ]+-----/g;

/** An SSH key identifies nobody in TLS. */
const isTlsKey = (label: string): boolean => label.endsWith('PRIVATE KEY') && label !== 'OPENSSH PRIVATE KEY';
const isCertificate = (label: string): boolean => label.endsWith('CERTIFICATE');

/** @throws UnreadablePki */
const opened = (pem: SecretBytes): ReadKey => {
  const key = readPrivateKey(pem);
  return { state: 'read', kind: key.kind, fingerprint: publicKeyFingerprint(key.pem), pem: key.pem };
};

const keyOf = (block: string): ReadKey => {
  if (block.includes('ENCRYPTED')) return { state: 'encrypted' };
  try {
    return opened(SecretBytes.of(block));
  } catch (error) {
    if (error instanceof UnreadablePki) return { state: 'unreadable' };
    throw error;
  }
};

const damaged = (why: string): ValueParts => ({ ...NOTHING, closed: [{ form: 'damaged PEM', why }] });

const blockParts = (label: string, block: string): ValueParts => {
  if (isTlsKey(label)) return { ...NOTHING, keys: [keyOf(block)] };
  if (!isCertificate(label)) return NOTHING;
  try {
    return { ...NOTHING, certificates: parseCertificates(block) };
  } catch (error) {
    if (error instanceof UnreadablePki) return damaged(error.what);
    throw error;
  }
};

const together = (parts: readonly ValueParts[]): ValueParts => ({
  certificates: parts.flatMap(({ certificates }) => certificates),
  keys: parts.flatMap(({ keys }) => keys),
  closed: parts.flatMap(({ closed }) => closed),
  encodedTwice: false,
});

/** Line breaks written as `\n`, as JSON and many a shell leave them, are line breaks. */
const pemParts = (text: string): ValueParts => {
  const lines = text.replaceAll('\\n', '\n');
  const blocks = [...lines.matchAll(BLOCK)];
  const begun = lines.match(BEGIN)?.length ?? 0;
  return together([
    ...blocks.map(([block, label = '']) => blockParts(label, block)),
    ...(begun > blocks.length ? [damaged('A PEM block has no end.')] : []),
  ]);
};

/** First bytes: a DER sequence; of a PKCS#12 it begins with version 3 (RFC 7292, PFX); a Java keystore by its magic number. */
const isSequence = (bytes: Buffer): boolean => bytes[0] === 0x30 && ((bytes[1] ?? 0) & 0x80) === 0x80;
const isPkcs12 = (bytes: Buffer): boolean => {
  const start = 2 + ((bytes[1] ?? 0) & 0x7f);
  return bytes.subarray(start, start + 3).equals(Buffer.from([0x02, 0x01, 0x03]));
};
const JKS = Buffer.from('feedfeed', 'hex');

const derKey = (bytes: Buffer): SecretBytes | undefined => {
  for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
    try {
      const key = createPrivateKey({ key: bytes, format: 'der', type });
      return SecretBytes.of(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    } catch {
      // Another form, then.
    }
  }
  return undefined;
};

const derParts = (bytes: Buffer): ValueParts => {
  if (isPkcs12(bytes))
    return { ...NOTHING, closed: [{ form: 'PKCS#12', why: 'It opens with its password only.' }] };
  try {
    return { ...NOTHING, certificates: [parseCertificateDer(bytes)] };
  } catch (error) {
    if (!(error instanceof UnreadablePki)) throw error;
  }
  const pem = derKey(bytes);
  return pem === undefined ? NOTHING : { ...NOTHING, keys: [opened(pem)] };
};

const innerParts = (inner: SecretBytes): ValueParts => {
  const bytes = inner.revealBytes();
  if (bytes.subarray(0, 4).equals(JKS))
    return { ...NOTHING, closed: [{ form: 'JKS', why: 'Java keystores are not read.' }] };
  if (isSequence(bytes)) return derParts(bytes);
  return bytes.includes('-----BEGIN ') ? pemParts(inner.reveal()) : NOTHING;
};

/** Nothing is in most values. */
export const partsOf = (value: SecretBytes): ValueParts => {
  const inner = unwrapped(value);
  return { ...innerParts(inner), encodedTwice: inner !== value };
};

export const isEmpty = ({ certificates, keys, closed }: ValueParts): boolean =>
  certificates.length + keys.length + closed.length === 0;
