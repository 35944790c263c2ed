/**
 * PKCS#12: every kind of key and way of encryption that tools write, and what is refused by which name.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../../agent/admission/admit.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { type Pkcs12Context, readPkcs12 } from '../../../integrations/shapes/pkcs12.ts';
import { type KeySpec, makeCa, makeKey, makeLeaf } from '../../kit/pki/index.ts';
import { type Pkcs12Options, writePkcs12 } from '../../kit/pki/pkcs12.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const CONTEXT: Pkcs12Context = { fips: 'off', about: 'Secret argocd/store' };
const PASSWORD = 'correct horse';
const secret = SecretBytes.of(PASSWORD);

const root = makeCa({ name: 'Root' });
const between = makeCa({ name: 'Issuing CA', issuer: root });
const leaf = makeLeaf(between, { name: 'repo-client' });
const ders = [leaf.der, between.der, root.der];

const store = (options: Partial<Pkcs12Options> = {}): Buffer =>
  writePkcs12([leaf.key], ders, { password: PASSWORD, ...options });

const read = (bytes: Uint8Array, password = secret, context = CONTEXT) =>
  readPkcs12(SecretBytes.ofBytes(bytes), password, context);

const admitted = (bytes: Uint8Array, password = secret) => {
  const reading = read(bytes, password);
  if ('refusal' in reading) throw new Error(reading.refusal.what);
  const admission = admit({ source: 'x', version: '1', ...reading.found }, 'client', NOW);
  if ('refusal' in admission) throw new Error(admission.refusal.what);
  return admission.material;
};

const refusal = (bytes: Uint8Array, password = secret, context = CONTEXT) => {
  const reading = read(bytes, password, context);
  if ('found' in reading) throw new Error('it was opened');
  return reading.refusal;
};

describe('a PKCS#12 is opened', () => {
  test.each<[string, Partial<Pkcs12Options>]>([
    ['with AES (OpenSSL 3, cert-manager Modern2023)', { keyEncryption: 'aes' }],
    ['with 3DES', { keyEncryption: '3des' }],
    [
      'with RC2 for its certificates, as OpenSSL before 3 wrote it',
      { keyEncryption: '3des', certificateEncryption: 'rc2' },
    ],
    ['with a key that only the MAC protects', { keyEncryption: 'none' }],
    ['without a MAC', { mac: 'absent' }],
  ])('%s: leaf and intermediate are presented, the self-signed CA is trusted', (_, options) => {
    const material = admitted(store(options));
    expect(material.leaf.certificate.fingerprint).toBe(leaf.certificate.fingerprint);
    expect(material.leaf.intermediates).toEqual([between.certificate]);
    expect(material.anchors).toEqual([root.certificate]);
    expect(material.leaf.key.reveal()).toBe(leaf.keyPem);
  });

  test.each<KeySpec>(['rsa-2048', 'p256', 'p384', 'p521', 'ed25519'])('with a key of kind %s', (spec) => {
    const identity = makeLeaf(root, { key: makeKey(spec, 'pkcs12') });
    const bytes = writePkcs12([identity.key], [identity.der, root.der], { password: PASSWORD });
    expect(admitted(bytes).leaf.certificate.fingerprint).toBe(identity.certificate.fingerprint);
  });

  test('with certificates signed by RSA, byte for byte', () => {
    const ca = makeCa({ name: 'RSA CA', key: makeKey('rsa-2048', 'pkcs12-ca') });
    const identity = makeLeaf(ca, {
      key: makeKey('rsa-2048', 'pkcs12'),
      dns: ['a.example'],
      ips: ['10.0.0.1'],
    });
    const bytes = writePkcs12([identity.key], [ca.der, identity.der], { password: PASSWORD });
    const { leaf: read, anchors } = admitted(bytes);
    expect([read.certificate.fingerprint, anchors[0]?.fingerprint]).toEqual([
      identity.certificate.fingerprint,
      ca.certificate.fingerprint,
    ]);
  });

  test('by a password with a line break behind it, or none at all', () => {
    expect(admitted(store(), SecretBytes.of(`${PASSWORD}\n`)).anchors).toHaveLength(1);
    expect(admitted(store({ password: '' }), SecretBytes.of('')).anchors).toHaveLength(1);
  });

  test('out of base64 that was put on once too often', () => {
    expect(admitted(Buffer.from(store().toString('base64'))).anchors).toHaveLength(1);
  });
});

describe('a PKCS#12 is refused', () => {
  const cases: readonly (readonly [string, () => ReturnType<typeof refusal>, string, RegExp])[] = [
    [
      'by a wrong password',
      () => refusal(store(), SecretBytes.of('wrong')),
      'pkcs12-password',
      /argocd\/store/,
    ],
    [
      'by a wrong password where there is no MAC to tell',
      () => {
        // One wrong password in 256 leaves what looks like padding behind, and is told as what it then is: unreadable.
        const tries = ['wrong', 'wronger', 'wrongest'].map((password) =>
          refusal(store({ mac: 'absent', keyEncryption: '3des' }), SecretBytes.of(password)),
        );
        const [first] = tries.toSorted((a, b) => (a.code < b.code ? -1 : 1));
        if (first === undefined) throw new Error('nothing was tried');
        return first;
      },
      'pkcs12-password',
      /password/,
    ],
    ['under FIPS', () => refusal(store(), secret, { ...CONTEXT, fips: 'on' }), 'not-under-fips', /FIPS/],
    ['where it is cut off', () => refusal(store().subarray(0, 400)), 'pkcs12-unreadable', /DER/],
    ['where it is PEM', () => refusal(Buffer.from(leaf.chainPem)), 'pkcs12-unreadable', /DER/],
    ['where it is an HTML page', () => refusal(Buffer.from('<html></html>')), 'pkcs12-unreadable', /DER/],
    ['where it is other DER', () => refusal(leaf.der), 'pkcs12-unreadable', /something else/],
    [
      'where it holds certificates only, as a trust store does',
      () => refusal(writePkcs12([], ders, { password: PASSWORD })),
      'pkcs12-unreadable',
      /0 private keys and 3 certificates/,
    ],
    [
      'where it holds several keys',
      () => refusal(writePkcs12([leaf.key, makeKey('p256')], ders, { password: PASSWORD })),
      'pkcs12-unreadable',
      /2 private keys/,
    ],
    [
      'where opening it would take too long',
      () => refusal(store({ rounds: 100_000_000 })),
      'pkcs12-unreadable',
      /100002048 rounds/,
    ],
    ['where it is too large', () => refusal(Buffer.alloc(600 * 1024, 0x30)), 'too-large', /262144/],
  ];
  test.each(cases)('%s', (_, refused, code, says) => {
    const { what, effect, next, ...rest } = refused();
    expect(rest.code).toBe(code);
    expect(what).toMatch(says);
    for (const part of [what, effect, next]) expect(part).toMatch(/^\S.{10,}\.$/s);
    expect(`${what}${next}`).not.toContain(PASSWORD);
  });
});
