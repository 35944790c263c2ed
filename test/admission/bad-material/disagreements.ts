/**
 * The table held against what Go said, in sentences.
 *
 * **Invariant:** whatever admission accepts, Go takes as it would be published; there is no exception to that.
 */
import type { Judged, Said } from './ask-go.ts';

const fine = ({ client, server }: Said): boolean => client === 'fine' && server === 'fine';
/** Expected is a part of the words, but for `fine`, which is the whole. */
const isAs = (expected: string, said: string): boolean =>
  expected === 'fine' ? said === 'fine' : said !== 'fine' && said.includes(expected);

/** What is not as the table says; empty where everything is. */
export const disagreements = (judged: readonly Judged[]): readonly string[] =>
  judged.flatMap(({ row, admission, asItCame, asPublished }) => {
    const code = 'refusal' in admission ? admission.refusal.code : 'accepted';
    const told = `${row.role}: ${row.name}`;
    return [
      ...(code === row.admission ? [] : [`${told}: admission says ${code}, not ${row.admission}`]),
      ...(['client', 'server'] as const)
        .filter((side) => !isAs(row.go[side], asItCame[side]))
        .map((side) => `${told}: the ${side} says "${asItCame[side]}", not "${row.go[side]}"`),
      ...(asPublished === undefined || fine(asPublished)
        ? []
        : [`${told}: accepted, but as published Go says ${JSON.stringify(asPublished)}`]),
    ];
  });
