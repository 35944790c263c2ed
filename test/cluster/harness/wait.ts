/** Waiting for something to become true, with a deadline that says what was last seen. */
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** `look` answers undefined (or throws) while it is not so yet. */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined> | T | undefined,
  everyMs = 250,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = undefined;
    } catch (problem) {
      last = problem;
    }
    if (Date.now() >= deadline) {
      const why = last === undefined ? '' : ` (${last instanceof Error ? last.message : String(last)})`;
      throw new Error(`waited ${seconds} s in vain for ${what}${why}`);
    }
    await sleep(everyMs);
  }
}
