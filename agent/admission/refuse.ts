/**
 * The wording that all refusals share.
 *
 * **Invariant:** a refusal says that nothing was written, and names certificates by subject and fingerprint so that they can be found.
 */
import type { Certificate } from '../model/certificate.ts';
import { short } from '../model/fingerprint.ts';
import type { Refusal, RefusalCode } from '../model/refusal.ts';
import type { Instant } from '../model/terms.ts';

/** @param ifPublished what would happen to calls if it were published all the same. */
export const refuse = (code: RefusalCode, what: string, ifPublished: string, next: string): Refusal => ({
  code,
  what,
  effect: `${ifPublished} Nothing is written; what is published stays in use.`,
  next,
});

/** `CN=repo-client (3f2a90c1d2e4)`. */
export const named = (certificate: Certificate): string =>
  `${certificate.subject === '' ? 'a certificate without a subject' : certificate.subject} (${short(certificate.fingerprint)})`;

export const when = (instant: Instant): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;
