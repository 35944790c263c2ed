/**
 * Input at the edge of what a Secret, a ConfigMap or an answer holds. Each is refused by a limit, or read in work that grows with its length: that
 * these tests end is the assertion; before there were limits, several of them ran for minutes.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { readHistory } from '../../agent/layout/history.ts';
import type { RawMaterial } from '../../agent/model/material.ts';
import { NO_HISTORY } from '../../agent/model/publication.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { readDer } from '../../agent/pki/der.ts';
import { readPrivateKey } from '../../agent/pki/private-key.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';
import { decodeJournal } from '../../agent/rotation/journal.ts';
import { scrub } from '../../agent/telemetry/scrub.ts';
import { readPkcs12 } from '../../integrations/shapes/pkcs12.ts';
import { readShape } from '../../integrations/shapes/read-shape.ts';
import { contentOf } from '../../integrations/vault/answer.ts';
import { VaultFailure } from '../../integrations/vault/failure.ts';
import { good, goodRaw, NOON, root } from '../admission/bad-material/row.ts';
import * as der from '../kit/pki/der.ts';
import { makeCa, makeLeaf, nameConstraints, pemBlock, rawMaterial } from '../kit/pki/index.ts';

const MEBIBYTE = 1024 * 1024;
const long = (text: string, length = MEBIBYTE - 1000): string =>
  text.repeat(Math.floor(length / text.length));
const nested = (depth: number, tag = 0x30): Buffer => {
  // Lengths from the inside out, then all heads before the innermost value: one copy instead of one for each level.
  const heads: Buffer[] = [];
  for (let [at, length] = [0, 2]; at < depth; at += 1) {
    const digits =
      length < 0x80
        ? [length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 0xff]
          : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
    heads.unshift(Buffer.from([tag, ...digits]));
    length += 1 + digits.length;
  }
  return Buffer.concat([...heads, Buffer.from([5, 0])]);
};

const codeOf = (result: object): string =>
  'refusal' in result ? String((result.refusal as { readonly code: string }).code) : 'taken';
const admission = (raw: RawMaterial): string => codeOf(admit(raw, 'client', NOON));
const shape = (entries: Readonly<Record<string, string>>): string =>
  codeOf(readShape(new Map(Object.entries(entries).map(([name, text]) => [name, SecretBytes.of(text)]))));

describe('a Secret of one mebibyte', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'white space with one letter that is no base64',
      { 'tls.crt': `${long(' ')}!`, 'tls.key': 'x' },
      'taken',
    ],
    ['ten thousand certificates', { 'tls.crt': root.pem.repeat(10_000) }, 'too-large'],
    ['as many certificates as it holds', { 'tls.crt': long(root.pem), 'tls.key': good.keyPem }, 'taken'],
    [
      'blocks that begin and never end',
      { 'tls.crt': long('-----BEGIN CERTIFICATE-----\n'), 'tls.key': 'x' },
      'taken',
    ],
    [
      'keys that begin and never end',
      { all: `-----BEGIN CERTIFICATE-----${long('-----BEGIN A PRIVATE KEY-----')}` },
      'taken',
    ],
    ['NULs', { 'tls.crt': long('\u0000'), 'tls.key': '\u0000' }, 'taken'],
    ['lists within lists', { certificate: long('['), private_key: 'x' }, 'taken'],
  ])('%s', (_, entries, expected) => {
    expect(shape(entries)).toBe(expected);
  });

  test('five hundred pairs, which would all be compared', () => {
    const blob = good.pem + good.keyPem + root.pem;
    const entries = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`pair-${at}`, blob]));
    expect(shape(entries)).toBe('shape-ambiguous');
  });

  test('names that JavaScript knows', () => {
    const entries = JSON.parse(`{"__proto__": "x", "constructor": "y", "toString": "z"}`);
    expect(shape(entries)).toBe('shape-unknown');
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

describe('admission', () => {
  test('a bundle of ten thousand certificates', () => {
    expect(admission(goodRaw({ anchorsPem: root.pem.repeat(10_000) }))).toBe('too-large');
  });

  test('as many certificates as a bundle may have bytes, all of one name, which would all be tried on each other', () => {
    const key = root.key;
    const many = Array.from({ length: 300 }, () => makeCa({ name: 'Repo CA', key }).pem);
    expect(admission(goodRaw({ anchorsPem: many.join('') }))).toBe('too-large');
    expect(admission(goodRaw({ upcomingAnchorsPem: many.join('') }))).toBe('too-large');
    expect(admission(goodRaw({ certificatePem: good.pem + many.slice(0, 90).join('') }))).toBe('too-large');
  });

  test('more blocks than anybody reads', () => {
    const empty = pemBlock('CERTIFICATE', Buffer.from([0x30, 0]));
    expect(admission(goodRaw({ anchorsPem: empty.repeat(3000) }))).toBe('unreadable');
  });

  test('fifteen thousand name constraints above three thousand names', () => {
    const permittedDns = Array.from({ length: 15_000 }, (_, at) => `a${at}`);
    const ca = makeCa({ name: 'Narrow CA', extensions: [nameConstraints({ permittedDns })] });
    const leaf = makeLeaf(ca, { dns: Array.from({ length: 3000 }, (_, at) => `b${at}`) });
    expect(admission(rawMaterial(leaf, [ca]))).toBe('chain-broken');
  });

  test('a certificate of nothing but brackets, wide and deep', () => {
    for (const value of [der.sequence(Buffer.alloc(180_000, Buffer.from([5, 0]))), nested(40_000)])
      expect(admission(goodRaw({ anchorsPem: pemBlock('CERTIFICATE', value) }))).toBe('unreadable');
  });

  test('an RSA key of half a million bits', () => {
    const rsa = der.sequence(der.tlv(2, Buffer.alloc(60_000, 0x55)), der.integer(65537));
    const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.empty());
    const ca = makeCa({ key: root.key, instead: { publicKey: der.sequence(algorithm, der.bits(rsa)) } });
    expect(admission(rawMaterial(good, [ca]))).toBe('unsupported-key');
  });
});

describe('DER', () => {
  test.each([
    ['deeper than the stack', nested(40_000)],
    ['longer than any certificate', der.octets(Buffer.alloc(300_000))],
    ['with a length of 4 GiB', Buffer.from('3084ffffffff', 'hex')],
  ])('%s', (_, value) => {
    expect(() => readDer(value, 'It')).toThrow(UnreadablePki);
  });

  test('an elliptic key longer than its curve, of which OpenSSL makes something that ends a process of Node', () => {
    const key = der.sequence(
      der.integer(0),
      der.sequence(der.oid('1.2.840.10045.2.1'), der.oid('1.2.840.10045.3.1.7')),
      der.octets(der.sequence(der.integer(1), der.octets(Buffer.alloc(37, 0xb3)))),
    );
    expect(() => readPrivateKey(SecretBytes.of(pemBlock('PRIVATE KEY', key)))).toThrow(UnreadablePki);
  });
});

describe('PKCS#12', () => {
  const opened = (value: Buffer): string =>
    codeOf(readPkcs12(SecretBytes.ofBytes(value), SecretBytes.of('x'), { fips: 'off', about: 'It' }));
  const salted = (rounds: number): Buffer => der.sequence(der.octets(Buffer.alloc(8)), der.integer(rounds));

  test.each([
    ['deeper than the stack', nested(60_000)],
    ['strings within strings', nested(20_000, 4)],
    [
      'a number of rounds without an end',
      der.sequence(der.octets(Buffer.alloc(8)), der.tlv(2, Buffer.alloc(100_000, 0x11))),
    ],
    [
      'a thousand derivations of ten thousand rounds',
      der.sequence(...Array.from({ length: 1000 }, () => salted(10_000))),
    ],
  ])('%s', (_, value) => {
    expect(opened(value)).toBe('pkcs12-unreadable');
  });
});

describe('the configuration', () => {
  const problems = (text: string): number => {
    const parsed = parseConfig(text);
    return parsed.ok ? 0 : parsed.problems.length;
  };
  const lines = (write: (at: number) => string, count: number): string =>
    Array.from({ length: count }, (_, at) => write(at)).join('');

  test.each([
    [
      'aliases of aliases of aliases',
      `a: &a [x, x]\n${lines((at) => `b${at}: &b${at} [${at === 0 ? '*a, *a' : `*b${at - 1}, *b${at - 1}`}]\n`, 40)}`,
    ],
    ['twenty thousand unknown options', lines((at) => `k${at}: 1\n`, 20_000)],
    ['twenty thousand times one option', lines(() => 'k: 1\n', 20_000)],
    ['lists within lists', '['.repeat(50_000)],
    ['groups within groups', lines((at) => `${' '.repeat(at)}a:\n`, 2500)],
    ['one line of a mebibyte', long('x')],
    ['more than a mebibyte', long('x', 2 * MEBIBYTE)],
    ['NULs', long('\u0000')],
    ['letters that look alike', 'аpiVersion: mtls-rotator/v1alpha1\n'],
    ['a prototype', '__proto__: { sweep: 1m }\nconstructor: { prototype: { polluted: true } }\n'],
  ])('%s', (_, text) => {
    const found = problems(text);
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThanOrEqual(100);
    expect(Object.hasOwn(Object.prototype, 'polluted') || Object.hasOwn(Object.prototype, 'sweep')).toBe(
      false,
    );
  });
});

describe("Vault's answers", () => {
  const answered = (text: string, status = 200): string => {
    try {
      contentOf(
        'bank',
        { method: 'GET', path: 'kv/data/pair' },
        { status, text: SecretBytes.of(text), retryAfter: undefined },
      );
      return 'taken';
    } catch (error) {
      if (error instanceof VaultFailure) return error.what;
      throw error;
    }
  };

  test('lists within lists', () => {
    expect(answered(long('[', 2 * MEBIBYTE))).toContain('not JSON');
  });

  test('twenty thousand errors are told by the first five', () => {
    const errors = Array.from({ length: 20_000 }, (_, at) => `error ${at} of many, with a long explanation`);
    const said = answered(JSON.stringify({ errors }), 403);
    expect(said).toContain('error 4 ');
    expect(said).not.toContain('error 5 ');
  });
});

describe('what the agent wrote itself, and somebody else wrote over', () => {
  test.each([
    long('{"leafs":'),
    `{"version":1,"rotation":${long('[')}`,
    '{"__proto__":{"polluted":true},"version":1}',
  ])('history and journal: %#', (text) => {
    expect(readHistory(text)).toEqual(NO_HISTORY);
    expect(decodeJournal(text).record.rotation).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

test('a log line with a key that begins again and again is scrubbed', () => {
  expect(scrub(long('-----BEGIN PRIVATE KEY-----'))).toBe('[secret]');
});
