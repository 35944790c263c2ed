/**
 * CAs and leafs for tests: everything has a sound default, and every part of it can be made wrong by name.
 *
 * **Invariant:** an authority or identity made here was parsed by the product's own reader, unless it is asked for as text (`writeCa`, `writeLeaf`).
 */

import type { Certificate } from '../../../agent/model/certificate.ts';
import type { Leaf, RawMaterial } from '../../../agent/model/material.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { Instant } from '../../../agent/model/terms.ts';
import { parseCertificates } from '../../../agent/pki/parse.ts';
import { pemBlock } from './der.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  type KeyUsage,
  keyUsage,
  subjectAltName,
  USAGE,
} from './extensions.ts';
import { type KeyPair, type KeySpec, keyPem, makeKey } from './keys.ts';
import { type CertificateParts, type Extension, type Hash, name, writeCertificate } from './x509.ts';

/** Wide enough for a fixed test clock and for real handshakes alike. */
export const LONG_AGO: Instant = Date.UTC(2020, 0, 1);
export const FAR_AHEAD: Instant = Date.UTC(2049, 11, 1);

interface Common {
  /** Common name; the rest of the subject is fixed. */
  readonly name?: string | undefined;
  /** DER of the whole subject, where the common name is not enough. */
  readonly subject?: Uint8Array | undefined;
  readonly key?: KeySpec | KeyPair | undefined;
  readonly notBefore?: Instant | undefined;
  readonly notAfter?: Instant | undefined;
  readonly serial?: bigint | number | undefined;
  readonly hash?: Hash | undefined;
  readonly pss?: boolean | undefined;
  readonly version?: 1 | 3 | undefined;
  /** Extended key usages as dotted OIDs; for a leaf the default is clientAuth and serverAuth, `[]` leaves the extension out. */
  readonly usages?: readonly string[] | undefined;
  readonly keyUsages?: readonly KeyUsage[] | 'absent' | undefined;
  /** Added as they are. */
  readonly extensions?: readonly Extension[] | undefined;
  /** DER in place of what would be written. */
  readonly instead?: CertificateParts | undefined;
}

export interface CaOptions extends Common {
  /** Signs this CA; itself where absent. */
  readonly issuer?: Authority | undefined;
  readonly pathLength?: number | undefined;
  /** `absent`: no basicConstraints at all; `false`: present, without the CA bit. */
  readonly ca?: boolean | 'absent' | undefined;
}

export interface LeafOptions extends Common {
  readonly dns?: readonly string[] | undefined;
  readonly ips?: readonly string[] | undefined;
  readonly uris?: readonly string[] | undefined;
  readonly ca?: boolean | 'absent' | undefined;
}

export interface Authority {
  readonly certificate: Certificate;
  readonly pem: string;
  readonly der: Buffer;
  readonly key: KeyPair;
  /** DER of the subject, as it becomes the issuer of what this signs. */
  readonly subject: Uint8Array;
  /** From this CA up to, and without, its self-signed root: what a leaf must carry. Empty for a root. */
  readonly path: readonly Certificate[];
  /** The self-signed root above, or this very certificate. */
  readonly root: Certificate;
}

export interface Identity {
  readonly certificate: Certificate;
  readonly intermediates: readonly Certificate[];
  /** As {@link Leaf} of the model. */
  readonly leaf: Leaf;
  readonly key: KeyPair;
  readonly keyPem: string;
  /** The leaf alone. */
  readonly pem: string;
  /** Leaf and intermediates, as cert-manager writes `tls.crt`. */
  readonly chainPem: string;
  readonly der: Buffer;
}

let serials = 0x1000n;
const nextSerial = (): bigint => {
  serials += 1n;
  return serials;
};

const pairOf = (key: KeySpec | KeyPair | undefined): KeyPair =>
  typeof key === 'object' ? key : makeKey(key ?? 'p256');

const usual = (spec: KeySpec): Hash => (spec === 'p384' ? 'sha384' : spec === 'p521' ? 'sha512' : 'sha256');

const subjectOf = (options: Common, fallback: string): Uint8Array =>
  options.subject ?? name([['CN', options.name ?? fallback]]);

const one = (pem: string): Certificate => {
  const [certificate] = parseCertificates(pem);
  if (certificate === undefined) throw new Error('the kit wrote a certificate that does not parse');
  return certificate;
};

const extensionsOf = (
  options: CaOptions & LeafOptions,
  isCa: boolean | 'absent',
  usages: readonly string[],
  keyUsages: readonly KeyUsage[],
): readonly Extension[] => {
  const uses = options.keyUsages ?? keyUsages;
  const names = { dns: options.dns ?? [], ips: options.ips ?? [], uris: options.uris ?? [] };
  return [
    ...(isCa === 'absent' ? [] : [basicConstraints(isCa, options.pathLength)]),
    ...(uses === 'absent' ? [] : [keyUsage(uses)]),
    ...(usages.length === 0 ? [] : [extendedKeyUsage(usages)]),
    ...(names.dns.length + names.ips.length + names.uris.length === 0 ? [] : [subjectAltName(names)]),
    ...(options.extensions ?? []),
  ];
};

