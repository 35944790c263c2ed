/**
 * The annotation that remembers what was published since when.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readHistory, withEra, writeHistory } from '../../agent/layout/history.ts';
import type { BundleFingerprint, Fingerprint } from '../../agent/model/fingerprint.ts';
import {
  HISTORY_LENGTH,
  type LeafEra,
  NO_HISTORY,
  type PublicationHistory,
} from '../../agent/model/publication.ts';

const leaf = (name: string) => name as Fingerprint;
const same = (a: LeafEra, b: LeafEra) => a.leaf === b.leaf;

const name = fc.stringMatching(/^[0-9a-f]{4,12}$/);
const leafEra = fc.record({ leaf: name.map(leaf), since: fc.nat() });
const bundleEra = fc.record({
  bundle: name.map((text) => text as BundleFingerprint),
  anchors: fc.array(name.map(leaf), { maxLength: 3 }),
  since: fc.nat(),
});
const list = <T extends { readonly since: number }>(era: fc.Arbitrary<T>) =>
  fc.array(era, { maxLength: HISTORY_LENGTH }).map((eras) => eras.toSorted((a, b) => a.since - b.since));
const history: fc.Arbitrary<PublicationHistory> = fc.record({
  clientCa: list(bundleEra),
  serverCa: list(bundleEra),
  leafs: fc.dictionary(
    fc.constantFrom('client.crt', 'server-client.crt'),
    list(leafEra).filter((eras) => eras.length > 0),
    {
      noNullPrototype: true,
    },
  ),
  serving: list(leafEra),
  caPath: list(
    fc.record({ components: fc.array(fc.constantFrom('server', 'application-controller')), since: fc.nat() }),
  ),
});

describe('a history', () => {
  test('is read back as it was written', () => {
    fc.assert(fc.property(history, (value) => expect(readHistory(writeHistory(value))).toEqual(value)));
  });

  test('that is any text at all is read without an error, and never with half an entry', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = readHistory(text);
        for (const eras of [
          read.clientCa,
          read.serverCa,
          read.serving,
          read.caPath,
          ...Object.values(read.leafs),
        ]) {
          for (const era of eras as readonly { since: unknown }[]) expect(typeof era.since).toBe('number');
        }
      }),
    );
  });

  test.each([
    undefined,
    '',
    '[]',
    'null',
    '{"clientCa":{}}',
    '{"clientCa":[{"bundle":"x"}]}',
    '{"leafs":{"client.crt":[{"since":1},3]}}',
  ])('of %j is no history', (text) => {
    expect(readHistory(text)).toEqual(NO_HISTORY);
  });

  test.each([
    '{"clientCa":[{"since":1}]}',
    '{"clientCa":[{"since":1,"bundle":"aa"}]}',
    '{"leafs":{"client.crt":[{"since":1,"leaf":7}]}}',
    '{"caPath":[{"since":1,"components":"server"}]}',
    '{"serving":[{"since":1e999,"leaf":"aa"}]}',
    '{"serving":[{"since":9,"leaf":"aa"},{"since":5,"leaf":"bb"}]}',
  ])('whose entries lack what they are about, %s, is no history', (text) => {
    expect(readHistory(text)).toEqual(NO_HISTORY);
  });
});

describe('an entry', () => {
  test('comes after what was there before, since for ever', () => {
    const none: readonly LeafEra[] = [];
    expect(withEra(none, { leaf: 'absent' }, { leaf: leaf('a1'), since: 5 }, same)).toEqual([
      { leaf: 'absent', since: 0 },
      { leaf: 'a1', since: 5 },
    ]);
  });

  test('is not made where nothing changed: since when it has been so must not get younger', () => {
    const eras: readonly LeafEra[] = [{ leaf: leaf('a1'), since: 5 }];
    expect(withEra(eras, { leaf: 'absent' }, { leaf: leaf('a1'), since: 9 }, same)).toBe(eras);
  });

  test('pushes out the oldest, never the newest', () => {
    let eras: readonly LeafEra[] = [];
    const era = (n: number) => ({ leaf: leaf(`a${n}`), since: n });
    for (let n = 1; n <= 30; n += 1) eras = withEra(eras, { leaf: 'absent' }, era(n), same);
    expect(eras).toHaveLength(HISTORY_LENGTH);
    expect(eras.at(-1)).toEqual(era(30));
  });
});
