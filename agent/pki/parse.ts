/**
 * PEM text into certificates.
 *
 * **Invariant:** what is answered was read twice, by OpenSSL and by the strict DER reader; what either of them refuses is refused.
 */
import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from '../model/certificate.ts';
import type { Fingerprint, KeyFingerprint } from '../model/fingerprint.ts';
import { signatureName } from './algorithms.ts';
import { type DerNode, readDer, smallInteger } from './der.ts';
import { requireReadableName } from './distinguished-name.ts';
import { requireReadableExtensions } from './extension-forms.ts';
import {
  basicConstraints,
  extendedKeyUsages,
  mayIssue,
  readExtensions,
  subjectAltNames,
} from './extensions.ts';
import { certifiedKeyKind } from './key-kind.ts';
import { readNameConstraints } from './name-constraints.ts';
import { pemBlocks, pemText } from './pem.ts';
import { UnreadablePki } from './unreadable.ts';
import { readValidity } from './validity.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Parts of TBSCertificate that come before the extensions (RFC 5280, 4.1), by position after the optional version. */
export interface CertificateBody {
  readonly node: DerNode;
  readonly version: number;
  readonly serial: Buffer;
  readonly algorithm: DerNode | undefined;
  readonly issuer: DerNode;
  readonly validity: DerNode | undefined;
  readonly subject: DerNode;
  readonly publicKey: DerNode;
}

/** The body of a certificate's DER. @throws UnreadablePki where its outline is not that of a certificate. */
export const certificateBody = (der: Buffer): CertificateBody => {
  const certificate = readDer(der, 'The certificate');
  const node = certificate.children[0];
  const hasVersion = node?.children[0]?.tag === 'c0';
  const [serial, algorithm, issuer, validity, subject, publicKey] =
    node?.children.slice(hasVersion ? 1 : 0) ?? [];
  if (node === undefined || serial?.tag !== 'u2' || !issuer || !subject || !publicKey)
    throw new UnreadablePki('The DER of a certificate block is not a certificate.');
  if ((serial.content[0] ?? 0) >= 0x80)
    throw new UnreadablePki('The certificate has a negative serial number, which Go refuses.');
  const outer = certificate.children[1];
  if (algorithm === undefined || outer === undefined || !outer.bytes().equals(algorithm.bytes()))
    throw new UnreadablePki('The certificate names two different signature algorithms.');
  const version = hasVersion ? (smallInteger(node.children[0]?.children[0]) ?? -1) + 1 : 1;
  if (version < 1 || version > 3)
    throw new UnreadablePki('The certificate is of a version of X.509 that does not exist.');
  return { node, version, serial: serial.content, algorithm, issuer, validity, subject, publicKey };
};

/** Node gives names one part a line in the order of the DER; RFC 4514 writes them the other way round. */
const nameText = (lines: string | undefined): string => (lines ?? '').split('\n').reverse().join(',');

const publicKeyOf = (x509: X509Certificate): KeyObject | undefined => {
  try {
    return x509.publicKey;
  } catch {
    return undefined;
  }
};

const signsItself = (x509: X509Certificate, key: KeyObject | undefined): boolean => {
  try {
    return key !== undefined && x509.verify(key);
  } catch {
    return false;
  }
};

/** One certificate from its DER. @throws UnreadablePki where it is none. */
export const parseCertificateDer = (der: Buffer): Certificate => {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch {
    throw new UnreadablePki(
      'A certificate block holds something that OpenSSL does not read as a certificate.',
    );
  }
  const body = certificateBody(der);
  requireReadableName(body.subject, 'subject');
  requireReadableName(body.issuer, 'issuer');
  const extensions = body.version === 3 ? readExtensions(body.node) : [];
  requireReadableExtensions(extensions);
  readNameConstraints(extensions);
  const validity = readValidity(body.validity);
  const constraints = basicConstraints(extensions);
  const names = subjectAltNames(extensions);
  const key = publicKeyOf(x509);
  const subjectDer = body.subject.bytes().toString('base64');
  const issuerDer = body.issuer.bytes().toString('base64');
  return {
    fingerprint: sha256(der) as Fingerprint,
    keyFingerprint: sha256(body.publicKey.bytes()) as KeyFingerprint,
    subject: nameText(x509.subject),
    issuer: nameText(x509.issuer),
    subjectDer,
    issuerDer,
    serial: body.serial.toString('hex').replace(/^(00)+(?=..)/, ''),
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    isCa: constraints?.isCa ?? false,
    pathLength: constraints?.pathLength,
    mayIssue: mayIssue(extensions),
    extendedKeyUsages: extendedKeyUsages(extensions),
    dnsNames: names.dnsNames,
    ipAddresses: names.ipAddresses,
    uris: names.uris,
    key: certifiedKeyKind(key, body.publicKey),
    signatureAlgorithm: signatureName(body.algorithm),
    selfSigned: subjectDer === issuerDer && signsItself(x509, key),
    pem: pemText('CERTIFICATE', der),
  };
};

const HTML = /^\s*<(?:!doctype|html|head|\?xml)\b/i;
const LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

/**
 * Every certificate in the text, in order, duplicates included. Blocks of other kinds (a key in the same file) are left aside.
 * Text that is blank holds none.
 *
 * @throws UnreadablePki where a block is damaged or is no certificate, or where there is text but no certificate in it.
 */
export const parseCertificates = (pem: string): Certificate[] => {
  const certificates = pemBlocks(pem)
    .filter((block) => LABELS.has(block.label))
    .map((block) => parseCertificateDer(block.der));
  if (certificates.length === 0 && pem.replace(/^\uFEFF/, '').trim() !== '')
    throw new UnreadablePki(
      HTML.test(pem)
        ? 'The text is an HTML page, such as a proxy or a web server answers instead of a file.'
        : 'The text holds no PEM certificate.',
    );
  return certificates;
};
