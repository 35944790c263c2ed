/**
 * The machine's clock and timers behind the {@link Clock} port.
 *
 * **Invariant:** the only place, with the runtime's other files, where real time enters; a timer never keeps the process alive.
 */
import type { Clock } from '../ports.ts';

/** setTimeout's longest delay; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delay, callback) => {
    let left = Math.max(0, delay);
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const part = Math.min(left, LONGEST_TIMER);
      left -= part;
      timer = setTimeout(left > 0 ? arm : callback, part);
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
