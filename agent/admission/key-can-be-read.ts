/**
 * There is one private key, and it opens without a passphrase.
 *
 * **Invariant:** no message shows anything of the key.
 */
import type { RawMaterial } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import { type PrivateKey, readPrivateKey } from '../pki/private-key.ts';
import { UnreadablePki } from '../pki/unreadable.ts';
import { refuse } from './refuse.ts';

export const keyCanBeRead = (
  raw: RawMaterial,
): { readonly key: PrivateKey } | { readonly refusal: Refusal } => {
  if (raw.key.reveal().trim() === '')
    return {
      refusal: refuse(
        'no-key',
        `${raw.source} holds no private key.`,
        'A certificate without its key stops server and notifications-controller at their next start and fails every call.',
        'Make the source deliver `tls.key` beside `tls.crt`.',
      ),
    };
  try {
    return { key: readPrivateKey(raw.key) };
  } catch (error) {
    if (!(error instanceof UnreadablePki)) throw error;
    return {
      refusal: refuse(
        'key-unreadable',
        `The private key of ${raw.source} can't be read: ${error.what}`,
        'A pair that does not load fails the next call of every client.',
        error.next,
      ),
    };
  }
};
