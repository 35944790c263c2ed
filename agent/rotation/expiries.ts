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

const once = (facts: readonly ExpiryFact[]): readonly ExpiryFact[] => [
  ...new Map(facts.map((each) => [`${each.role} ${each.where} ${each.fingerprint}`, each])).values(),
];

const all = ({ published, clientMaterials, serving }: Observation): readonly ExpiryFact[] => [
  ...published.leafs.flatMap(({ content }) =>
    content.state === 'present' ? [fact('client-leaf', content.value.certificate, 'published')] : [],
  ),
  ...(published.serving.state === 'present'
    ? [fact('serving', published.serving.value.certificate, 'published')]
    : []),
  ...(published.clientCa.state === 'present'
    ? published.clientCa.value.map((ca) => fact('client-ca', ca, 'published'))
    : []),
  ...published.pools.flatMap(({ content }) =>
    content.state === 'present' ? content.value.map((ca) => fact('server-ca', ca, 'published')) : [],
  ),
  ...clientMaterials.flatMap(({ reading }) =>
    reading.state === 'ready' ? [fact('client-leaf', reading.material.leaf.certificate, 'source')] : [],
  ),
  ...(serving?.state === 'ready' ? [fact('serving', serving.material.leaf.certificate, 'source')] : []),
];

export const expiriesOf = (observation: Observation): readonly ExpiryFact[] => once(all(observation));
