/**
 * Reading certificates: what comes out, what is tolerated, what is refused.
 */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RotatorError } from '../../agent/model/errors.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';
import {
  type KeySpec,
  makeCa,
  makeKey,
  makeLeaf,
  name,
  pemBlock,
  renewCaSameKey,
  USAGE,
  writeLeaf,
} from '../kit/pki/index.ts';

const ca = makeCa({ name: 'Root', pathLength: 2 });
const between = makeCa({ name: 'Between', issuer: ca });
const leaf = makeLeaf(between, {
  name: 'leaf',
  dns: ['argocd-repo-server', '*.argocd.svc'],
  ips: ['10.0.0.1', '2001:db8::1', 'fd00:0:0:1::'],
  uris: ['spiffe://cluster/ns/argocd'],
  usages: [USAGE.client],
  serial: 0xff01n,
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2051, 0, 1),
});

describe('a certificate that was read', () => {
  test('says what is in it', () => {
    expect(leaf.certificate).toMatchObject({
      subject: 'CN=leaf',
      issuer: 'CN=Between',
      serial: 'ff01',
      notBefore: Date.UTC(2026, 0, 1),
      notAfter: Date.UTC(2051, 0, 1),
      isCa: false,
      pathLength: undefined,
      mayIssue: false,
      extendedKeyUsages: [USAGE.client],
      dnsNames: ['argocd-repo-server', '*.argocd.svc'],
      ipAddresses: ['10.0.0.1', '2001:db8::1', 'fd00:0:0:1::'],
      uris: ['spiffe://cluster/ns/argocd'],
      key: { type: 'ec', curve: 'P-256' },
      signatureAlgorithm: 'ecdsa-with-SHA256',
      selfSigned: false,
      pem: leaf.pem,
    });
    expect(ca.certificate).toMatchObject({ isCa: true, pathLength: 2, mayIssue: true, selfSigned: true });
    expect(leaf.certificate.issuerDer).toBe(between.certificate.subjectDer);
  });

  test('agrees with OpenSSL on fingerprint, serial number and dates', () => {
    for (const { certificate } of [ca, between, leaf]) {
      const x509 = new X509Certificate(certificate.pem);
      expect(certificate.fingerprint).toBe(x509.fingerprint256.replaceAll(':', '').toLowerCase());
      expect(certificate.serial).toBe(x509.serialNumber.toLowerCase());
      expect(certificate.notAfter).toBe(x509.validToDate.getTime());
    }
  });

  test('writes its subject from the most specific part on, and none where there is none', () => {
    const subject = name([
      ['O', 'Example'],
      ['OU', 'Ops'],
      ['CN', 'leaf'],
    ]);
    expect(makeLeaf(ca, { subject }).certificate.subject).toBe('CN=leaf,OU=Ops,O=Example');
    expect(makeLeaf(ca, { subject: name([]) }).certificate.subject).toBe('');
  });

  test('has the key identity of its renewal with the same key, and no other identity of it', () => {
    const renewed = renewCaSameKey(ca);
    expect(renewed.certificate.keyFingerprint).toBe(ca.certificate.keyFingerprint);
    expect(renewed.certificate.fingerprint).not.toBe(ca.certificate.fingerprint);
    expect(makeCa({ name: 'Root' }).certificate.keyFingerprint).not.toBe(ca.certificate.keyFingerprint);
  });

  test('keeps "absent" apart from "no": usages that are not there permit any', () => {
    const bare = makeLeaf(ca, { usages: [], keyUsages: 'absent' }).certificate;
    expect(bare).toMatchObject({ extendedKeyUsages: [], mayIssue: undefined });
    expect(makeLeaf(ca, { keyUsages: [] }).certificate.mayIssue).toBeUndefined();
  });

  test.each<[KeySpec, unknown, string]>([
    ['rsa-2048', { type: 'rsa', bits: 2048 }, 'sha256WithRSAEncryption'],
    ['p384', { type: 'ec', curve: 'P-384' }, 'ecdsa-with-SHA384'],
    ['p521', { type: 'ec', curve: 'P-521' }, 'ecdsa-with-SHA512'],
    ['ed25519', { type: 'ed25519' }, 'ed25519'],
    ['secp256k1', { type: 'ec', curve: 'secp256k1' }, 'ecdsa-with-SHA256'],
    ['ed448', { type: 'other', name: 'ed448' }, 'algorithm 1.3.101.113'],
    ['rsa-pss', { type: 'other', name: 'rsa-pss' }, 'rsassaPss-sha256'],
  ])('names a key of kind %s and the signature made with it', (spec, key, signatureAlgorithm) => {
    expect(makeCa({ key: makeKey(spec, 'parse') }).certificate).toMatchObject({ key, signatureAlgorithm });
  });
});

