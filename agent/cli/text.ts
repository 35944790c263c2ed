/**
 * Text on a terminal: wrapped lines and colours.
 *
 * **Invariant:** colours are laid on after wrapping, and only where they are asked for; without them the text says the same.
 */

/** Columns that a plan fits into. */
export const WIDTH = 100;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

export const painter =
  (colours: boolean): Paint =>
  (colour, text) =>
    colours && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;

/** Whether colours are wanted: a terminal, and no NO_COLOR (https://no-color.org: present and not empty). */
export const wantsColours = (isTerminal: boolean, noColor: string | undefined): boolean =>
  isTerminal && (noColor === undefined || noColor === '');

/** Lines of at most `width` characters, indentation included. A word that is longer is cut. */
export const wrap = (text: string, indent: number, width: number = WIDTH): readonly string[] => {
  const room = Math.max(10, width - indent);
  const lines: string[] = [];
  let line = '';
  const words = text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? []);
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => `${' '.repeat(indent)}${one}`);
};

/** As {@link wrap}, with a word in front of the first line, in a column of its own. */
export const entry = (
  head: string,
  text: string,
  indent: number,
  column: number,
  width: number = WIDTH,
): readonly string[] => {
  const start = `${' '.repeat(indent)}${head}`;
  const lines = wrap(text, indent + column, width);
  if (start.length >= indent + column) return [...wrap(head, indent, width), ...lines];
  const [first = '', ...rest] = lines;
  return [`${start.padEnd(indent + column)}${first.trimStart()}`.trimEnd(), ...rest];
};
