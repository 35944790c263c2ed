/**
 * What Go's server does with a client's certificate under RequireAndVerifyClientCert (crypto/tls handshake_server.go processCertsFromClient,
 * crypto/x509 verify.go), written anew: OpenSSL would need partial chains switched on, stops at the first CA of a subject, and Node
 * sends no alert for what it refuses.
 *
 * **Invariant:** shares no code with the agent's chain building, so that neither confirms the other's mistakes.
 *
 * Not told apart here, since node:crypto doesn't show it: path lengths, keyCertSign and name constraints of CAs.
 */
import type { X509Certificate } from 'node:crypto';

/** Alert numbers of RFC 8446 §6. */
export const ALERT = {
  badCertificate: 42,
  certificateExpired: 45,
  unknownCa: 48,
  certificateRequired: 116,
} as const;

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USAGE = '2.5.29.37.0';

const inDate = (certificate: X509Certificate, now: number): boolean =>
  certificate.validFromDate.getTime() <= now && now <= certificate.validToDate.getTime();

const signedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean => {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
};

/** node:crypto calls the extended key usages `keyUsage`; undefined where there are none, which permits any. */
const permitsClients = (certificate: X509Certificate): boolean => {
  const usages: readonly string[] | undefined = certificate.keyUsage;
  return usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_USAGE);
};

const same = (one: X509Certificate, other: X509Certificate): boolean => one.raw.equals(other.raw);

/**
 * @param presented what the client sent, its leaf first; empty for none.
 * @param anchors the certificates of `client-ca.crt`; a CA that isn't self-signed is an anchor like any other.
 * @returns the alert that refuses it, `undefined` where it is let in.
 */
export const refusal = (
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
): number | undefined => {
  const [leaf, ...intermediates] = presented;
  if (leaf === undefined) {
    return ALERT.certificateRequired;
  }
  if (!inDate(leaf, now)) {
    return ALERT.certificateExpired;
  }
  let expiredCa = false;
  const chains: (readonly X509Certificate[])[] = anchors.some((anchor) => same(anchor, leaf)) ? [[leaf]] : [];

  const climb = (chain: readonly X509Certificate[], top: X509Certificate): void => {
    const fits = (candidate: X509Certificate): boolean => {
      if (candidate.subject !== top.issuer || chain.some((member) => same(member, candidate))) {
        return false;
      }
      if (!candidate.ca || !signedBy(top, candidate)) {
        return false;
      }
      const valid = inDate(candidate, now);
      expiredCa ||= !valid;
      return valid;
    };
    for (const anchor of anchors.filter(fits)) {
      chains.push([...chain, anchor]);
    }
    for (const intermediate of intermediates.filter(fits)) {
      climb([...chain, intermediate], intermediate);
    }
  };
  if (chains.length === 0) {
    climb([leaf], leaf);
  }
  if (chains.length === 0) {
    return expiredCa ? ALERT.certificateExpired : ALERT.unknownCa;
  }
  return chains.some((chain) => chain.every(permitsClients)) ? undefined : ALERT.badCertificate;
};
