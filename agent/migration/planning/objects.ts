/**
 * What the migration makes: a copy of the CA for cert-manager, its Issuer, and the Certificates of the new leafs.
 *
 * **Invariant:** a manifest holds no private key, and every object carries the migration's label.
 */
import type { CopiedValue, MadeObject, PlainObject } from '../../model/migration.ts';
import type { FoundCertificate, MigrationFindings } from '../../model/migration-findings.ts';
import { MIGRATION_LABEL } from '../findings/purpose.ts';
import { placeOf } from './places.ts';
import type { ServingPlan } from './serving.ts';
import { type IssuerRef, type IssuingCa, ROOT_NAME, type Way } from './way.ts';

export const CLIENT_NAME = 'argocd-mtls-client';
export const SERVING_NAME = 'argocd-mtls-serving';
/** Holds the root's certificate where it stands in no object that the agent may read. */
export const CA_NAME = 'argocd-mtls-ca';

export interface ObjectParts {
  readonly findings: MigrationFindings;
  readonly name: string;
  readonly root: FoundCertificate;
  readonly way: Way;
  readonly serving: ServingPlan;
  /** Names, without port, by which clients dial repo-server. */
  readonly dialled: readonly string[];
  /** True where the kept leafs' root stands in no object of the namespace. */
  readonly caApart: boolean;
}

const CERT_MANAGER = 'cert-manager.io/v1';

const made = (
  { findings: { namespace }, name: instance }: ObjectParts,
  object: { readonly apiVersion: string; readonly kind: string; readonly name: string },
  content: PlainObject,
  why: string,
  copies: readonly CopiedValue[] = [],
): MadeObject => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace,
  name: object.name,
  manifest: {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name: object.name, namespace, labels: { [MIGRATION_LABEL]: instance } },
    ...content,
  },
  copies,
  why,
  step: 'make',
});

const certificateCopy = (
  to: string,
  certificate: FoundCertificate,
  namespace: string,
): readonly CopiedValue[] => {
  const from = placeOf(certificate, namespace);
  return from === undefined
    ? []
    : [{ to, from, part: { kind: 'certificate', fingerprint: certificate.fingerprint } }];
};

/** The CA, what signed it, and so on up to the root; the issuer puts it behind each leaf. */
const chainOf = (
  { certificates }: MigrationFindings,
  ca: FoundCertificate,
  root: FoundCertificate,
): readonly FoundCertificate[] => {
  const chain: FoundCertificate[] = [];
  const seen = new Set<string>();
  let one: FoundCertificate | undefined = ca;
  while (one !== undefined && !seen.has(one.fingerprint)) {
    chain.push(one);
    seen.add(one.fingerprint);
    if (one.fingerprint === root.fingerprint) return chain;
    const signers: readonly string[] = one.signedBy;
    const above: readonly FoundCertificate[] = certificates.filter(({ fingerprint }) =>
      signers.includes(fingerprint),
    );
    one = above.find(({ fingerprint }) => fingerprint === root.fingerprint) ?? above[0];
  }
  return chain;
};

/** cert-manager reads a CA as `tls.crt` (the chain, its own certificate first) and `tls.key` (v1.21, pkg/issuer/ca). */
const caObjects = (parts: ObjectParts, ca: IssuingCa): readonly MadeObject[] => {
  const { findings, root } = parts;
  return [
    made(
      parts,
      { apiVersion: 'v1', kind: 'Secret', name: ROOT_NAME },
      { type: 'kubernetes.io/tls' },
      'The CA that stays, in the form that a cert-manager Issuer takes.',
      [
        ...chainOf(findings, ca.certificate, root).flatMap((each) =>
          certificateCopy('tls.crt', each, findings.namespace),
        ),
        {
          to: 'tls.key',
          from: ca.keyFrom,
          part: { kind: 'private-key', keyFingerprint: ca.certificate.keyFingerprint },
        },
        ...certificateCopy('ca.crt', root, findings.namespace),
      ],
    ),
    made(
      parts,
      { apiVersion: CERT_MANAGER, kind: 'Issuer', name: ROOT_NAME },
      { spec: { ca: { secretName: ROOT_NAME } } },
      'Issues under the CA that stays.',
    ),
  ];
};

/** Keys are made anew with each renewal; the labels tell a later look that the Secret is not to be chosen from. */
const certificateSpec = (instance: string, name: string, issuer: IssuerRef): PlainObject => ({
  secretName: name,
  secretTemplate: { labels: { [MIGRATION_LABEL]: instance } },
  privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
  issuerRef: { kind: issuer.kind, name: issuer.name, group: issuer.group },
});

const certificates = (parts: ObjectParts, issuer: IssuerRef): readonly MadeObject[] => [
  made(
    parts,
    { apiVersion: CERT_MANAGER, kind: 'Certificate', name: CLIENT_NAME },
    {
      spec: {
        ...certificateSpec(parts.name, CLIENT_NAME, issuer),
        commonName: 'argocd-client',
        usages: ['digital signature', 'client auth'],
      },
    },
    "The clients' certificate, with clientAuth.",
  ),
  ...(parts.serving.kind === 'issued'
    ? [
        made(
          parts,
          { apiVersion: CERT_MANAGER, kind: 'Certificate', name: SERVING_NAME },
          {
            spec: {
              ...certificateSpec(parts.name, SERVING_NAME, issuer),
              dnsNames: [...parts.dialled],
              usages: ['digital signature', 'server auth'],
            },
          },
          `repo-server's certificate, with serverAuth and every name that clients dial: ${parts.dialled.join(', ')}.`,
        ),
      ]
    : []),
];

export const madeObjects = (parts: ObjectParts): readonly MadeObject[] => {
  const { way, root, findings } = parts;
  if (way.kept === 'issuer')
    return [...(way.ca === undefined ? [] : caObjects(parts, way.ca)), ...certificates(parts, way.issuer)];
  return way.kept === 'trust-only' && parts.caApart
    ? [
        made(
          parts,
          { apiVersion: 'v1', kind: 'Secret', name: CA_NAME },
          { type: 'Opaque' },
          "The root's certificate, without its key, where the agent may read it.",
          certificateCopy('ca.crt', root, findings.namespace),
        ),
      ]
    : [];
};
