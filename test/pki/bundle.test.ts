/**
 * Bundles are sets: nothing about them depends on order or repetition.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../agent/model/certificate.ts';
import {
  bundleFingerprint,
  bundlePem,
  fingerprintOfMembers,
  hasExpired,
  pruneExpired,
  unionBundle,
  withoutMembers,
} from '../../agent/pki/bundle.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1);
const first = makeCa({ name: 'One name' });
const CAS: readonly Certificate[] = [
  first,
  replaceCa(first),
  makeCa({ name: 'Expired', notAfter: NOW - 1 }),
  makeCa({ name: 'At its last moment', notAfter: NOW }),
  makeCa({ name: 'To come', notBefore: NOW + 1 }),
].map((ca) => ca.certificate);

const bundle = fc.array(fc.constantFrom(...CAS), { maxLength: 8 });

describe('a bundle', () => {
  test('has one text and one id, whatever the order and the repetitions', () => {
    fc.assert(
      fc.property(bundle, bundle, (members, again) => {
        const more = [...again.filter((member) => members.includes(member)), ...members].reverse();
        expect(bundlePem(more)).toBe(bundlePem(members));
        expect(bundleFingerprint(more)).toBe(bundleFingerprint(members));
      }),
    );
  });

  test('has another id for other members', () => {
    fc.assert(
      fc.property(bundle, bundle, (one, other) => {
        const isSame = one.every((c) => other.includes(c)) && other.every((c) => one.includes(c));
        expect(bundleFingerprint(one) === bundleFingerprint(other)).toBe(isSame);
      }),
    );
  });

  test('has the id of its members, known by fingerprint alone', () => {
    expect(fingerprintOfMembers(CAS.map((ca) => ca.fingerprint))).toBe(bundleFingerprint(CAS));
  });

  test('reads back from its text as the same members', () => {
    fc.assert(
      fc.property(bundle, (members) => {
        expect(parseCertificates(bundlePem(members))).toEqual(unionBundle(members));
      }),
      { numRuns: 30 },
    );
  });

  test('keeps two CAs of one name side by side', () => {
    expect(unionBundle(CAS.slice(0, 2))).toHaveLength(2);
  });
});

describe('a union', () => {
  test('is idempotent, commutative and associative', () => {
    fc.assert(
      fc.property(bundle, bundle, bundle, (a, b, c) => {
        expect(unionBundle(unionBundle(a, b), unionBundle(a, b))).toEqual(unionBundle(a, b));
        expect(unionBundle(a, b)).toEqual(unionBundle(b, a));
        expect(unionBundle(unionBundle(a, b), c)).toEqual(unionBundle(a, unionBundle(b, c)));
      }),
    );
  });

  test('less what was added is what was there before', () => {
    fc.assert(
      fc.property(bundle, bundle, (a, b) => {
        expect(withoutMembers(unionBundle(a, b), b)).toEqual(unionBundle(withoutMembers(a, b)));
      }),
    );
  });
});

describe('pruning', () => {
  test('takes away what has expired, counts the last moment as valid, and leaves what is still to come', () => {
    expect(pruneExpired(CAS, NOW).map((ca) => ca.subject)).toEqual([
      'CN=One name',
      'CN=One name',
      'CN=At its last moment',
      'CN=To come',
    ]);
  });

  test('is final: what is pruned at one time is pruned at every later time', () => {
    fc.assert(
      fc.property(bundle, fc.nat(), (members, later) => {
        const left = pruneExpired(members, NOW + later);
        expect(pruneExpired(pruneExpired(members, NOW), NOW + later)).toEqual(left);
        expect(left.some((ca) => hasExpired(ca, NOW + later))).toBe(false);
      }),
    );
  });
});
