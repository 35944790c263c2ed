/**
 * Each mutation can still be made: the source text that it replaces is there. Whether it is caught is asked by `npm run test:mutations`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MUTATIONS } from './mutations.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('the text that each mutation replaces stands in its file exactly once', () => {
  const lost = MUTATIONS.filter(
    ({ file, from }) => readFileSync(join(ROOT, file), 'utf8').split(from).length !== 2,
  );
  expect(lost.map(({ what }) => what)).toEqual([]);
});

test('there are at least thirty, each of them another one', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(MUTATIONS.map(({ file, from, to }) => `${file} ${from} ${to}`)).size).toBe(MUTATIONS.length);
});
