/**
 * Clocks for tests: one that stands still until it is moved, and the real one.
 *
 * **Invariant:** under the manual clock nothing timed happens by itself.
 */
import type { Clock } from '../../../agent/ports.ts';

export interface ManualClock extends Clock {
  /** Moves time and calls back what falls due on the way, in order. */
  advance(by: number): void;
  /** Moves to the next moment at which something is due; false where nothing waits. */
  advanceToNext(): boolean;
  /** Callbacks that wait. */
  readonly waiting: number;
}

export const manualClock = (start = Date.parse('2030-01-01T00:00:00Z')): ManualClock => {
  let now = start;
  const due = new Map<object, { readonly at: number; readonly callback: () => void }>();
  const next = (until: number): (() => void) | undefined => {
    const [first] = [...due].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
    if (first === undefined) return undefined;
    const [key, { at, callback }] = first;
    due.delete(key);
    now = Math.max(now, at);
    return callback;
  };
  const advance = (by: number): void => {
    const until = now + by;
    for (let callback = next(until); callback !== undefined; callback = next(until)) callback();
    now = until;
  };
  return {
    now: () => now,
    after: (delay, callback) => {
      const key = {};
      due.set(key, { at: now + Math.max(0, delay), callback });
      return () => due.delete(key);
    },
    advance,
    advanceToNext: () => {
      if (due.size === 0) return false;
      advance(Math.min(...[...due.values()].map(({ at }) => at)) - now);
      return true;
    },
    get waiting() {
      return due.size;
    },
  };
};

export const realClock: Clock = {
  now: () => Date.now(),
  after: (delay, callback) => {
    const timer = setTimeout(callback, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
