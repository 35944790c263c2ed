/**
 * Certificates of one text, parted into what is presented and what is trusted.
 *
 * **Invariant:** only a self-signed CA becomes an anchor; a CA that another one signed stays with the leaf.
 */
import type { Certificate } from '../../agent/model/certificate.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { UnreadablePki } from '../../agent/pki/unreadable.ts';

export interface Parted {
  readonly certificatePem: string;
  readonly anchorsPem: string;
}

const pemOf = (certificates: readonly Certificate[]): string =>
  certificates.map((certificate) => certificate.pem).join('');

/** The certificates in the text; `undefined` where it can't be read, which is for admission to say. */
export const certificatesOf = (pem: string): readonly Certificate[] | undefined => {
  try {
    return parseCertificates(pem);
  } catch (error) {
    if (error instanceof UnreadablePki) return undefined;
    throw error;
  }
};

/** A text that can't be read is handed on whole. So is one that holds nothing else: a CA that presents itself is refused by that name. */
export const parted = (pem: string): Parted => {
  const certificates = certificatesOf(pem);
  if (certificates === undefined) return { certificatePem: pem, anchorsPem: '' };
  const isAnchor = (certificate: Certificate): boolean => certificate.isCa && certificate.selfSigned;
  const presented = certificates.filter((certificate) => !isAnchor(certificate));
  return {
    certificatePem: pemOf(presented.length === 0 ? certificates : presented),
    anchorsPem: pemOf(certificates.filter(isAnchor)),
  };
};

/** Vault's `issuing_ca` may be an intermediate: it is the anchor only where no self-signed CA stands above it. */
export const partedBelow = (pem: string, issuer: string, chain: string): Parted => {
  const above = parted(`${issuer}\n${chain}`);
  if (certificatesOf(`${issuer}\n${chain}`) === undefined || above.anchorsPem === '')
    return { certificatePem: `${pem}\n${chain}`, anchorsPem: issuer };
  return {
    certificatePem: above.certificatePem === above.anchorsPem ? pem : `${pem}\n${above.certificatePem}`,
    anchorsPem: above.anchorsPem,
  };
};
