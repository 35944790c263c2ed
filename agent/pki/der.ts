/**
 * DER as a tree, over forge's pure reader.
 *
 * **Invariant:** what is read is canonical: writing it again gives the same bytes. Names may therefore be compared as bytes, as Go compares them.
 */
import forge from 'node-forge';
import { UnreadablePki } from './unreadable.ts';

export interface DerNode {
  /** `u`niversal or `c`ontext-specific with the tag number: `u16` is a SEQUENCE, `c3` is `[3]`. */
  readonly tag: string;
  /** Empty for primitive values. */
  readonly children: readonly DerNode[];
  /** Content of a primitive value. */
  readonly content: Buffer;
  /** The whole value with tag and length. */
  readonly bytes: () => Buffer;
}

const { Class, Type } = forge.asn1;

/** forge takes options here since 0.10; its published types still know the older flag only. */
const fromDer = forge.asn1.fromDer as unknown as (
  bytes: forge.util.ByteStringBuffer,
  options: { readonly strict: boolean; readonly parseAllBytes: boolean; readonly decodeBitStrings: boolean },
) => forge.asn1.Asn1;

const CLASS = new Map<number, string>([
  [Class.UNIVERSAL, 'u'],
  [Class.CONTEXT_SPECIFIC, 'c'],
  [Class.APPLICATION, 'a'],
  [Class.PRIVATE, 'p'],
]);

/** forge decodes BMPString while it reads; its content is then found by writing it again. */
const contentOf = (node: forge.asn1.Asn1, write: () => Buffer): Buffer => {
  if (typeof node.value !== 'string') return Buffer.alloc(0);
  if (node.tagClass !== Class.UNIVERSAL || node.type !== Type.BMPSTRING)
    return Buffer.from(node.value, 'latin1');
  const bytes = write();
  return bytes.subarray(bytes.length - 2 * node.value.length);
};

const wrap = (node: forge.asn1.Asn1): DerNode => {
  const bytes = (): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
  return {
    tag: `${CLASS.get(node.tagClass) ?? '?'}${node.type}`,
    children: Array.isArray(node.value) ? node.value.map(wrap) : [],
    content: contentOf(node, bytes),
    bytes,
  };
};

/** Above every certificate that fits in a Secret's part (admission/material-fits-in-a-secret.ts). */
const MOST_BYTES = 256 * 1024;

/** A BOOLEAN is one byte, 0 or 255 (X.690, 11.1); forge reads others too, and Go refuses the certificate. */
const isBooleanInDer = ({ tag, content, children }: DerNode): boolean =>
  tag === 'u1'
    ? content.length === 1 && (content[0] === 0 || content[0] === 0xff)
    : children.every(isBooleanInDer);

/**
 * Reads exactly one value.
 *
 * @throws UnreadablePki where the bytes are too many, are cut off, go on after the value, or are BER that is not DER.
 */
export const readDer = (der: Buffer, what: string): DerNode => {
  if (der.length > MOST_BYTES) throw new UnreadablePki(`${what} is longer than ${MOST_BYTES} bytes.`);
  let node: DerNode;
  try {
    const options = { strict: true, parseAllBytes: true, decodeBitStrings: false };
    node = wrap(fromDer(forge.util.createBuffer(der.toString('latin1')), options));
  } catch {
    throw new UnreadablePki(`${what} is not DER.`);
  }
  if (!node.bytes().equals(der) || !isBooleanInDer(node))
    throw new UnreadablePki(`${what} is not canonical DER.`);
  return node;
};

/** Go reads no object identifier with a part of 2^31 or more (cryptobyte, readBase128Int). */
const goReadsIdentifier = (content: Buffer): boolean => {
  let part = 0;
  let within = false;
  for (const byte of content) {
    if ((!within && byte === 0x80) || part >= 2 ** 24) return false;
    within = byte >= 0x80;
    part = within ? part * 128 + (byte & 0x7f) : 0;
  }
  return content.length > 0 && !within;
};

/**
 * The dotted form of an object identifier; empty for anything else.
 *
 * @throws UnreadablePki where Go would not read it.
 */
export const oidOf = (node: DerNode | undefined): string => {
  if (node?.tag !== 'u6') return '';
  if (!goReadsIdentifier(node.content))
    throw new UnreadablePki('The certificate has an object identifier that Go does not read.');
  return forge.asn1.derToOid(forge.util.createBuffer(node.content.toString('latin1')));
};

/** A small non-negative integer; `undefined` for anything else. */
export const smallInteger = (node: DerNode | undefined): number | undefined => {
  if (node === undefined || node.content.length === 0 || node.content.length > 5) return undefined;
  const first = node.content[0] ?? 0;
  return first >= 0x80 ? undefined : node.content.reduce((sum, byte) => sum * 256 + byte, 0);
};
