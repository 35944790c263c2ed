/**
 * A certificate that nobody trusts, made on the spot: what a repo-server that verifies its clients must refuse.
 *
 * **Invariant:** its key never leaves the process, and no CA exists that could have issued it.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { PRODUCT } from '../model/product.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { Duration, Instant } from '../model/terms.ts';
import type { Clock, Random } from '../ports.ts';

/** A self-signed leaf: clientAuth, not a CA. */
export interface Stranger {
  readonly certificatePem: string;
  readonly key: SecretBytes;
}

const HOUR: Duration = 3_600_000;
/** How long one stranger is used. */
const LIFETIME: Duration = HOUR;

/** Wide enough on both sides that a clock which differs by an hour doesn't turn `unknown ca` into `certificate expired`. */
const VALID_BEFORE: Duration = 24 * HOUR;
const VALID_AFTER: Duration = 24 * HOUR;

/** Makes one stranger: RSA 2048, since every server accepts that and node-forge signs with nothing else. */
export const makeStranger = async (now: Instant, random: Random): Promise<Stranger> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const signer = forge.pki.privateKeyFromPem(privateKey);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(signer.n, signer.e);
  // A leading 01 keeps the serial positive and of fixed length.
  certificate.serialNumber = `01${random.hex(15)}`;
  certificate.validity.notBefore = new Date(now - VALID_BEFORE);
  certificate.validity.notAfter = new Date(now + VALID_AFTER);
  const name = [{ name: 'commonName', value: `${PRODUCT} stranger` }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
  ]);
  certificate.sign(signer, forge.md.sha256.create());
  return { certificatePem: forge.pki.certificateToPem(certificate), key: SecretBytes.of(privateKey) };
};

/** Hands out one stranger for an hour, then another. A failure to make one is not remembered. */
export const strangers = (clock: Clock, random: Random): (() => Promise<Stranger>) => {
  let current: { readonly madeAt: Instant; readonly stranger: Promise<Stranger> } | undefined;
  return () => {
    const now = clock.now();
    if (current === undefined || now - current.madeAt >= LIFETIME || now < current.madeAt) {
      const made = { madeAt: now, stranger: makeStranger(now, random) };
      current = made;
      made.stranger.catch(() => {
        if (current === made) {
          current = undefined;
        }
      });
    }
    return current.stranger;
  };
};
