/**
 * The extensions that decide about a chain, read from DER.
 *
 * **Invariant:** each reader says the same as Go's parser about the same bytes (crypto/x509 parser.go, processExtensions), or throws.
 */
import { type DerNode, oidOf, readDer, smallInteger } from './der.ts';
import { UnreadablePki } from './unreadable.ts';

export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

export const OID = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

/** `[3] Extensions` of a certificate's body. */
export const readExtensions = (body: DerNode): readonly RawExtension[] => {
  const list = body.children.find((child) => child.tag === 'c3')?.children[0]?.children ?? [];
  const extensions = list.map((node) => {
    const [, flag] = node.children;
    const value = node.children.at(-1);
    const critical = node.children.length > 2 && (flag?.content[0] ?? 0) !== 0;
    if (value?.tag !== 'u4' || (node.children.length > 2 && flag?.tag !== 'u1') || node.children.length > 3)
      throw new UnreadablePki('An extension of the certificate is malformed.');
    return { oid: oidOf(node.children[0]), critical, value: value.content };
  });
  if (new Set(extensions.map((extension) => extension.oid)).size !== extensions.length)
    throw new UnreadablePki('The certificate has an extension twice.');
  return extensions;
};

const find = (extensions: readonly RawExtension[], oid: string): DerNode | undefined => {
  const found = extensions.find((extension) => extension.oid === oid);
  return found === undefined ? undefined : readDer(found.value, `The certificate's extension ${oid}`);
};

/** `undefined` where the extension is absent, which is not the same as a cleared CA bit for a version 1 root. */
export const basicConstraints = (
  extensions: readonly RawExtension[],
): { readonly isCa: boolean; readonly pathLength: number | undefined } | undefined => {
  const node = find(extensions, OID.basicConstraints);
  if (node === undefined) return undefined;
  const flag = node.children.find((child) => child.tag === 'u1');
  const length = node.children.find((child) => child.tag === 'u2');
  return { isCa: (flag?.content[0] ?? 0) !== 0, pathLength: smallInteger(length) };
};

/** keyCertSign is bit 5. `undefined` where the extension is absent or names no usage at all: Go treats both as "anything". */
export const mayIssue = (extensions: readonly RawExtension[]): boolean | undefined => {
  const node = find(extensions, OID.keyUsage);
  const bits = node?.content.subarray(1);
  if (bits === undefined || bits.every((byte) => byte === 0)) return undefined;
  return ((bits[0] ?? 0) & 0x04) !== 0;
};

export const extendedKeyUsages = (extensions: readonly RawExtension[]): readonly string[] =>
  find(extensions, OID.extendedKeyUsage)?.children.map(oidOf) ?? [];

/** An address as people write it; IPv6 in its shortest form. */
const addressText = (bytes: Buffer): string => {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16)
    throw new UnreadablePki(`The certificate names an IP address of ${bytes.length} bytes.`);
  const groups = bytes.toString('hex').match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
};

/** GeneralName: 1 mail, 2 DNS, 6 URI, 7 address (RFC 5280, 4.2.1.6). */
export const subjectAltNames = (
  extensions: readonly RawExtension[],
): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly mails: readonly string[];
} => {
  const names = find(extensions, OID.subjectAltName)?.children ?? [];
  const texts = (tag: string): string[] =>
    names.filter((name) => name.tag === tag).map((name) => name.content.toString('latin1'));
  return {
    mails: texts('c1'),
    dnsNames: texts('c2'),
    uris: texts('c6'),
    ipAddresses: names.filter((name) => name.tag === 'c7').map((name) => addressText(name.content)),
  };
};

const HANDLED = new Set<string>(Object.values(OID));

/** Alternative names of kinds only that Go doesn't know: as if it were an extension that it doesn't know. */
const namesNobody = (extension: RawExtension): boolean =>
  extension.oid === OID.subjectAltName && Object.values(subjectAltNames([extension])).flat().length === 0;

/**
 * Critical extensions that Go does not handle, for which it refuses the whole chain; and policy constraints, which Go judges but this
 * agent does not: better refused than believed.
 */
export const unhandledCritical = (extensions: readonly RawExtension[]): readonly string[] =>
  extensions
    .filter(
      (extension) =>
        extension.oid === OID.policyConstraints ||
        (extension.critical && (!HANDLED.has(extension.oid) || namesNobody(extension))),
    )
    .map((extension) => extension.oid);
