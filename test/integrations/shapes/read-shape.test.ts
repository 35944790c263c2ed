/**
 * The table of accepted shapes: which names and contents are understood, what wins, and what is refused by which name.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../../agent/admission/admit.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { ShapeFields } from '../../../agent/model/shape-fields.ts';
import { type Found, readShape } from '../../../integrations/shapes/read-shape.ts';
import { keyPem, makeCa, makeKey, makeLeaf } from '../../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const root = makeCa({ name: 'Root' });
const between = makeCa({ name: 'Issuing CA', issuer: root });
const leaf = makeLeaf(between, { name: 'repo-client' });
const other = makeLeaf(root, { name: 'other' });

type Data = Readonly<Record<string, string | Uint8Array>>;

const entries = (data: Data): ReadonlyMap<string, SecretBytes> =>
  new Map(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' ? SecretBytes.of(value) : SecretBytes.ofBytes(value),
    ]),
  );

const read = (data: Data, fields?: ShapeFields) => readShape(entries(data), fields, 'Secret argocd/x');

const found = (data: Data, fields?: ShapeFields): Found => {
  const reading = read(data, fields);
  if ('refusal' in reading) throw new Error(reading.refusal.what);
  return reading.found;
};

const refusal = (data: Data, fields?: ShapeFields) => {
  const reading = read(data, fields);
  if ('found' in reading) throw new Error('a pair was found');
  return reading.refusal;
};

/** What admission makes of it: the leaf's and the anchors' fingerprints, or the code. */
const outcome = ({ certificatePem, key, anchorsPem }: Found) => {
  const admission = admit({ source: 'x', version: '1', certificatePem, key, anchorsPem }, 'client', NOW);
  if ('refusal' in admission) return admission.refusal.code;
  const { material } = admission;
  return {
    leaf: material.leaf.certificate.fingerprint,
    intermediates: material.leaf.intermediates.map(({ fingerprint }) => fingerprint),
    anchors: material.anchors.map(({ fingerprint }) => fingerprint),
  };
};

const WHOLE = {
  leaf: leaf.certificate.fingerprint,
  intermediates: [between.certificate.fingerprint],
  anchors: [root.certificate.fingerprint],
};

const TLS = { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem, 'ca.crt': root.pem };
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const der = (): Buffer => leaf.key.privateKey.export({ type: 'pkcs8', format: 'der' });

describe('a pair and its CA are found', () => {
  test.each<[string, Data]>([
    ['under the names of kubernetes.io/tls', TLS],
    [
      "under the names of Vault's answer, the chain as a JSON list",
      {
        certificate: leaf.pem,
        private_key: leaf.keyPem,
        issuing_ca: between.pem,
        ca_chain: JSON.stringify([between.pem, root.pem]),
        serial_number: '3f:2a',
      },
    ],
    [
      "under the names of Vault's answer, the chain as one text",
      {
        certificate: leaf.pem,
        private_key: leaf.keyPem,
        issuing_ca: between.pem,
        ca_chain: between.pem + root.pem,
      },
    ],
    [
      "under the names of Argo CD's own Secret",
      { 'client.crt': leaf.chainPem, 'client.key': leaf.keyPem, 'client-ca.crt': root.pem },
    ],
    ['in one PEM text', { 'bundle.pem': leaf.keyPem + leaf.chainPem + root.pem }],
    ['in one PEM text in any order', { bundle: root.pem + between.pem + leaf.pem + leaf.keyPem }],
    [
      'in values that were encoded in base64 once too often',
      { 'tls.crt': base64(leaf.chainPem), 'tls.key': base64(leaf.keyPem), 'ca.crt': `${base64(root.pem)}\n` },
    ],
    [
      "beside the other forms that cert-manager's additionalOutputFormats and keystores write",
      {
        ...TLS,
        'tls-combined.pem': leaf.keyPem + leaf.chainPem,
        'key.der': der(),
        'keystore.p12': Buffer.from('3082000102', 'hex'),
        'truststore.jks': Buffer.from('feedfeed', 'hex'),
      },
    ],
    [
      'in a combined text alone, with its CA beside it',
      { 'tls-combined.pem': leaf.keyPem + leaf.chainPem + root.pem },
    ],
    [
      'where two shapes hold the same pair, from the one that names a CA',
      {
        'client.crt': leaf.chainPem,
        'client.key': leaf.keyPem,
        'all.pem': leaf.chainPem + leaf.keyPem + root.pem,
      },
    ],
    [
      'where two shapes hold the same key in two encodings',
      { ...TLS, 'all.pem': leaf.chainPem + keyPem(leaf.key, 'traditional') },
    ],
  ])('%s', (_, data) => {
    expect(outcome(found(data))).toEqual(WHOLE);
  });

  test("in Vault's answer under an intermediate that is all Vault knows: that one is the anchor", () => {
    const answer = { certificate: leaf.pem, private_key: leaf.keyPem, issuing_ca: between.pem };
    expect(outcome(found(answer))).toEqual({
      ...WHOLE,
      intermediates: [],
      anchors: [between.certificate.fingerprint],
    });
  });

  test('by names from the configuration, whatever else would fit', () => {
    const data = {
      'tls.crt': other.chainPem,
      'tls.key': other.keyPem,
      'ca.crt': makeCa({ name: 'Elsewhere' }).pem,
      'cert.pem': leaf.chainPem,
      'key.pem': leaf.keyPem,
      'root.pem': root.pem,
    };
    expect(outcome(found(data, { certificate: 'cert.pem', key: 'key.pem', ca: 'root.pem' }))).toEqual(WHOLE);
  });

  test('by one name from the configuration, and the rest as usual', () => {
    expect(outcome(found({ ...TLS, 'ca.crt': other.pem, root: root.pem }, { ca: 'root' }))).toEqual(WHOLE);
    expect(outcome(found({ ...TLS, 'tls.key': other.keyPem, k: leaf.keyPem }, { key: 'k' }))).toEqual(WHOLE);
    const blob = { mine: leaf.chainPem + leaf.keyPem, 'ca.crt': root.pem };
    expect(outcome(found(blob, { certificate: 'mine' }))).toEqual(WHOLE);
  });

  test('without a CA where none is named: none is guessed from the chain of a pair', () => {
    const pair = found({ 'tls.crt': leaf.chainPem + root.pem, 'tls.key': leaf.keyPem });
    expect(pair.anchorsPem).toBe('');
    expect(outcome(pair)).toBe('no-anchor');
  });

  test('without a private key among the certificates, wherever it was put', () => {
    const { certificatePem, anchorsPem } = found({
      ...TLS,
      'tls.crt': leaf.keyPem + leaf.chainPem,
      'ca.crt': root.pem + leaf.keyPem,
    });
    expect(`${certificatePem}${anchorsPem}`).not.toContain('PRIVATE KEY');
    expect(certificatePem).toContain('BEGIN CERTIFICATE');
  });
});

