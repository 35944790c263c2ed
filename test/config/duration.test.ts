/** Durations are read as they are written. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../agent/config/duration.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['3m', 180_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['0s', 0],
  ['1m500ms', 60_500],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '3', '3 m', '-3m', '3M', 'm', '1.5h', '30m1h', '1m1m', '1e3s', '3m '])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('every duration is read back from its own text', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), (duration) => {
      expect(parseDuration(formatDuration(duration))).toBe(duration);
    }),
  );
});
