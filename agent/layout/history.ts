/**
 * The annotation that remembers what was published since when.
 *
 * **Invariant:** an annotation that can't be understood is no history, never half of one: doubt leads to more proof, not to less.
 */
import { HISTORY_LENGTH, NO_HISTORY, type PublicationHistory } from '../model/publication.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEra = (value: unknown): boolean => isRecord(value) && typeof value.since === 'number';

const list = <T>(value: unknown): readonly T[] =>
  Array.isArray(value) && value.every(isEra) ? (value as readonly T[]) : [];

/** Reads an annotation's value. */
export const readHistory = (text: string | undefined): PublicationHistory => {
  if (text === undefined) return NO_HISTORY;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return NO_HISTORY;
    return {
      clientCa: list(value.clientCa),
      serverCa: list(value.serverCa),
      clientLeaf: list(value.clientLeaf),
      serving: list(value.serving),
      caPath: list(value.caPath),
    };
  } catch {
    return NO_HISTORY;
  }
};

export const writeHistory = (history: Partial<PublicationHistory>): string => JSON.stringify(history);

/**
 * Adds what is published now. Where nothing was remembered, the first era is what was there before, since for ever.
 *
 * @returns the same list where the content did not change.
 */
export const withEra = <E extends { readonly since: number }>(
  eras: readonly E[],
  before: Omit<E, 'since'>,
  now: E,
  same: (a: E, b: E) => boolean,
): readonly E[] => {
  const known = eras.length > 0 ? eras : [{ ...before, since: 0 } as E];
  const last = known.at(-1);
  if (last !== undefined && same(last, now)) return known;
  return [...known, now].slice(-HISTORY_LENGTH);
};
