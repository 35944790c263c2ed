/**
 * The annotation that remembers what was published since when.
 *
 * **Invariant:** an annotation that can't be understood is no history, never half of one: doubt leads to more proof, not to less.
 */
import { HISTORY_LENGTH, type LeafEra, NO_HISTORY, type PublicationHistory } from '../model/publication.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Fields = Record<string, unknown>;

const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isBundle = ({ bundle, anchors }: Fields): boolean => typeof bundle === 'string' && texts(anchors);
const isLeaf = ({ leaf }: Fields): boolean => typeof leaf === 'string';
const isPath = ({ components }: Fields): boolean => texts(components);

/** All of a list or nothing: each entry whole, and each later than the one before. */
const list = <T>(value: unknown, isWhole: (era: Fields) => boolean): readonly T[] => {
  if (!Array.isArray(value)) return [];
  const isSound = value.every(
    (era, index) =>
      isRecord(era) &&
      Number.isFinite(era.since) &&
      (index === 0 || Number(era.since) >= Number(value[index - 1].since)) &&
      isWhole(era),
  );
  return isSound ? (value as readonly T[]) : [];
};

const lists = (value: unknown): PublicationHistory['leafs'] =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value)
          .map(([key, eras]) => [key, list<LeafEra>(eras, isLeaf)] as const)
          .filter(([, eras]) => eras.length > 0),
      )
    : {};

/** Reads an annotation's value. */
export const readHistory = (text: string | undefined): PublicationHistory => {
  if (text === undefined) return NO_HISTORY;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return NO_HISTORY;
    return {
      clientCa: list(value.clientCa, isBundle),
      serverCa: list(value.serverCa, isBundle),
      leafs: lists(value.leafs),
      serving: list(value.serving, isLeaf),
      caPath: list(value.caPath, isPath),
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
