/**
 * Waiting in a command that has nothing else to do meanwhile.
 *
 * **Invariant:** keeps the process alive, unlike the clock's timers: a command that waits is not over.
 */
import type { Duration } from '../model/terms.ts';

/** Resolves after `delay`, or as soon as `signal` is aborted. Never rejects. */
export const pause = (delay: Duration, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, delay));
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
