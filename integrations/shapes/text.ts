/**
 * Values as text: base64 put on twice, PEM in a JSON list, private keys in a text of certificates.
 *
 * **Invariant:** what is handed on as certificates holds no private key, whatever stood in the value.
 */
import { SecretBytes } from '../../agent/model/secret-bytes.ts';

const KEY_BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)\r?\n?/g;
/** Of text without white space: tried on a megabyte of it, a pattern that steps over white space itself would take hours. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** First bytes of a DER sequence of more than 127 bytes: PKCS#12, a key. */
const isDer = (bytes: Buffer): boolean => bytes[0] === 0x30 && ((bytes[1] ?? 0) & 0x80) === 0x80;

/** Takes one superfluous layer of base64 off; anything else stays as it is. */
export const unwrapped = (value: SecretBytes): SecretBytes => {
  const text = value.reveal().replace(/\s+/g, '');
  if (!BASE64.test(text)) return value;
  const inner = Buffer.from(text, 'base64');
  return isDer(inner) || inner.includes('-----BEGIN ') ? SecretBytes.ofBytes(inner) : value;
};

/** PEM as text; a JSON list of PEM texts, as Vault gives `ca_chain`, becomes one. */
const pemIn = (value: SecretBytes): string => {
  const text = value.reveal();
  if (!text.trimStart().startsWith('[')) return text;
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list.join('\n');
  } catch {
    // No JSON: the text goes on as it is, and is judged as it is.
  }
  return text;
};

/** The value without private keys; empty where there is no value. */
export const certificatesIn = (value: SecretBytes | undefined): string =>
  value === undefined ? '' : pemIn(value).replace(KEY_BLOCK, '');

/** The private keys in the value, one after the other; empty where there is none. */
export const keysIn = (value: SecretBytes): SecretBytes =>
  SecretBytes.of((value.reveal().match(KEY_BLOCK) ?? []).join('\n'));

export const isBlank = (value: SecretBytes | undefined): boolean =>
  value === undefined || value.reveal().trim() === '';

/** One value with certificate and key in it. */
export const isBlob = (value: SecretBytes): boolean => {
  const text = value.reveal();
  return /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(text) && /PRIVATE KEY-----/.test(text);
};
