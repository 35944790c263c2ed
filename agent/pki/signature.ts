/**
 * "This CA's key signed that certificate": the arithmetic alone.
 *
 * **Invariant:** depends on the two certificates alone, so that an answer may be remembered.
 */
import type { Certificate } from '../model/certificate.ts';
import { detailsOf } from './details.ts';

const GO_CURVES = new Set(['P-224', 'P-256', 'P-384', 'P-521']);

/** Keys that Go reads at all (crypto/x509 parser.go, parsePublicKey); RSA below 1024 bits it verifies nothing with (crypto/rsa). */
export const goReadsKey = ({ key }: Certificate): boolean => {
  switch (key.type) {
    case 'rsa':
      return key.bits >= 1024;
    case 'ec':
      return GO_CURVES.has(key.curve);
    case 'ed25519':
      return true;
    case 'other':
      return false;
  }
};

/** How many answers are remembered; the planner asks the same few again and again. */
const REMEMBERED = 2048;
const answers = new Map<string, boolean>();

const verify = (child: Certificate, parent: Certificate): boolean => {
  if (!goReadsKey(parent)) return false;
  try {
    return detailsOf(child).x509.verify(detailsOf(parent).x509.publicKey);
  } catch {
    return false;
  }
};

/** True where `parent`'s key verifies `child`'s signature. Says nothing about names, CA bits, dates, or whether the algorithm is accepted. */
export const signedBy = (child: Certificate, parent: Certificate): boolean => {
  const question = `${child.fingerprint}/${parent.keyFingerprint}`;
  const answer = answers.get(question);
  if (answer !== undefined) return answer;
  const found = verify(child, parent);
  if (answers.size >= REMEMBERED) answers.clear();
  answers.set(question, found);
  return found;
};
