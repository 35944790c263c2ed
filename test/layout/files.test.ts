/**
 * Published files: reading what was written gives back what was meant.
 */
import { describe, expect, test } from '@jest/globals';
import {
  FILE_KEYS,
  type FilesContent,
  readBundle,
  readLeaf,
  SERVING_KEY,
  writeFiles,
  writeServing,
} from '../../agent/layout/files.ts';
import type { Leaf } from '../../agent/model/material.ts';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';

const root = makeCa({ name: 'Root' });
const intermediate = makeCa({ name: 'Intermediate', issuer: root });
const other = makeCa({ name: 'Other' });
const plain = makeLeaf(root);
const chained = makeLeaf(intermediate);

const SLOT = { secret: 'argocd-repo-server-mtls', certificate: 'client.crt', key: 'client.key' };

const write = ({ leaf, ...content }: Omit<FilesContent, 'leafs'> & { readonly leaf: Leaf | undefined }) =>
  writeFiles({ ...content, leafs: leaf === undefined ? [] : [{ slot: SLOT, leaf }] }, FILE_KEYS);

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
      write({ clientCa: certificates(clientCa), leaf: leaf?.leaf, serverCa: certificates(serverCa) }),
    );
    const expected = (list: typeof clientCa | typeof serverCa) =>
      list === undefined ? { state: 'absent' } : { state: 'present', value: certificates(list) };
    expect(readBundle(secret, FILE_KEYS.clientCa)).toEqual(expected(clientCa));
    expect(readBundle(secret, FILE_KEYS.serverCa)).toEqual(expected(serverCa));
    const read = readLeaf(secret, SLOT);
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
    const keys = (content: Parameters<typeof write>[0]) => [...write(content).keys()];
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
  expect(readLeaf(secret, SERVING_KEY)).toMatchObject({
    value: { certificate: chained.certificate, intermediates: [intermediate.certificate] },
  });
});

describe('what can not be understood is unreadable, never absent', () => {
  const leafOf = (data: Readonly<Record<string, string>>) => readLeaf(storedSecret('x', data), SLOT);

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
      readBundle(storedSecret('x', { 'client-ca.crt': text }), FILE_KEYS.clientCa).state;
    expect(read('hello')).toBe('unreadable');
    expect(read(root.pem.replaceAll('M', '!'))).toBe('unreadable');
    expect(read(' \n')).toBe('absent');
  });
});
