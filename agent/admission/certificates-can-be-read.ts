/**
 * Each text is PEM with certificates in it.
 *
 * **Invariant:** one damaged certificate refuses the text; Go would skip it silently, and a CA would be missing without a word.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Refusal } from '../model/refusal.ts';
import { parseCertificates } from '../pki/parse.ts';
import { UnreadablePki } from '../pki/unreadable.ts';
import { refuse } from './refuse.ts';

/** @param name what the text is, for people: `certificate of …`. Blank text holds no certificate and is not refused here. */
export const certificatesCanBeRead = (
  pem: string,
  name: string,
): { readonly certificates: readonly Certificate[] } | { readonly refusal: Refusal } => {
  try {
    return { certificates: parseCertificates(pem) };
  } catch (error) {
    if (!(error instanceof UnreadablePki)) throw error;
    return {
      refusal: refuse(
        'unreadable',
        `The ${name} can't be read: ${error.what}`,
        'Argo CD skips a damaged certificate in a bundle silently and fails every call over a damaged pair.',
        error.next,
      ),
    };
  }
};
