/**
 * The private key is the one that the leaf was issued for.
 *
 * **Invariant:** proven by a signature, so that a pair caught in mid-update (old key, new certificate) never passes.
 */
import { keyBelongsTo } from '../pki/private-key.ts';
import type { Predicate } from './draft.ts';
import { named, refuse } from './refuse.ts';

export const keyBelongsToLeaf: Predicate = ({ raw, key, leaf }) =>
  keyBelongsTo(key.pem, leaf)
    ? undefined
    : refuse(
        'key-mismatch',
        `The private key of ${raw.source} does not belong to ${named(leaf)}.`,
        'Such a pair does not load: the next call of every client would fail.',
        'If the source is in the middle of an update this passes by itself; else issue the certificate anew.',
      );
