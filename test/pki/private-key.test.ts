/**
 * Private keys: what is read, what is refused, and what belongs together.
 */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { keyBelongsTo, readPrivateKey } from '../../agent/pki/private-key.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';
import { type KeySpec, keyPem, makeCa, makeKey, makeLeaf, pemBlock } from '../kit/pki/index.ts';

const ca = makeCa();
const secret = (pem: string): SecretBytes => SecretBytes.of(pem);

const encrypted = (type: 'pkcs8' | 'sec1'): string =>
  makeKey().privateKey.export({ type, format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();

/** SEC1 with another key's public part beside the private one (RFC 5915): a file that was patched together. */
const chimera = (): { readonly pem: string; readonly shown: ReturnType<typeof makeKey> } => {
  const [one, shown] = [makeKey(), makeKey()];
  const own = one.privateKey.export({ type: 'sec1', format: 'der' });
  const foreign = shown.privateKey.export({ type: 'sec1', format: 'der' });
  return {
    pem: pemBlock('EC PRIVATE KEY', Buffer.concat([own.subarray(0, -65), foreign.subarray(-65)])),
    shown,
  };
};

describe('a private key', () => {
  test.each<[KeySpec, 'pkcs8' | 'traditional', unknown]>([
    ['rsa-2048', 'pkcs8', { type: 'rsa', bits: 2048 }],
    ['rsa-2048', 'traditional', { type: 'rsa', bits: 2048 }],
    ['p256', 'pkcs8', { type: 'ec', curve: 'P-256' }],
    ['p384', 'traditional', { type: 'ec', curve: 'P-384' }],
    ['p521', 'traditional', { type: 'ec', curve: 'P-521' }],
    ['ed25519', 'pkcs8', { type: 'ed25519' }],
  ])('of kind %s in %s form is read and belongs to its certificate only', (spec, form, kind) => {
    const key = makeKey(spec, 'key');
    const pem = secret(keyPem(key, form));
    expect(readPrivateKey(pem).kind).toEqual(kind);
    expect(keyBelongsTo(pem, makeLeaf(ca, { key }).certificate)).toBe(true);
    expect(keyBelongsTo(pem, makeLeaf(ca, { key: makeKey(spec, 'other key') }).certificate)).toBe(false);
    expect(keyBelongsTo(pem, makeLeaf(ca, { key: 'p256' }).certificate)).toBe(false);
  });

  test('comes out as one clean block, without the parameters that OpenSSL writes before it', () => {
    const pem = keyPem(makeKey('p256', 'clean'), 'traditional');
    const parameters = pemBlock('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'));
    const read = readPrivateKey(secret(`\uFEFF${parameters}${pem.replace(/\n/g, '\r\n')}`));
    expect(read.pem.reveal()).toBe(pem);
    expect(readPrivateKey(read.pem).pem.reveal()).toBe(pem);
  });

  test("whose public part is another key's belongs to neither certificate: it is tried out, not believed", () => {
    const { pem, shown } = chimera();
    expect(keyBelongsTo(secret(pem), makeLeaf(ca, { key: shown }).certificate)).toBe(false);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['a certificate', ca.pem],
    ['two keys', keyPem(makeKey()) + keyPem(makeKey())],
    ['an encrypted key', encrypted('pkcs8')],
    ['a traditional encrypted key', encrypted('sec1')],
    ['a damaged key', pemBlock('PRIVATE KEY', Buffer.from('30030201', 'hex'))],
    ['a key that was cut off', keyPem(makeKey()).slice(0, 120)],
  ])('is not read from %s', (_, pem) => {
    expect(() => readPrivateKey(secret(pem))).toThrow(UnreadablePki);
  });

  test('is shown by no error and no printed value', () => {
    const pem = keyPem(makeKey('rsa-2048', 'key'), 'traditional');
    const line = pem.split('\n')[3] ?? '';
    const damaged = secret(pem.replace('-----END RSA', `${line}\n-----END RSA`));
    let printed = inspect(readPrivateKey(secret(pem)), { depth: 9, showHidden: true });
    try {
      readPrivateKey(damaged);
    } catch (error) {
      printed += inspect(error, { depth: 9, showHidden: true });
    }
    expect(line.length).toBeGreaterThan(40);
    expect(printed).not.toContain(line);
  });
});
