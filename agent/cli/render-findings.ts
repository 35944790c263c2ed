/**
 * Findings as an operator reads them, under every command that shows some.
 *
 * **Invariant:** at most 100 columns wide, but for patches, which are printed as they must be applied.
 */
import type { Finding } from '../model/plan.ts';
import { type Colour, entry, type Paint, wrap } from './text.ts';

const SEVERITY: Readonly<Record<Finding['severity'], Colour>> = {
  blocking: 'red',
  warning: 'yellow',
  info: 'dim',
};

/** Columns of the words in front. */
export const COLUMN = 11;

export const heading = (paint: Paint, text: string): string => paint('bold', text);

/** What was found, under a heading; nothing where nothing was. */
export const renderFindings = (
  title: string,
  findings: readonly Finding[],
  paint: Paint,
): readonly string[] =>
  findings.length === 0
    ? []
    : [
        heading(paint, title),
        ...findings.flatMap((finding) => [
          ...painted(
            entry(finding.severity, `${finding.about} [${finding.code}]`, 2, COLUMN),
            finding.severity,
            SEVERITY[finding.severity],
            paint,
          ),
          ...wrap(`${finding.what} ${finding.effect}`, 2 + COLUMN),
          ...wrap(`Next: ${finding.next}`, 2 + COLUMN),
          ...(finding.patch === undefined ? [] : renderPatch(finding.patch)),
        ]),
      ];

const renderPatch = (patch: string): readonly string[] => [
  ...wrap('Patch:', 2 + COLUMN),
  ...patch
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(4 + COLUMN)}${line.replaceAll(/\p{Cc}/gu, '')}`.trimEnd()),
];

/** Colours the word in front of an entry. */
export const painted = (
  lines: readonly string[],
  word: string,
  colour: Colour,
  paint: Paint,
): readonly string[] =>
  lines.map((line, index) => (index === 0 ? line.replace(word, paint(colour, word)) : line));
