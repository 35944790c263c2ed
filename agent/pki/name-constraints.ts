/**
 * Name constraints of a CA: which names the certificates below it may carry.
 *
 * **Invariant:** DNS names and addresses are judged as Go judges them (crypto/x509 constraints.go, go1.26); a constraint of any other kind
 * that meets a name of its kind is answered as a violation, so that nothing is believed that was not checked.
 */
import type { Certificate } from '../model/certificate.ts';
import { type DerNode, readDer } from './der.ts';
import { isMappedAddress } from './extension-forms.ts';
import { OID, type RawExtension } from './extensions.ts';
import { UnreadablePki } from './unreadable.ts';

/** Subtrees by the tag of their GeneralName. */
type Subtrees = ReadonlyMap<string, readonly Buffer[]>;

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
}

const subtrees = (node: DerNode | undefined): Subtrees => {
  const found = new Map<string, Buffer[]>();
  for (const base of node?.children.map((subtree) => subtree.children[0]) ?? []) {
    if (base === undefined) continue;
    const of = found.get(base.tag) ?? [];
    of.push(base.content);
    found.set(base.tag, of);
  }
  return found;
};

/** A domain as Go takes it in a constraint (parser.go, domainNameValid): printable ASCII, no empty label but before a leading dot. */
const isDomain = (content: Buffer): boolean => {
  const text = content.toString('latin1');
  return text === '' || /^\.?[!-\-/-~]+(?:\.[!-\-/-~]+)*$/.test(text);
};

/** Ones, then zeros. */
const isMask = (mask: Buffer): boolean =>
  /^1*0*$/.test([...mask].map((byte) => byte.toString(2).padStart(8, '0')).join(''));

/** Whether Go reads the certificate with this subtree (parser.go, parseNameConstraintsExtension); an exact mailbox is never constrained to. */
const isReadable = ({ tag, content }: DerNode): boolean => {
  switch (tag) {
    case 'c1':
    case 'c2':
      return isDomain(content);
    case 'c6':
      return isDomain(content) && !/^[\d.]+$|:/.test(content.toString('latin1'));
    case 'c7':
      return (
        [8, 32].includes(content.length) &&
        isMask(content.subarray(content.length / 2)) &&
        !isMappedAddress(content.subarray(0, content.length / 2))
      );
    default:
      return true;
  }
};

const isOutline = (node: DerNode): boolean =>
  node.tag === 'u16' &&
  ['c0', 'c1', 'c0 c1'].includes(node.children.map(({ tag }) => tag).join(' ')) &&
  node.children.some(({ children }) => children.length > 0) &&
  node.children.every(({ children }) =>
    children.every(({ tag, children: [base] }) => tag === 'u16' && base !== undefined && isReadable(base)),
  );

/** @throws UnreadablePki where the extension is there and Go would not read it. */
export const readNameConstraints = (extensions: readonly RawExtension[]): NameConstraints | undefined => {
  const extension = extensions.find((candidate) => candidate.oid === OID.nameConstraints);
  if (extension === undefined) return undefined;
  const node = readDer(extension.value, "The certificate's name constraints");
  if (!isOutline(node)) throw new UnreadablePki("The certificate's name constraints are none that Go reads.");
  const part = (tag: string) => subtrees(node.children.find((child) => child.tag === tag));
  return { permitted: part('c0'), excluded: part('c1') };
};

/** `constraint` is a label suffix of `name`; with a leading dot only of names below it (constraints.go, dnsHasSuffix). */
const hasSuffix = (constraint: string, name: string): boolean => {
  const [end, whole] = [constraint.toLowerCase(), name.toLowerCase()];
  if (end === '' || whole === end) return true;
  return whole.endsWith(end.startsWith('.') ? end : `.${end}`);
};

/** `*.a.b` may stand for any `x.a.b`, so that it also meets an excluded `x.a.b` (constraints.go, parentConstraints). */
const wildcardMeets = (constraint: string, name: string): boolean =>
  name.startsWith('*.') &&
  constraint.includes('.') &&
  constraint.slice(constraint.indexOf('.') + 1).toLowerCase() === name.slice(2).toLowerCase();

const addressBytes = (text: string): Buffer => {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [
    ...groups(head),
    ...Array<string>(tail === undefined ? 0 : missing).fill('0'),
    ...groups(tail),
  ];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
};

const inRange = (range: Buffer, address: Buffer): boolean => {
  const size = range.length / 2;
  if (size !== address.length) return false;
  return address.every((byte, at) => {
    const mask = range[size + at] ?? 0;
    return (byte & mask) === ((range[at] ?? 0) & mask);
  });
};

const texts = (trees: Subtrees): readonly string[] =>
  (trees.get('c2') ?? []).map((content) => content.toString('latin1'));

/** The first name of `below` that `constraints` forbid, as people write it. */
export const forbiddenName = (
  constraints: NameConstraints,
  below: Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'uris'>,
  mails: readonly string[],
): string | undefined => {
  const permitted = texts(constraints.permitted);
  const excluded = texts(constraints.excluded);
  const dns = below.dnsNames.find(
    (name) =>
      excluded.some((tree) => hasSuffix(tree, name) || wildcardMeets(tree, name)) ||
      (permitted.length > 0 && !permitted.some((tree) => hasSuffix(tree, name))),
  );
  if (dns !== undefined) return dns;
  const ranges = constraints.permitted.get('c7') ?? [];
  const barred = constraints.excluded.get('c7') ?? [];
  const address = below.ipAddresses.find((text) => {
    const bytes = addressBytes(text);
    if (barred.some((range) => inRange(range, bytes))) return true;
    return ranges.length > 0 && !ranges.some((range) => inRange(range, bytes));
  });
  if (address !== undefined) return address;
  const constrains = (tag: string) => constraints.permitted.has(tag) || constraints.excluded.has(tag);
  if (constrains('c6') && below.uris[0] !== undefined) return below.uris[0];
  return constrains('c1') ? mails[0] : undefined;
};

/** As many as Go took before it learned to look them up (x509.VerifyOptions.MaxConstraintComparisions, until go1.25). */
const MOST_COMPARISONS = 250_000;

/** Whether the names of `below` are too many to be held against each constraint. */
export const areTooMany = (
  { permitted, excluded }: NameConstraints,
  { dnsNames, ipAddresses }: Pick<Certificate, 'dnsNames' | 'ipAddresses'>,
): boolean => {
  const trees = [...permitted.values(), ...excluded.values()].reduce((sum, of) => sum + of.length, 0);
  return trees * (dnsNames.length + ipAddresses.length) > MOST_COMPARISONS;
};

const JUDGED = new Set(['c1', 'c2', 'c6', 'c7']);

/** Kinds of names that Go knows no constraint for (a directory name): in a critical extension it refuses the chain. */
export const hasUnknownKinds = (constraints: NameConstraints): boolean =>
  [...constraints.permitted.keys(), ...constraints.excluded.keys()].some((tag) => !JUDGED.has(tag));
