/**
 * cert-manager as far as a migration meets it: what a Certificate asks for is issued by the CA that a test hands in, with the annotations of its
 * template.
 *
 * Source: cert-manager v1.20, internal/controller/certificates/secrets.go (annotations of a `secretTemplate`, `cert-manager.io/certificate-name`).
 */

import { objectAt, stringMapAt, textAt, textsAt } from '../../../agent/kube/json.ts';
import type { ApiServer, JsonObject } from '../api-server/index.ts';
import { type Authority, makeLeaf, USAGE } from '../pki/index.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

const READY = {
  type: 'Ready',
  status: 'True',
  reason: 'Ready',
  message: 'Certificate is up to date and has not expired',
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
} as const;

const issueOne = (api: ApiServer, certificate: JsonObject, ca: Authority): void => {
  const metadata = objectAt(certificate, 'metadata');
  const spec = objectAt(certificate, 'spec');
  const [namespace, name] = [textAt(metadata, 'namespace'), textAt(metadata, 'name')];
  const identity = makeLeaf(ca, {
    name,
    dns: textsAt(spec, 'dnsNames'),
    usages: textsAt(spec, 'usages').includes('server auth') ? [USAGE.server] : [USAGE.client],
  });
  api.objects.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: textAt(spec, 'secretName'),
        namespace,
        annotations: {
          ...stringMapAt(objectAt(spec, 'secretTemplate'), 'annotations'),
          'cert-manager.io/certificate-name': name,
        },
      },
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
  api.objects.put(
    { ...certificate, status: { revision: 1, conditions: [READY] } } as JsonObject,
    'cert-manager-certificates-readiness',
  );
};

/** Issues whatever was asked for since. */
export const issueDue = (api: ApiServer, namespace: string, ca: Authority): void => {
  for (const certificate of api.objects.list('Certificate', namespace)) {
    if (objectAt(certificate, 'status').revision === undefined) issueOne(api, certificate, ca);
  }
};
