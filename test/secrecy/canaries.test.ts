/** What looks for secrets finds them: else nothing that it does not find would say anything. */
import { describe, expect, test } from '@jest/globals';
import { Canaries } from '../kit/canaries.ts';
import { type KeySpec, keyPem, makeCa, makeKey, makeLeaf } from '../kit/pki/index.ts';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const PASSWORD = 'correct horse battery staple';

const found = (
  text: string,
  spec: KeySpec = 'p256',
  make: (pem: string, der: Buffer) => string = () => text,
) => {
  const canaries = new Canaries();
  const key = makeKey(spec);
  canaries.key('the key', key);
  const der = key.privateKey.export({ type: 'pkcs8', format: 'der' });
  return canaries.foundIn('it', make(keyPem(key), der));
};

describe('a key is found', () => {
  const WAYS: readonly [string, (pem: string, der: Buffer) => string][] = [
    ['as PEM', (pem) => `oops ${pem}`],
    ['as PEM in JSON', (pem) => JSON.stringify({ error: pem })],
    ['without its first and last line', (pem) => pem.split('\n').slice(1, -2).join('\n')],
    ['as a Secret holds it', (pem) => JSON.stringify({ data: { 'tls.key': base64(pem) } })],
    ['as a Secret holds it, with something before it', (pem) => base64(`x${pem}`) + base64(`xy${pem}`)],
    ['as DER in hex', (_, der) => der.toString('hex')],
    ['as DER in base64, in one line', (_, der) => base64(der)],
    [
      'as DER within other bytes',
      (_, der) => base64(Buffer.concat([Buffer.from('ab'), der, Buffer.from('cde')])),
    ],
    ['as DER in base64url', (_, der) => der.toString('base64url')],
  ];
  test.each(WAYS)('%s', (_, make) => {
    for (const spec of ['p256', 'p384', 'ed25519'] as const)
      expect(found('', spec, make)).toEqual(['it holds the key']);
  });

  test('not in its certificate', () => {
    const canaries = new Canaries();
    const leaf = makeLeaf(makeCa());
    canaries.key('the key', leaf.key);
    for (const text of [
      leaf.pem,
      base64(leaf.pem),
      leaf.der.toString('hex'),
      JSON.stringify(leaf.certificate),
    ])
      expect(canaries.foundIn('it', text)).toEqual([]);
  });
});

test.each<[string, (word: string) => string]>([
  ['as it is', (word) => `password=${word}!`],
  ['in JSON', (word) => JSON.stringify(word)],
  ['in a URL', (word) => `https://x/?p=${encodeURIComponent(word)}`],
  ['in base64', (word) => base64(`a${word}`)],
])('a password is found %s', (_, make) => {
  const canaries = new Canaries();
  canaries.word('the password', PASSWORD);
  expect(canaries.foundIn('it', make(PASSWORD))).toEqual(['it holds the password']);
});
