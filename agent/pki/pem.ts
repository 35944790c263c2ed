/**
 * PEM text into blocks and back. Tolerant of what people and tools leave around blocks; strict about what is inside one.
 *
 * **Invariant:** each byte of a block's content comes from valid base64; a damaged block is an error, never skipped.
 * (Go skips such blocks silently, crypto/x509 cert_pool.go AppendCertsFromPEM: a CA would be missing without a word.)
 */
import { UnreadablePki } from './unreadable.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
  /** The block has RFC 1421 headers; an encrypted traditional key has them. */
  readonly headers: readonly string[];
}

/** Far above any bundle that is meant: a reader of each block follows. */
const MOST_BLOCKS = 500;

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const decode = (label: string, lines: readonly string[], number: number): PemBlock => {
  const blank = lines.indexOf('');
  const hasHeaders = lines[0]?.includes(':') ?? false;
  const headers = hasHeaders ? lines.slice(0, blank < 0 ? lines.length : blank) : [];
  const text = lines.slice(headers.length).join('').replace(/\s+/g, '');
  if (text === '') throw new UnreadablePki(`PEM block ${number} (${label}) is empty.`);
  if (text.length % 4 !== 0 || !BASE64.test(text))
    throw new UnreadablePki(`PEM block ${number} (${label}) is not valid base64.`);
  return { label, der: Buffer.from(text, 'base64'), headers };
};

/**
 * Every block in the text, in order. Text before, between and after blocks is left aside, and so are a byte order mark, CRLF and indentation.
 *
 * @throws UnreadablePki where a block has no end, another begins inside it, its content is not base64, or there are more than 500.
 */
export const pemBlocks = (text: string): readonly PemBlock[] => {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    const begins = BEGIN.exec(line)?.[1];
    const number = blocks.length + 1;
    if (begins !== undefined) {
      if (open !== undefined) throw new UnreadablePki(`PEM block ${number} (${open.label}) has no end.`);
      if (number > MOST_BLOCKS)
        throw new UnreadablePki(`The text holds more than ${MOST_BLOCKS} PEM blocks.`);
      open = { label: begins, lines: [] };
    } else if (open !== undefined && line === `-----END ${open.label}-----`) {
      blocks.push(decode(open.label, open.lines, number));
      open = undefined;
    } else if (open !== undefined) {
      if (line.startsWith('-----'))
        throw new UnreadablePki(`PEM block ${number} (${open.label}) ends in a line that does not fit.`);
      open.lines.push(line);
    }
  }
  if (open !== undefined)
    throw new UnreadablePki(`PEM block ${blocks.length + 1} (${open.label}) has no end.`);
  return blocks;
};

/** One block, 64 characters a line, LF, a final newline. */
export const pemText = (label: string, der: Uint8Array): string => {
  const base64 = Buffer.from(der).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
};