const write = (
  options: CaOptions & LeafOptions,
  key: KeyPair,
  subject: Uint8Array,
  issuer: { readonly key: KeyPair; readonly subject: Uint8Array },
  extensions: readonly Extension[],
): Buffer =>
  writeCertificate({
    version: options.version ?? 3,
    serial: options.serial ?? nextSerial(),
    subject,
    issuer: issuer.subject,
    notBefore: options.notBefore ?? LONG_AGO,
    notAfter: options.notAfter ?? FAR_AHEAD,
    key,
    signer: issuer.key,
    hash: options.hash ?? usual(issuer.key.spec),
    pss: options.pss ?? false,
    extensions: options.version === 1 ? [] : extensions,
    instead: options.instead,
  });

/** DER of a CA certificate, unparsed. */
export const writeCa = (options: CaOptions = {}, key: KeyPair = pairOf(options.key)): Buffer => {
  const subject = subjectOf(options, 'Test CA');
  return write(
    options,
    key,
    subject,
    options.issuer ?? { key, subject },
    extensionsOf(options, options.ca ?? true, options.usages ?? [], [
      'digitalSignature',
      'keyCertSign',
      'cRLSign',
    ]),
  );
};

/** A CA, self-signed unless an issuer is given. Two CAs of one name have different keys. */
export const makeCa = (options: CaOptions = {}): Authority => {
  const key = pairOf(options.key);
  const der = writeCa(options, key);
  const pem = pemBlock('CERTIFICATE', der);
  const certificate = one(pem);
  return {
    certificate,
    pem,
    der,
    key,
    subject: subjectOf(options, 'Test CA'),
    path: options.issuer === undefined ? [] : [certificate, ...options.issuer.path],
    root: options.issuer === undefined ? certificate : options.issuer.root,
  };
};

/** The same subject and key in a new certificate: what was issued under the old one verifies under this. */
export const renewCaSameKey = (
  ca: Authority,
  options: Omit<CaOptions, 'key' | 'name' | 'subject'> = {},
): Authority => makeCa({ ...options, key: ca.key, subject: ca.subject });

/** The same subject with a new key: what was issued under the old one does not verify under this. */
export const replaceCa = (ca: Authority, options: Omit<CaOptions, 'name' | 'subject'> = {}): Authority =>
  makeCa({ key: ca.key.spec, ...options, subject: ca.subject });

/** DER of a leaf certificate, unparsed. */
export const writeLeaf = (issuer: Authority, options: LeafOptions = {}, key = pairOf(options.key)): Buffer =>
  write(
    options,
    key,
    subjectOf(options, 'test-leaf'),
    issuer,
    extensionsOf(options, options.ca ?? 'absent', options.usages ?? [USAGE.server, USAGE.client], [
      'digitalSignature',
      'keyEncipherment',
    ]),
  );

/** A leaf under a CA, with the intermediates it needs. Good for both sides unless told otherwise. */
export const makeLeaf = (issuer: Authority, options: LeafOptions = {}): Identity => {
  const key = pairOf(options.key);
  const der = writeLeaf(issuer, options, key);
  const pem = pemBlock('CERTIFICATE', der);
  const certificate = one(pem);
  const leaf: Leaf = { certificate, intermediates: issuer.path, key: SecretBytes.of(keyPem(key)) };
  return {
    certificate,
    intermediates: issuer.path,
    leaf,
    key,
    keyPem: keyPem(key),
    pem,
    chainPem: pem + issuer.path.map((above) => above.pem).join(''),
    der,
  };
};

/** A leaf that signed itself, as cert-manager's SelfSigned issuer makes one: it is its own and only authority. */
export const makeSelfSigned = (
  options: Omit<CaOptions, 'issuer'> = {},
): { readonly identity: Identity; readonly authority: Authority } => {
  const authority = makeCa({
    ca: 'absent',
    name: 'self-signed',
    usages: [USAGE.server, USAGE.client],
    keyUsages: ['digitalSignature', 'keyEncipherment'],
    ...options,
  });
  const { certificate, key, pem, der } = authority;
  const leaf: Leaf = { certificate, intermediates: [], key: SecretBytes.of(keyPem(key)) };
  return {
    authority,
    identity: { certificate, intermediates: [], leaf, key, keyPem: keyPem(key), pem, chainPem: pem, der },
  };
};

/** What a source would hand over for this leaf and these anchors. */
export const rawMaterial = (
  identity: Identity,
  anchors: readonly (Authority | Certificate)[],
  rest: Partial<RawMaterial> = {},
): RawMaterial => ({
  source: 'test source',
  version: '1',
  certificatePem: identity.chainPem,
  key: SecretBytes.of(identity.keyPem),
  anchorsPem: anchors.map((anchor) => anchor.pem).join(''),
  ...rest,
});