describe('reading is tolerant of', () => {
  const both = leaf.pem + ca.pem;
  const expected = [leaf.certificate, ca.certificate];

  test.each<[string, string]>([
    ['carriage returns', both.replace(/\n/g, '\r\n')],
    ['a byte order mark', `\uFEFF${both}`],
    ['text around blocks', `subject=leaf\n${leaf.pem}\nissuer: x\n# root\n${ca.pem}the end`],
    ['indentation and trailing blanks', both.replace(/^/gm, '  ').replace(/\n/g, ' \t\n')],
    ['a missing final newline', both.trimEnd()],
    ['a private key in the same file, which it leaves aside', leaf.keyPem + both],
    ['the label of old tools', both.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    [
      'headers in a block, which Go would skip with the block',
      both.replaceAll('-----\nMI', '-----\nNote: x\n\nMI'),
    ],
    ['content in one long line', both.replace(/([A-Za-z0-9+/=])\n(?!-)/g, '$1')],
  ])('%s', (_, text) => {
    expect(parseCertificates(text)).toEqual(expected);
  });

  test('blank text, which holds none', () => {
    expect(parseCertificates('')).toEqual([]);
    expect(parseCertificates('\uFEFF \r\n')).toEqual([]);
  });
});

describe('reading refuses', () => {
  const der = writeLeaf(ca, {}, leaf.key);
  const negative = Buffer.from(writeLeaf(ca, { serial: 0x7f }, leaf.key));
  const at = negative.indexOf(Buffer.from([0x02, 0x01, 0x7f]));
  negative[at + 2] = 0x80;
  const loose = Buffer.concat([Buffer.from([0x30, 0x83, 0]), der.subarray(2)]);

  test.each<[string, string]>([
    ['text without any block', 'c29tZSBiYXNlNjQ='],
    ['a file that holds only a key', leaf.keyPem],
    ['a block without an end', leaf.pem.replace(/-----END.*\n/, '')],
    ['a block inside a block', leaf.pem.replace('\n', `\n${ca.pem}`)],
    ['a block whose end names something else', leaf.pem.replace('END CERTIFICATE', 'END PRIVATE KEY')],
    ['base64 that was cut off', leaf.pem.replace(/.\n-----END/, '\n-----END')],
    ['characters that are no base64', leaf.pem.replace('\nM', '\n*')],
    ['an empty block', pemBlock('CERTIFICATE', Buffer.alloc(0))],
    ['DER that is no certificate', pemBlock('CERTIFICATE', Buffer.from('3003020101', 'hex'))],
    ['a public key', pemBlock('CERTIFICATE', leaf.key.publicKey.export({ type: 'spki', format: 'der' }))],
    ['DER that was cut off', pemBlock('CERTIFICATE', der.subarray(0, der.length - 5))],
    ['bytes after the certificate', pemBlock('CERTIFICATE', Buffer.concat([der, der]))],
    ['BER that is not DER: a length in more bytes than it needs', pemBlock('CERTIFICATE', loose)],
    ['a negative serial number, as Go does', pemBlock('CERTIFICATE', negative)],
    [
      'an extension that is there twice',
      pemBlock(
        'CERTIFICATE',
        writeLeaf(
          ca,
          { extensions: [1, 2].map(() => ({ oid: '1.2.3.4', critical: false, value: Buffer.from([5, 0]) })) },
          leaf.key,
        ),
      ),
    ],
    ['one damaged block among good ones', ca.pem + leaf.pem.replace('\nM', '\n*') + ca.pem],
  ])('%s', (_, text) => {
    expect(() => parseCertificates(text)).toThrow(UnreadablePki);
  });

  test('with an error of kind refused, which never quotes the text', () => {
    const planted = 'c3VwZXItc2VjcmV0LXRleHQ*';
    const text = `-----BEGIN CERTIFICATE-----\n${planted}\n-----END CERTIFICATE-----\n`;
    try {
      parseCertificates(text);
      throw new Error('was read');
    } catch (error) {
      expect(error).toBeInstanceOf(RotatorError);
      expect(error).toMatchObject({ kind: 'refused' });
      expect(String(error)).not.toContain(planted);
    }
  });

  test('any single changed byte, unless what it reads still has another fingerprint', () => {
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Buffer.from(der);
        changed[place] = (changed[place] ?? 0) ^ change;
        try {
          const [read] = parseCertificates(pemBlock('CERTIFICATE', changed));
          expect(read?.fingerprint).not.toBe(leaf.certificate.fingerprint);
          expect(read?.pem).toBe(pemBlock('CERTIFICATE', changed));
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadablePki);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('any text with that one error and no other', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('-----BEGIN CERTIFICATE-----\n', '-----END CERTIFICATE-----\n', 'MIIB', '\n', ca.pem),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          for (const certificate of parseCertificates(pieces.join('')))
            expect(certificate.fingerprint).toBe(ca.certificate.fingerprint);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadablePki);
        }
      }),
      { numRuns: 300 },
    );
  });
});
