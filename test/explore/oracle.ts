/**
 * Whether a client and a repo-server complete a handshake, by what each of them holds.
 *
 * Written from docs/argocd-facts.md and what Go's crypto/tls and crypto/x509 do, on names alone. Shares nothing with the agent's planner
 * or its chain building: it is what they are judged by.
 *
 * **Invariant:** asks what a process holds, never what anybody believes that it holds.
 */
import type { ClientComponent, Instant } from '../../agent/model/terms.ts';
import { AGES, AUTHORITIES, LEAFS, membersOf } from './identities.ts';
import { ABSENT, type Answered, CA_PATH_KEY, type ModelPod, type ModelState } from './state.ts';

const inForce = (dates: { readonly notBefore: Instant; readonly notAfter: Instant }, now: Instant): boolean =>
  now >= dates.notBefore && now <= dates.notAfter;

/** Letter of the CA whose key signed a leaf. */
const signerOf = (leaf: string): string => leaf.charAt(0).toUpperCase();

/** A bundle holds a CA with the key that signed this leaf, and both are in force (crypto/x509 Certificate.Verify). */
const vouches = (bundle: string, leaf: string, now: Instant): boolean =>
  membersOf(bundle).some((member) => {
    const ca = AUTHORITIES[member];
    return member.replace("'", '') === signerOf(leaf) && ca !== undefined && inForce(ca.certificate, now);
  });

const isCurrent = (leaf: string, now: Instant): boolean => {
  const found = LEAFS[leaf];
  return found !== undefined && inForce(found.certificate, now);
};

/** For what the leaf was made out: `u1` is for servers only. */
const mayBeClient = (leaf: string): boolean => !leaf.startsWith('u') && !/^[st]/.test(leaf);

/** What repo-server says to a client certificate (`none`: it shows none). `localhost` means that it made its own certificate. */
export const answerTo = (trust: string, shown: string, now: Instant): Answered['outcome'] => {
  // Without client-ca.crt at its start it asks nobody for a certificate.
  if (trust === ABSENT) return 'accepted';
  if (shown === 'none') return 'certificate-required';
  // Go looks at the dates first, then for a chain.
  if (!isCurrent(shown, now)) return 'certificate-expired';
  return mayBeClient(shown) && vouches(trust, shown, now) ? 'accepted' : 'unknown-ca';
};

/** Which certificate a client's process shows. */
export const shownBy = (client: ModelPod): string => {
  const seen = client.sees['client.crt'] ?? ABSENT;
  if (client.of === 'notifications-controller' && client.loaded['client.crt'] === ABSENT) return 'none';
  return seen === ABSENT ? 'none' : seen;
};

/** Whether a client accepts what repo-server presents. */
const accepts = (client: ModelPod, presented: string, now: Instant): boolean => {
  if (client.loaded[CA_PATH_KEY[client.of as ClientComponent]] === ABSENT) return true;
  const pool = client.loaded['server-ca.crt'] ?? ABSENT;
  // A certificate that repo-server made for itself is made out for other names, and nobody's CA signed it.
  if (pool === ABSENT || presented === ABSENT) return false;
  return isCurrent(presented, now) && vouches(pool, presented, now);
};

/** `undefined` where the call goes through; else what stands in its way. */
export const failure = (client: ModelPod, server: ModelPod, age: number): string | undefined => {
  const now = AGES[age] ?? 0;
  const shown = shownBy(client);
  const trust = server.loaded['client-ca.crt'] ?? ABSENT;
  const presented = server.loaded['tls.crt'] ?? ABSENT;
  if (!accepts(client, presented, now))
    return `${client.of} verifies with ${client.loaded['server-ca.crt']} and is presented ${presented}`;
  const answer = answerTo(trust, shown, now);
  return answer === 'accepted'
    ? undefined
    : `${client.of} shows ${shown} to a repo-server that trusts ${trust}: ${answer}`;
};

const runs = (pod: ModelPod): boolean => pod.startedAt !== undefined;

/** Every pair of living processes between which a call fails. One that never got ready is called by nobody. */
export const failures = (state: ModelState): readonly string[] => {
  const servers = state.pods.filter((pod) => pod.of === 'repo-server' && runs(pod) && pod.ready);
  const clients = state.pods.filter((pod) => pod.of !== 'repo-server' && runs(pod));
  return clients.flatMap((client) => servers.flatMap((server) => failure(client, server, state.age) ?? []));
};
