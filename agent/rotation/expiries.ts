/**
 * Which certificates run out when: what metrics and reports show.
 */
import type { Certificate } from '../model/certificate.ts';
import type { ExpiryFact } from '../model/happening.ts';
import type { Observation } from '../model/observation.ts';

const fact = (
  role: ExpiryFact['role'],
  certificate: Certificate,
  where: ExpiryFact['where'],
): ExpiryFact => ({
  role,
  subject: certificate.subject,
  fingerprint: certificate.fingerprint,
  notAfter: certificate.notAfter,
  where,
});

export const expiriesOf = ({ published, client, serving }: Observation): readonly ExpiryFact[] => [
  ...(published.clientLeaf.state === 'present'
    ? [fact('client-leaf', published.clientLeaf.value.certificate, 'published')]
    : []),
  ...(published.serving.state === 'present'
    ? [fact('serving', published.serving.value.certificate, 'published')]
    : []),
  ...(published.clientCa.state === 'present'
    ? published.clientCa.value.map((ca) => fact('client-ca', ca, 'published'))
    : []),
  ...(published.serverCa.state === 'present'
    ? published.serverCa.value.map((ca) => fact('server-ca', ca, 'published'))
    : []),
  ...(client.state === 'ready' ? [fact('client-leaf', client.material.leaf.certificate, 'source')] : []),
  ...(serving?.state === 'ready' ? [fact('serving', serving.material.leaf.certificate, 'source')] : []),
];
