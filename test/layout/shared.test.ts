/**
 * The shared layout: reading what was written gives back what was meant.
 */
import { describe, expect, test } from '@jest/globals';
import {
  MTLS_KEY,
  readBundle,
  readLeaf,
  SERVING_KEY,
  writeMtls,
  writeServing,
} from '../../agent/layout/shared.ts';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';

const root = makeCa({ name: 'Root' });
const intermediate = makeCa({ name: 'Intermediate', issuer: root });
const other = makeCa({ name: 'Other' });
const plain = makeLeaf(root);
const chained = makeLeaf(intermediate);

const stored = (data: ReadonlyMap<string, SecretBytes>) =>
  storedSecret(
    'argocd-repo-server-mtls',
    Object.fromEntries([...data].map(([key, value]) => [key, value.reveal()])),
  );

const contents = [
  { what: 'everything', clientCa: [root, other], leaf: chained, serverCa: [other] },
  { what: 'a leaf and nothing else', clientCa: undefined, leaf: plain, serverCa: undefined },
  { what: 'trust and nothing else', clientCa: [root], leaf: undefined, serverCa: undefined },
  { what: 'nothing', clientCa: undefined, leaf: undefined, serverCa: undefined },
] as const;

describe('argocd-repo-server-mtls', () => {
  test.each(contents)('holding $what is read back as it was written', ({ clientCa, leaf, serverCa }) => {
    const certificates = (list: typeof clientCa | typeof serverCa) =>
      list?.map(({ certificate }) => certificate);
    const secret = stored(
      writeMtls({ clientCa: certificates(clientCa), leaf: leaf?.leaf, serverCa: certificates(serverCa) }),
    );
    const expected = (list: typeof clientCa | typeof serverCa) =>
      list === undefined ? { state: 'absent' } : { state: 'present', value: certificates(list) };
    expect(readBundle(secret, MTLS_KEY.clientCa)).toEqual(expected(clientCa));
    expect(readBundle(secret, MTLS_KEY.serverCa)).toEqual(expected(serverCa));
    const read = readLeaf(secret, MTLS_KEY.clientCertificate, MTLS_KEY.clientKey);
    if (leaf === undefined) expect(read).toEqual({ state: 'absent' });
    else {
      expect(read).toMatchObject({
        state: 'present',
        value: { certificate: leaf.certificate, intermediates: leaf.intermediates },
      });
      expect(read.state === 'present' && read.value.key.reveal()).toBe(leaf.keyPem);
    }
  });

  test('is written with keys for what it holds and for nothing else', () => {
    const keys = (content: Parameters<typeof writeMtls>[0]) => [...writeMtls(content).keys()];
    expect(keys({ clientCa: undefined, leaf: plain.leaf, serverCa: undefined })).toEqual([
      'client.crt',
      'client.key',
    ]);
    expect(keys({ clientCa: [root.certificate], leaf: undefined, serverCa: undefined })).toEqual([
      'client-ca.crt',
    ]);
    expect(keys({ clientCa: undefined, leaf: undefined, serverCa: undefined })).toEqual([]);
  });
});

test('a serving certificate carries its chain and its CA, and is read back', () => {
  const secret = stored(writeServing(chained.leaf, [root.certificate]));
  expect([...secret.data.keys()]).toEqual(['tls.crt', 'tls.key', 'ca.crt']);
  expect(secret.data.get('tls.crt')?.reveal()).toBe(chained.chainPem);
  expect(readLeaf(secret, SERVING_KEY.certificate, SERVING_KEY.key)).toMatchObject({
    value: { certificate: chained.certificate, intermediates: [intermediate.certificate] },
  });
});

describe('what can not be understood is unreadable, never absent', () => {
  const leafOf = (data: Readonly<Record<string, string>>) =>
    readLeaf(storedSecret('x', data), MTLS_KEY.clientCertificate, MTLS_KEY.clientKey);

  test.each([
    ['a certificate without its key', { 'client.crt': plain.chainPem }, 'client.key is missing'],
    ['a key without its certificate', { 'client.key': plain.keyPem }, 'client.crt is missing'],
    ['text that is no certificate', { 'client.crt': 'hello', 'client.key': plain.keyPem }, 'client.crt'],
    [
      'a certificate that is cut off',
      { 'client.crt': plain.chainPem.slice(0, 200), 'client.key': plain.keyPem },
      'client.crt',
    ],
  ])('%s', (_, data, why) => {
    expect(leafOf(data)).toEqual({ state: 'unreadable', why: expect.stringContaining(why) });
  });

  test('a trust file with something else in it', () => {
    const read = (text: string) =>
      readBundle(storedSecret('x', { 'client-ca.crt': text }), MTLS_KEY.clientCa).state;
    expect(read('hello')).toBe('unreadable');
    expect(read(root.pem.replaceAll('M', '!'))).toBe('unreadable');
    expect(read(' \n')).toBe('absent');
  });
});
