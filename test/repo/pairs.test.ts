/** What the full tier's cells leave out of source × layout × change class: no pair. */
import { describe, expect, test } from '@jest/globals';
import { CHOSEN, POSSIBLE } from '../cluster/scenarios/pair-cases.ts';
import { missingPairs } from '../cluster/scenarios/pairwise.ts';

describe('the cells of the cluster run', () => {
  test('each pair of source, layout and change class that there can be is in one of them', () => {
    expect(missingPairs(POSSIBLE, CHOSEN)).toEqual([]);
  });

  test('none is something that there can not be', () => {
    expect(POSSIBLE).toEqual(expect.arrayContaining([...CHOSEN]));
  });

  test.each(CHOSEN)('without $layout, $source, $changeClass a pair would be missing', (cell) => {
    const others = CHOSEN.filter((each) => each !== cell);
    expect(missingPairs(POSSIBLE, others)).not.toEqual([]);
  });
});

test('a pair is missing where no combination has both of its values', () => {
  const possible = [
    { layout: 'keys', source: 'A' },
    { layout: 'keys', source: 'B' },
    { layout: 'secrets', source: 'B' },
  ];
  expect(missingPairs(possible, possible)).toEqual([]);
  expect(missingPairs(possible, [{ layout: 'keys', source: 'A' }])).toEqual([
    'layout keys, source B',
    'layout secrets, source B',
  ]);
});
