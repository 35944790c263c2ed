/**
 * The outline of each extension that Go reads: where it is another, Go reads nothing of the certificate at all.
 *
 * **Invariant:** what passes here, Go's parser does not refuse for its extensions (crypto/x509 parser.go, processExtensions, go1.27).
 */
import { type DerNode, oidOf, readDer, smallInteger } from './der.ts';
import { OID, type RawExtension } from './extensions.ts';
import { UnreadablePki } from './unreadable.ts';
import { isReadableUri } from './uri.ts';

const isSequence = (node: DerNode | undefined): node is DerNode => node?.tag === 'u16';
const ofSequences = (node: DerNode): boolean => isSequence(node) && node.children.every(isSequence);
/** Tags of the values in it, as one text. */
const tagsIn = (node: DerNode | undefined): string => (node?.children ?? []).map(({ tag }) => tag).join(' ');
const isAscii = ({ content }: DerNode): boolean => content.every((byte) => byte < 0x80);

/** BIT STRING: the first byte counts the unused bits at the end, which have to be zero. */
const areBits = ({ tag, content }: DerNode): boolean => {
  const [unused = 8] = content;
  const last = content.length > 1 ? (content.at(-1) ?? 0) : 0;
  return (
    tag === 'u3' && unused < 8 && (content.length > 1 || unused === 0) && (last & ((1 << unused) - 1)) === 0
  );
};

/** An IPv4 address in the clothes of IPv6. */
export const isMappedAddress = (bytes: Buffer): boolean =>
  bytes.length === 16 && bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'));

/** GeneralName: 1 mail, 2 DNS, 6 URI, 7 address (RFC 5280, 4.2.1.6). */
const isReadableName = (name: DerNode): boolean => {
  switch (name.tag) {
    case 'c1':
    case 'c2':
      return isAscii(name);
    case 'c6':
      return isAscii(name) && isReadableUri(name.content.toString('latin1'));
    case 'c7':
      return [4, 16].includes(name.content.length) && !isMappedAddress(name.content);
    default:
      return true;
  }
};

const isDistributionPoint = (point: DerNode): boolean => {
  const name = point.children.find(({ tag }) => tag === 'c0');
  return name === undefined || name.children[0]?.tag === 'c0';
};

const isBasicConstraints = (node: DerNode): boolean => {
  const length = node.children.find(({ tag }) => tag === 'u2');
  const sound = length === undefined || smallInteger(length) !== undefined;
  return isSequence(node) && sound && /^(?:u1)?(?: ?u2)?$/.test(tagsIn(node));
};

type Form = (node: DerNode, critical: boolean) => boolean;

const FORMS = new Map<string, Form>([
  [OID.keyUsage, areBits],
  [OID.basicConstraints, isBasicConstraints],
  [OID.subjectAltName, (node) => isSequence(node) && node.children.every(isReadableName)],
  [OID.extendedKeyUsage, (node) => isSequence(node) && node.children.every(({ tag }) => tag === 'u6')],
  ['2.5.29.14', (node, critical) => node.tag === 'u4' && !critical],
  [OID.authorityKeyIdentifier, (node, critical) => isSequence(node) && !critical],
  [OID.crlDistributionPoints, (node) => ofSequences(node) && node.children.every(isDistributionPoint)],
  [
    OID.certificatePolicies,
    (node) => {
      const policies = node.children.map(({ children: [policy] }) => policy);
      const distinct = new Set(policies.map((policy) => policy?.content.toString('hex')));
      return (
        ofSequences(node) &&
        policies.every((policy) => policy?.tag === 'u6') &&
        distinct.size === policies.length
      );
    },
  ],
  [
    OID.policyMappings,
    (node) => ofSequences(node) && node.children.every((mapping) => /^u6 u6\b/.test(tagsIn(mapping))),
  ],
  [OID.inhibitAnyPolicy, (node) => node.tag === 'u2'],
  // Authority information access.
  [
    '1.3.6.1.5.5.7.1.1',
    (node, critical) =>
      ofSequences(node) && !critical && node.children.every(({ children: [method] }) => oidOf(method) !== ''),
  ],
]);

/** @throws UnreadablePki where one of the extensions is not what its identifier says. */
export const requireReadableExtensions = (extensions: readonly RawExtension[]): void => {
  for (const { oid, critical, value } of extensions) {
    const form = FORMS.get(oid);
    if (form === undefined) continue;
    if (!form(readDer(value, `The certificate's extension ${oid}`), critical))
      throw new UnreadablePki(`The certificate's extension ${oid} is not as RFC 5280 requires it.`);
  }
};
