import { expect, test } from '@jest/globals';
import { ANNOTATION } from '../../agent/model/product.ts';
import {
  nextAttempt,
  parseRestart,
  restartAnnotations,
  restartIntent,
  restartValue,
} from '../../agent/rollout/restart.ts';
import { ASKED } from './builders.ts';

const restart = { rotation: 'r-1', fingerprint: 'ab12', attempt: 2 };

test('a restart is read back as it was written', () => {
  const annotations = restartAnnotations(restart, ASKED);
  expect(annotations).toEqual({
    [ANNOTATION.restart]: 'r-1.ab12.2',
    [ANNOTATION.restartedAt]: '2026-11-23T12:00:00.000Z',
  });
  expect(restartIntent(annotations)).toEqual({ ...restart, askedAt: ASKED });
});

test('the same restart asked for at the same time is the same annotation: writing it again restarts nothing', () => {
  expect(restartAnnotations(restart, ASKED)).toEqual(restartAnnotations({ ...restart }, ASKED));
});

test.each([undefined, '', 'r-1', 'r-1.ab12', 'r-1.ab12.0', 'r-1.ab12.x', 'r.1.ab12.2', '..1', 'r-1.ab12.2 '])(
  'what the agent did not write (%p) is no restart of its own',
  (value) => {
    expect(parseRestart(value)).toBeUndefined();
  },
);

test('a restart whose instant was lost is still known as asked for', () => {
  const annotations = { [ANNOTATION.restart]: restartValue(restart) };
  expect(restartIntent(annotations)).toEqual({ ...restart, askedAt: undefined });
  expect(restartIntent({ ...annotations, [ANNOTATION.restartedAt]: 'yesterday' })?.askedAt).toBeUndefined();
});

test.each([
  { ...restart, rotation: 'r.1' },
  { ...restart, fingerprint: '' },
  { ...restart, attempt: 0 },
  { ...restart, attempt: 1.5 },
])('a restart that could not be read back is never written: %j', (bad) => {
  expect(() => restartValue(bad)).toThrow(RangeError);
});

test('tries are counted for each rotation and fingerprint', () => {
  const annotations = restartAnnotations(restart, ASKED);
  expect(nextAttempt(annotations, 'r-1', 'ab12')).toBe(3);
  expect(nextAttempt(annotations, 'r-1', 'cd34')).toBe(1);
  expect(nextAttempt(annotations, 'r-2', 'ab12')).toBe(1);
  expect(nextAttempt({}, 'r-1', 'ab12')).toBe(1);
});
