/**
 * A clock that moves only when it is told to.
 *
 * **Invariant:** timers fire in the order of their instants, at their instant.
 */
import type { Duration, Instant } from '../../agent/model/terms.ts';
import type { Clock } from '../../agent/ports.ts';

interface Timer {
  readonly at: Instant;
  readonly order: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #now: Instant;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: Instant = Date.UTC(2026, 5, 1)) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  after(delay: Duration, callback: () => void): () => void {
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, delay), order: this.#order, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves on by `duration`, firing what falls due on the way. */
  advance(duration: Duration): void {
    const end = this.#now + duration;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }
}
