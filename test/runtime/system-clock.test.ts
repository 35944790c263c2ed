import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';

const DAY = 86_400_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('calls back once, after the delay', () => {
  const called = jest.fn();
  systemClock.after(1_000, called);
  jest.advanceTimersByTime(999);
  expect(called).not.toHaveBeenCalled();
  jest.advanceTimersByTime(DAY);
  expect(called).toHaveBeenCalledTimes(1);
});

test('a delay longer than a timer can take is waited for in full, and can be cancelled on the way', () => {
  const called = jest.fn();
  systemClock.after(60 * DAY, called);
  const cancelled = jest.fn();
  const cancel = systemClock.after(60 * DAY, cancelled);
  jest.advanceTimersByTime(59 * DAY);
  expect(called).not.toHaveBeenCalled();
  cancel();
  jest.advanceTimersByTime(DAY);
  expect(called).toHaveBeenCalledTimes(1);
  expect(cancelled).not.toHaveBeenCalled();
});

test('a delay that is over already is a delay of nothing', () => {
  const called = jest.fn();
  systemClock.after(-5, called);
  jest.advanceTimersByTime(0);
  expect(called).toHaveBeenCalledTimes(1);
});

test('the clock tells the time of day', () => {
  jest.setSystemTime(DAY);
  expect(systemClock.now()).toBe(DAY);
});

test('random ids are lower-case hex of the length asked for, and differ', () => {
  expect(systemRandom.hex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(systemRandom.hex(16)).not.toBe(systemRandom.hex(16));
});