describe('what is half there or no PEM is handed on, for admission to name', () => {
  const page = '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>';
  test.each<[string, Data, string]>([
    ['a certificate without its key', { 'tls.crt': leaf.chainPem }, 'no-key'],
    ['a key without its certificate', { 'tls.key': leaf.keyPem, 'ca.crt': root.pem }, 'no-certificate'],
    ['an empty certificate', { ...TLS, 'tls.crt': '' }, 'no-certificate'],
    ["another certificate's key", { ...TLS, 'tls.key': other.keyPem }, 'key-mismatch'],
    ['a foreign CA', { ...TLS, 'ca.crt': makeCa({ name: 'Elsewhere' }).pem }, 'chain-broken'],
    ['an HTML page as certificate', { ...TLS, 'tls.crt': page }, 'unreadable'],
    ['an HTML page as key', { ...TLS, 'tls.key': page }, 'key-unreadable'],
    ['an HTML page as CA', { ...TLS, 'ca.crt': page }, 'unreadable'],
    ['a text that is no PEM', { ...TLS, 'tls.crt': 'hunter2' }, 'unreadable'],
    ['a certificate that is cut off', { ...TLS, 'tls.crt': leaf.pem.slice(0, 300) }, 'unreadable'],
    [
      'an expired leaf',
      { ...TLS, 'tls.crt': makeLeaf(root, { notAfter: NOW - 1000, key: leaf.key }).pem },
      'expired',
    ],
    ['a CA that presents itself, in one text', { all: root.pem + keyPem(root.key) }, 'leaf-is-ca'],
  ])('%s', (_, data, code) => {
    expect(outcome(found(data))).toBe(code);
  });
});

describe('is refused', () => {
  const MANY = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 'x']));
  test.each<[string, Data, ShapeFields | undefined, string, RegExp]>([
    [
      'where no shape fits',
      { a: leaf.pem, 'b.pem': leaf.keyPem },
      undefined,
      'shape-unknown',
      /found: a, b\.pem\./,
    ],
    ['where nothing is there', {}, undefined, 'shape-unknown', /found: no keys at all/],
    ['where too many names are there to tell', MANY, undefined, 'shape-unknown', /and 10 more/],
    [
      'where halves of two shapes are there',
      { 'tls.crt': leaf.pem, private_key: leaf.keyPem },
      undefined,
      'shape-unknown',
      /private_key, tls\.crt/,
    ],
    [
      'where two shapes fit with different pairs',
      { ...TLS, 'client.crt': other.chainPem, 'client.key': other.keyPem },
      undefined,
      'shape-ambiguous',
      /tls\.crt with tls\.key .*client\.crt with client\.key/,
    ],
    [
      'where two shapes hold the same pair under different CAs',
      { ...TLS, all: leaf.chainPem + leaf.keyPem + makeCa({ name: 'Elsewhere' }).pem },
      undefined,
      'shape-ambiguous',
      /all \(one PEM text\)/,
    ],
    [
      'where two texts hold different pairs',
      { a: leaf.chainPem + leaf.keyPem, b: other.chainPem + other.keyPem },
      undefined,
      'shape-ambiguous',
      /a \(one PEM text\); b \(one PEM text\)/,
    ],
    [
      'where the certificate is named and two keys could be meant',
      { c: leaf.pem, 'tls.key': leaf.keyPem, 'client.key': keyPem(makeKey('p256')) },
      { certificate: 'c' },
      'shape-ambiguous',
      /tls\.key; client\.key/,
    ],
    [
      'where a name of the configuration is not there',
      TLS,
      { certificate: 'cert.pem', key: 'key.pem' },
      'field-missing',
      /no cert\.pem and no key\.pem.*found: ca\.crt, tls\.crt, tls\.key/,
    ],
    [
      'where it is larger than a Secret can be',
      { big: 'x'.repeat(1024 * 1025) },
      undefined,
      'too-large',
      /1048576/,
    ],
  ])('%s', (_, data, fields, code, says) => {
    const refused = refusal(data, fields);
    expect(refused.code).toBe(code);
    expect(refused.what).toMatch(says);
    for (const part of [refused.what, refused.effect, refused.next]) expect(part).toMatch(/^\S.{10,}\.$/s);
    expect(JSON.stringify(refused)).not.toContain(leaf.keyPem.split('\n')[1]);
  });

  test('with a hint at the PKCS#12 that is there', () => {
    expect(refusal({ 'store.p12': Buffer.from('3082', 'hex') }).next).toContain('`pkcs12`');
  });
});
