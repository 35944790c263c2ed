/**
 * Whether the serving certificate suits those who dial: readable, and made out to the names they use.
 */
import { dialledHost } from '../../argocd/address.ts';
import { verificationOf } from '../../argocd/template.ts';
import type { Certificate } from '../../model/certificate.ts';
import type { Finding } from '../../model/plan.ts';
import { coversHost } from '../../pki/hostname.ts';
import { parseCertificates } from '../../pki/parse.ts';
import { type Check, foundClients, type PreflightInput, secretName } from '../input.ts';

const CERTIFICATE_KEY = 'tls.crt';

/** The certificate that repo-server will serve: the source's where there is one, else the published one. The first in the file counts. */
function servingCertificate({
  serving,
  settings,
  stored,
}: PreflightInput): Certificate | 'unreadable' | undefined {
  if (serving?.state === 'ready') return serving.material.leaf.certificate;
  if (settings.serving !== undefined) return undefined;
  const text = stored.serving?.data.get(CERTIFICATE_KEY)?.reveal();
  if (text === undefined) return undefined;
  try {
    return parseCertificates(text)[0] ?? 'unreadable';
  } catch {
    return 'unreadable';
  }
}

const isVerified = (input: PreflightInput): boolean =>
  input.settings.verification === 'on' ||
  foundClients(input).some((client) =>
    ['ca-path', 'strict-tls'].includes(verificationOf(client.component, client.mounts)),
  );

/** Names that clients dial and the certificate doesn't carry. Go ignores the common name. */
export const servingNames: Check = (input) => {
  const certificate = servingCertificate(input);
  if (certificate === undefined || certificate === 'unreadable') return [];
  const hosts = [...new Set(foundClients(input).map(({ mounts }) => dialledHost(mounts.repoServerAddress)))];
  const missing = hosts.filter((host) => !coversHost(certificate, host));
  if (missing.length === 0) return [];
  const verified = isVerified(input);
  const held = [...certificate.dnsNames, ...certificate.ipAddresses];
  return [
    {
      code: 'serving-name-missing',
      severity: verified ? 'blocking' : 'warning',
      about: secretName(input.settings.namespace, input.settings.names.servingSecret),
      what: `The serving certificate is not made out to ${missing.join(', ')}, which clients dial; it names ${held.length === 0 ? 'nobody' : held.join(', ')}.`,
      effect: verified
        ? 'Each call of a client that verifies repo-server fails; the common name does not count.'
        : 'Nothing now, since no client verifies repo-server; once one does, each of its calls fails.',
      next: `Issue it with the DNS name${missing.length === 1 ? '' : 's'} ${missing.join(', ')}.`,
      patch: undefined,
    },
  ];
};

/** A serving certificate that can't be read keeps repo-server's next pod from starting. */
export const servingUnreadable: Check = (input) =>
  servingCertificate(input) === 'unreadable'
    ? [
        {
          code: 'serving-unreadable',
          severity: 'blocking',
          about: secretName(input.settings.namespace, input.settings.names.servingSecret),
          what: `Its ${CERTIFICATE_KEY} holds no certificate that can be read.`,
          effect: 'repo-server reads it at start and stops: the first restart takes repo-server away.',
          next: 'Replace it by a certificate and its key, or delete the Secret (repo-server then makes one for itself).',
          patch: undefined,
        },
      ]
    : [];

/** Clients that verify a repo-server which makes its own certificate at each start. */
export const servingSelfSigned: Check = (input): readonly Finding[] => {
  const { settings, stored } = input;
  if (
    settings.serving !== undefined ||
    stored.serving?.data.has(CERTIFICATE_KEY) === true ||
    !isVerified(input)
  )
    return [];
  return [
    {
      code: 'serving-self-signed',
      severity: 'warning',
      about: secretName(settings.namespace, settings.names.servingSecret),
      what: 'There is no serving certificate: repo-server makes itself one for localhost and reposerver at each start.',
      effect: 'A client that verifies repo-server can make no call.',
      next: 'Name a source for the serving certificate in the configuration (serving).',
      patch: undefined,
    },
  ];
};
