/**
 * cert-manager as the API shows it: a Certificate and its Secret, written like cert-manager writes them.
 */
import type { ApiServer } from '../api-server/index.ts';
import { objectAt, objectsAt } from '../api-server/json.ts';
import { type Authority, type Identity, type LeafOptions, makeLeaf, USAGE } from '../pki/index.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Issues a leaf into a Certificate's Secret, Certificate Ready, `ca.crt` beside it. */
export const issue = (
  api: ApiServer,
  namespace: string,
  certificate: string,
  ca: Authority,
  purpose: 'client' | 'serving',
  options: LeafOptions = {},
): Identity => {
  const identity = makeLeaf(ca, {
    name: certificate,
    usages: [purpose === 'client' ? USAGE.client : USAGE.server],
    dns: purpose === 'serving' ? ['argocd-repo-server'] : [],
    ...options,
  });
  deliver(api, namespace, certificate, identity, ca);
  return identity;
};

/** Hands a leaf over that was made elsewhere. */
export const deliver = (
  api: ApiServer,
  namespace: string,
  certificate: string,
  identity: Identity,
  ca: Authority,
): void => {
  api.objects.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: certificate, namespace },
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': base64(identity.chainPem),
        'tls.key': base64(identity.keyPem),
        'ca.crt': base64(ca.pem),
      },
    },
    'cert-manager-certificates-issuing',
    true,
  );
  const existing = api.objects.get('Certificate', namespace, certificate);
  const status = existing?.status as { revision?: number } | undefined;
  const metadata = existing?.metadata as { generation?: number } | undefined;
  api.objects.put(
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: certificate, namespace },
      spec: { secretName: certificate, issuerRef: { name: 'ca', kind: 'Issuer', group: 'cert-manager.io' } },
      status: {
        revision: (status?.revision ?? 0) + 1,
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Ready',
            message: 'Certificate is up to date and has not expired',
            observedGeneration: metadata?.generation ?? 1,
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
      },
    },
    'cert-manager-certificates-readiness',
  );
};

/** A CA's certificate in a Secret of its own, as a copy without the key. */
export const publishCa = (api: ApiServer, namespace: string, name: string, ca: Authority): void => {
  api.objects.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type: 'Opaque',
      data: { 'ca.crt': base64(ca.pem) },
    },
    'trust-manager',
    true,
  );
};

/** Whether somebody asked for a new issuance. */
export const isIssuing = (api: ApiServer, namespace: string, certificate: string): boolean =>
  objectsAt(
    objectAt(api.objects.get('Certificate', namespace, certificate) ?? {}, 'status'),
    'conditions',
  ).some((condition) => condition.type === 'Issuing' && condition.status === 'True');
