/**
 * Chance that can be had again: the same seed gives the same numbers.
 *
 * **Invariant:** nothing but the seed decides.
 */
export interface Chance {
  /** From 0 up to, and without, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, and without, `limit`. */
  readonly below: (limit: number) => number;
  /** @throws where there is nothing to pick from. */
  readonly pick: <T>(values: readonly T[]) => T;
}

/** mulberry32. */
export const chance = (seed: number): Chance => {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(values: readonly T[]): T => {
    const [value] = values.slice(below(values.length));
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  return { next, below, pick };
};
