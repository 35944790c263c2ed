/**
 * Which pairs of values a choice of combinations leaves out.
 *
 * **Invariant:** pure; only pairs that occur in some possible combination are asked for.
 */

/** A value for each factor. */
export type Combination = Readonly<Record<string, string>>;

const pairsOf = (combination: Combination): readonly string[] => {
  const values = Object.entries(combination)
    .map(([factor, value]) => `${factor} ${value}`)
    .sort();
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one}, ${other}`));
};

/** Each of them as `factor value, factor value`, in the order in which the possible combinations have them. */
export const missingPairs = (
  possible: readonly Combination[],
  chosen: readonly Combination[],
): readonly string[] => {
  const present = new Set(chosen.flatMap(pairsOf));
  return [...new Set(possible.flatMap(pairsOf))].filter((pair) => !present.has(pair));
};
