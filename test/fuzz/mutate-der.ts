/**
 * Changes to DER that leave its lengths right, so that they reach what is read deep inside.
 *
 * **Invariant:** what is no DER comes out as it went in.
 */
import type { Chance } from '../kit/random.ts';

interface Node {
  tag: number;
  /** Of a string that holds DER itself: the bytes before that (the count of unused bits). */
  lead: Buffer;
  children: Node[] | undefined;
  content: Buffer;
}

const DEEPEST = 24;

/** `undefined` where the bytes are not a row of whole values. */
const parse = (bytes: Buffer, depth = 0): Node[] | undefined => {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    let head = 2;
    if (length >= 0x80) {
      const digits = length & 0x7f;
      if (digits === 0 || digits > 3) return undefined;
      head += digits;
      length = bytes.subarray(at + 2, at + head).reduce((sum, byte) => sum * 256 + byte, 0);
    }
    if (at + head + length > bytes.length) return undefined;
    const content = bytes.subarray(at + head, at + head + length);
    nodes.push(nodeOf(tag, content, depth));
    at += head + length;
  }
  return nodes;
};

const nodeOf = (tag: number, content: Buffer, depth: number): Node => {
  const none = Buffer.alloc(0);
  if (depth > DEEPEST) return { tag, lead: none, children: undefined, content };
  if ((tag & 0x20) !== 0) return { tag, lead: none, children: parse(content, depth + 1), content };
  // OCTET STRING and BIT STRING: an extension's value, a key.
  const skip = tag === 3 ? 1 : tag === 4 ? 0 : undefined;
  const inner =
    skip === undefined || content[skip] !== 0x30 ? undefined : parse(content.subarray(skip), depth + 1);
  return { tag, lead: inner === undefined ? none : content.subarray(0, skip), children: inner, content };
};

const write = ({ tag, lead, children, content }: Node): Buffer => {
  const body = children === undefined ? content : Buffer.concat([lead, ...children.map(write)]);
  const size = body.length;
  const head =
    size < 0x80
      ? [tag, size]
      : size < 0x100
        ? [tag, 0x81, size]
        : size < 0x10000
          ? [tag, 0x82, size >> 8, size & 0xff]
          : [tag, 0x83, size >> 16, (size >> 8) & 0xff, size & 0xff];
  return Buffer.concat([Buffer.from(head), body]);
};

const all = (nodes: readonly Node[]): Node[] => nodes.flatMap((node) => [node, ...all(node.children ?? [])]);

const TAGS = [
  1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x82, 0x86, 0x87, 0xa0, 0xa1,
  0xa3,
];

const changed = (node: Node, nodes: readonly Node[], chance: Chance): void => {
  const children = node.children ?? [];
  switch (chance.below(8)) {
    case 0:
      node.tag = chance.pick(TAGS);
      return;
    case 1:
      Object.assign(node, { ...chance.pick(nodes) });
      return;
    case 2:
      children.splice(chance.below(children.length + 1), chance.below(3));
      return;
    case 3:
      children.splice(chance.below(children.length + 1), 0, { ...chance.pick(nodes) });
      return;
    case 4:
      children.reverse();
      return;
    case 5:
      node.children = undefined;
      node.content = Buffer.alloc(chance.below(40), chance.below(256));
      return;
    default: {
      if (node.children !== undefined || node.content.length === 0) return;
      const content = Buffer.from(node.content);
      content[chance.below(content.length)] = chance.pick([
        0,
        1,
        0x2e,
        0x2a,
        0x40,
        0x7f,
        0x80,
        0xff,
        chance.below(256),
      ]);
      node.content = content;
    }
  }
};

/** Up to three changes. A node that was put below itself is cut off by its depth, since copies are flat. */
export const mutateDer = (bytes: Buffer, chance: Chance): Buffer => {
  const tree = parse(bytes);
  if (tree === undefined || tree.length === 0) return bytes;
  for (let times = 1 + chance.below(3); times > 0; times -= 1) {
    const nodes = all(tree);
    if (nodes.length === 0 || nodes.length > 20_000) break;
    const before = tree.map(write);
    changed(chance.pick(nodes), nodes, chance);
    if (isRound(tree)) return Buffer.concat(before);
  }
  return Buffer.concat(tree.map(write));
};

/** Whether some node has come to hold itself. */
const isRound = (nodes: readonly Node[], above: readonly Node[] = []): boolean =>
  nodes.some(
    (node) => above.includes(node) || above.length > 64 || isRound(node.children ?? [], [...above, node]),
  );
