/**
 * Certificates as the stand-ins meet them: in files, and on the wire.
 *
 * **Invariant:** what doesn't parse is skipped silently, as by Go's AppendCertsFromPEM.
 */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

export const parsable = (pem: string): readonly X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });

/** What the other side sent, leaf first; empty for none. */
export const chainOf = (socket: TLSSocket): readonly X509Certificate[] => {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined) {
    const { raw }: { raw: Buffer } = next;
    if (chain.some((member) => member.raw.equals(raw))) {
      break;
    }
    chain.push(new X509Certificate(raw));
    next = next.issuerCertificate;
  }
  return chain;
};
