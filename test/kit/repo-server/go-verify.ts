/**
 * What Go does with the other side's certificate (crypto/x509 verify.go; for clients under RequireAndVerifyClientCert crypto/tls
 * handshake_server.go processCertsFromClient), written anew: OpenSSL would need partial chains switched on, stops at the first CA of a subject, and Node
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

/** Extended key usages: what the certificate must be good for. */
export const GOOD_FOR = { clients: '1.3.6.1.5.5.7.3.2', servers: '1.3.6.1.5.5.7.3.1' } as const;
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
const permits = (certificate: X509Certificate, usage: string): boolean => {
  const usages: readonly string[] | undefined = certificate.keyUsage;
  return usages === undefined || usages.includes(usage) || usages.includes(ANY_USAGE);
};

const same = (one: X509Certificate, other: X509Certificate): boolean => one.raw.equals(other.raw);

/**
 * @param presented what the other side sent, its leaf first; empty for none.
 * @param anchors the certificates of the trust file; a CA that isn't self-signed is an anchor like any other.
 * @returns the alert that refuses it, `undefined` where it is let in.
 */
export const refusal = (
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: number,
  usage: string = GOOD_FOR.clients,
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
  return chains.some((chain) => chain.every((member) => permits(member, usage)))
    ? undefined
    : ALERT.badCertificate;
};
