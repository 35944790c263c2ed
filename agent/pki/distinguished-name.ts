/**
 * Names of subjects and issuers, held against what Go reads (crypto/x509 parser.go, parseName and parseASN1String, go1.27).
 *
 * **Invariant:** every part of a name is text in one of the six string types that Go knows. It reads other kinds of values too; nobody names anything by them.
 */
import type { DerNode } from './der.ts';
import { UnreadablePki } from './unreadable.ts';

const PRINTABLE = /^[A-Za-z0-9'()+,\-./ :=?*&]*$/;
const NUMERIC = /^[0-9 ]*$/;

const isUtf8 = (content: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
};

/** UCS-2 without surrogates and noncharacters. */
const isBmp = (content: Buffer): boolean => {
  if (content.length % 2 !== 0) return false;
  for (let at = 0; at < content.length; at += 2) {
    const point = content.readUInt16BE(at);
    if (point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff))
      return false;
  }
  return true;
};

/** By the tag of the string: UTF8String, NumericString, PrintableString, T61String, IA5String, BMPString. */
const READ = new Map<string, (content: Buffer) => boolean>([
  ['u12', isUtf8],
  ['u18', (content) => NUMERIC.test(content.toString('latin1'))],
  ['u19', (content) => PRINTABLE.test(content.toString('latin1'))],
  ['u20', () => true],
  ['u22', (content) => content.every((byte) => byte < 0x80)],
  ['u30', isBmp],
]);

/** @throws UnreadablePki where Go would not read the certificate because of this name. */
export const requireReadableName = (name: DerNode, whose: 'subject' | 'issuer'): void => {
  const sound =
    name.tag === 'u16' &&
    name.children.every(
      (set) =>
        set.tag === 'u17' &&
        set.children.every(({ tag, children: [type, value] }) => {
          const reads = value === undefined ? undefined : READ.get(value.tag);
          return (
            tag === 'u16' && type?.tag === 'u6' && value !== undefined && reads?.(value.content) === true
          );
        }),
    );
  if (!sound) throw new UnreadablePki(`The ${whose} of the certificate holds a text that Go does not read.`);
};
