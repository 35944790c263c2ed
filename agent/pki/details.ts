/**
 * What chain building needs of a certificate beyond the model: OpenSSL's handle and the extensions that only matter there.
 *
 * **Invariant:** derived from the certificate's own PEM and nothing else; kept by fingerprint only to spare the work.
 */
import { X509Certificate } from 'node:crypto';
import type { Certificate } from '../model/certificate.ts';
import { readExtensions, subjectAltNames, unhandledCritical } from './extensions.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';
import { certificateBody } from './parse.ts';

export interface Details {
  readonly x509: X509Certificate;
  readonly version: number;
  readonly hasBasicConstraints: boolean;
  /** OIDs of critical extensions for which Go refuses the chain. */
  readonly unhandled: readonly string[];
  readonly nameConstraints: NameConstraints | undefined;
  readonly mails: readonly string[];
}

const known = new WeakMap<Certificate, Details>();

const derive = (certificate: Certificate): Details => {
  const x509 = new X509Certificate(certificate.pem);
  const body = certificateBody(x509.raw);
  const extensions = body.version === 3 ? readExtensions(body.node) : [];
  return {
    x509,
    version: body.version,
    hasBasicConstraints: extensions.some((extension) => extension.oid === '2.5.29.19'),
    unhandled: unhandledCritical(extensions),
    nameConstraints: readNameConstraints(extensions),
    mails: subjectAltNames(extensions).mails,
  };
};

/** @throws UnreadablePki where the certificate's PEM was not made by `parse.ts`. */
export const detailsOf = (certificate: Certificate): Details => {
  const found = known.get(certificate);
  if (found !== undefined) return found;
  const details = derive(certificate);
  known.set(certificate, details);
  return details;
};
