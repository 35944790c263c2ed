/**
 * What each certificate and key is, and what belongs together.
 *
 * **Invariant:** a name proves nothing: issuers are told by their signatures, keys by a signature that the certificate verifies.
 */

import type { Certificate, KeyKind } from '../../model/certificate.ts';
import type { Fingerprint } from '../../model/fingerprint.ts';
import {
  CERTIFICATE_REMARKS,
  type CertificateClass,
  type CertificateRemark,
  type FoundCertificate,
  type FoundKey,
  type LeafUse,
} from '../../model/migration-findings.ts';
import type { Duration, Instant } from '../../model/terms.ts';
import { goVerifies } from '../../pki/algorithms.ts';
import { coversHost } from '../../pki/hostname.ts';
import { keyBelongsTo } from '../../pki/private-key.ts';
import { signedBy } from '../../pki/signature.ts';
import { PURPOSE_OID, permits } from '../../pki/verify.ts';
import type { Collected } from './collect.ts';

export interface Context {
  readonly at: Instant;
  /** Names, without port, by which Argo CD's clients dial repo-server. */
  readonly dialled: readonly string[];
}

const DAY: Duration = 24 * 60 * 60 * 1000;

/** Shorter than what is left of a certificate of 90 days when cert-manager renews it; a CA wants planning. */
export const SOON: Readonly<Record<'ca' | 'leaf', Duration>> = { ca: 90 * DAY, leaf: 14 * DAY };

export const kindText = (kind: KeyKind): string => {
  switch (kind.type) {
    case 'rsa':
      return `rsa ${kind.bits}`;
    case 'ec':
      return `ec ${kind.curve}`;
    case 'ed25519':
      return 'ed25519';
    case 'other':
      return kind.name;
  }
};

const classOf = ({ isCa, selfSigned }: Certificate): CertificateClass =>
  !isCa ? 'leaf' : selfSigned ? 'root' : 'intermediate';

const commonName = ({ subject }: Certificate): string | undefined => /(?:^|,)CN=([^,]+)/.exec(subject)?.[1];

const namesOf = ({ dnsNames, ipAddresses }: Certificate): readonly string[] => [...dnsNames, ...ipAddresses];

/** Meant for a server by its usages, or by a common name that is dialled, and yet without a name that Go looks at. */
const isCnOnly = (certificate: Certificate, { dialled }: Context): boolean => {
  if (certificate.isCa || namesOf(certificate).length > 0) return false;
  if (certificate.extendedKeyUsages.includes(PURPOSE_OID.serving)) return true;
  const name = commonName(certificate);
  return (
    name !== undefined &&
    permits(certificate, 'serving') &&
    dialled.some((host) => coversHost({ dnsNames: [name], ipAddresses: [] }, host))
  );
};

const usesOf = (certificate: Certificate, context: Context): readonly LeafUse[] => {
  if (certificate.isCa) return [];
  const serves =
    permits(certificate, 'serving') && (namesOf(certificate).length > 0 || isCnOnly(certificate, context));
  return [
    ...(permits(certificate, 'client') ? (['client'] as const) : []),
    ...(serves ? (['serving'] as const) : []),
  ];
};

const isWeak = ({ key, signatureAlgorithm, selfSigned }: Certificate): boolean =>
  (key.type === 'rsa' && key.bits < 2048) ||
  key.type === 'other' ||
  (!selfSigned && !goVerifies(signatureAlgorithm));

const remarksOf = (
  certificate: Certificate,
  signers: readonly Certificate[],
  context: Context,
): readonly CertificateRemark[] => {
  const { at } = context;
  const soon = SOON[certificate.isCa ? 'ca' : 'leaf'];
  const holds: Readonly<Record<CertificateRemark, boolean>> = {
    expired: at > certificate.notAfter,
    'not-yet-valid': at < certificate.notBefore,
    'expires-soon': at <= certificate.notAfter && at > certificate.notAfter - soon,
    'cn-only': isCnOnly(certificate, context),
    'issuer-not-found': signers.length === 0,
    weak: isWeak(certificate),
  };
  return CERTIFICATE_REMARKS.filter((remark) => holds[remark]);
};

/** Certificates that signed this one; itself for what is self-signed. */
const signersOf = (certificate: Certificate, all: readonly Certificate[]): readonly Certificate[] =>
  all.filter(
    (other) =>
      (other.isCa || other.fingerprint === certificate.fingerprint) &&
      other.subjectDer === certificate.issuerDer &&
      signedBy(certificate, other),
  );

const rootsAbove = (
  certificate: Certificate,
  signers: ReadonlyMap<Fingerprint, readonly Certificate[]>,
): readonly Fingerprint[] => {
  const roots = new Set<Fingerprint>();
  const seen = new Set<Fingerprint>();
  const open = [certificate];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(one.fingerprint)) continue;
    seen.add(one.fingerprint);
    if (one.selfSigned) roots.add(one.fingerprint);
    open.push(...(signers.get(one.fingerprint) ?? []));
  }
  return [...roots];
};

const time = (instant: Instant): string => new Date(instant).toISOString();

export const classifyCertificates = (
  { certificates, keys }: Pick<Collected, 'certificates' | 'keys'>,
  context: Context,
): readonly FoundCertificate[] => {
  const all = certificates.map(({ certificate }) => certificate);
  const signers = new Map(all.map((one) => [one.fingerprint, signersOf(one, all)]));
  return certificates.map(({ certificate, places }): FoundCertificate => {
    const own = signers.get(certificate.fingerprint) ?? [];
    const key = keys.find(
      ({ key: { fingerprint, pem } }) =>
        fingerprint === certificate.keyFingerprint && keyBelongsTo(pem, certificate),
    );
    return {
      fingerprint: certificate.fingerprint,
      keyFingerprint: certificate.keyFingerprint,
      class: classOf(certificate),
      subject: certificate.subject,
      issuer: certificate.issuer,
      notBefore: time(certificate.notBefore),
      notAfter: time(certificate.notAfter),
      uses: usesOf(certificate, context),
      names: namesOf(certificate),
      key: kindText(certificate.key),
      places,
      keyPlaces: key?.places ?? [],
      signedBy: own.map(({ fingerprint }) => fingerprint),
      roots: rootsAbove(certificate, signers),
      remarks: remarksOf(certificate, own, context),
    };
  });
};

export const classifyKeys = (
  { keys, closedKeys }: Pick<Collected, 'keys' | 'closedKeys'>,
  certificates: readonly FoundCertificate[],
): readonly FoundKey[] => [
  ...keys.map(({ key, places }): FoundKey => {
    const fitting = certificates.filter(
      ({ keyFingerprint, keyPlaces }) => keyFingerprint === key.fingerprint && keyPlaces.length > 0,
    );
    return {
      keyFingerprint: key.fingerprint,
      kind: kindText(key.kind),
      state: fitting.length > 0 ? 'matched' : 'alone',
      places,
      certificates: fitting.map(({ fingerprint }) => fingerprint),
      exposed: places.some(({ kind }) => kind === 'ConfigMap'),
    };
  }),
  ...closedKeys.map(
    ({ state, place }): FoundKey => ({
      keyFingerprint: undefined,
      kind: 'unknown',
      state,
      places: [place],
      certificates: [],
      exposed: place.kind === 'ConfigMap',
    }),
  ),
];
