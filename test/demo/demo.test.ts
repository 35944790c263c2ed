import { expect, test } from '@jest/globals';
import { showLife } from './life.ts';
import { Screen } from './screen.ts';

test('the demonstration shows a life without a failed call, proved after each change, and fits a terminal', async () => {
  let text = '';
  const screen = new Screen((part) => {
    text += part;
  }, false);
  const { rotated, usual, proved } = await showLife(screen);
  expect(rotated).toMatchObject({ failed: 0, restarts: 4 });
  expect(proved).toEqual([true, true, true]);
  expect(usual.failed).toBeGreaterThan(0);
  expect(text).toMatch(/KILLED[\s\S]*resumed/);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
}, 120_000);
