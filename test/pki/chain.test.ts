/**
 * Chains are put in order by who signed whom, whatever order and company the certificates come in.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newAnchors, orderChain, splitChain } from '../../agent/pki/chain.ts';
import { makeCa, makeLeaf, replaceCa } from '../kit/pki/index.ts';

const root = makeCa({ name: 'Root' });
const upper = makeCa({ name: 'Upper', issuer: root });
const lower = makeCa({ name: 'Lower', issuer: upper });
const leaf = makeLeaf(lower).certificate;
/** Of the same names, under other keys. */
const impostors = [replaceCa(lower), replaceCa(upper)].map(({ certificate }) => certificate);
const stranger = makeCa({ name: 'Stranger' }).certificate;
const [low, up, top] = [lower, upper, root].map(({ certificate }) => certificate);

/** Some of the certificates, some of them twice, in any order. */
const mixed = fc
  .shuffledSubarray([low, up, top, ...impostors, stranger, low, up], { minLength: 0 })
  .map((list) => list.filter((each) => each !== undefined));

describe('a chain', () => {
  test('in any order, with any company, becomes the links that are there, the issuer first, up to the first that is missing', () => {
    fc.assert(
      fc.property(mixed, (certificates) => {
        const expected: unknown[] = [];
        for (const link of [low, up, top]) {
          if (link === undefined || !certificates.includes(link)) break;
          expected.push(link);
        }
        expect(orderChain(leaf, certificates)).toEqual(expected);
      }),
    );
  });

  test('that is in order stays as it is', () => {
    fc.assert(
      fc.property(mixed, (certificates) => {
        const once = orderChain(leaf, certificates);
        expect(orderChain(leaf, once)).toEqual(once);
      }),
    );
  });

  test('is split into one leaf and its intermediates, and never holds a root', () => {
    fc.assert(
      fc.property(mixed, fc.nat(8), (certificates, place) => {
        const all = [...certificates.slice(0, place), leaf, ...certificates.slice(place)];
        const { leafs, intermediates } = splitChain(all);
        expect(leafs).toEqual([leaf]);
        expect(intermediates.some(({ selfSigned }) => selfSigned)).toBe(false);
        expect(intermediates).toEqual(orderChain(leaf, intermediates));
      }),
    );
  });
});

test('what is to be trusted anew is never trusted already, and is not vouched for by what is', () => {
  fc.assert(
    fc.property(mixed, mixed, (chain, trusted) => {
      const found = newAnchors(chain, trusted);
      expect(found.filter((each) => trusted.includes(each))).toEqual([]);
      expect(newAnchors(chain, [...trusted, ...found])).toEqual([]);
    }),
  );
});
