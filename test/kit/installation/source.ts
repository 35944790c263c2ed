/**
 * cert-manager as the API shows it: a Certificate and its Secret, written like cert-manager writes them.
 */
import type { ApiServer } from '../api-server/index.ts';
import { type Authority, type Identity, makeLeaf, USAGE } from '../pki/index.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** Issues a leaf into a Certificate's Secret, Certificate Ready, `ca.crt` beside it. */
export const issue = (
  api: ApiServer,
  namespace: string,
  certificate: string,
  ca: Authority,
  purpose: 'client' | 'serving',
): Identity => {
  const identity = makeLeaf(ca, {
    name: certificate,
    usages: [purpose === 'client' ? USAGE.client : USAGE.server],
    dns: purpose === 'serving' ? ['argocd-repo-server'] : [],
  });
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
  return identity;
};
