/**
 * At least one trusted CA has not expired; those that have are left out where another remains.
 *
 * **Invariant:** an anchor's own dates count, as for Go, although many programs ignore them.
 */
import { hasExpired } from '../pki/bundle.ts';
import type { BundlePredicate } from './draft.ts';
import { named, refuse, when } from './refuse.ts';

export const someAnchorIsAlive: BundlePredicate = ({ anchors, at }) => {
  const latest = [...anchors].sort((a, b) => b.notAfter - a.notAfter)[0];
  if (latest === undefined || !hasExpired(latest, at)) return undefined;
  return refuse(
    'anchor-expired',
    `${anchors.length === 1 ? 'The CA' : `The last of ${anchors.length} CAs`} ${named(latest)} expired on ${when(latest.notAfter)}.`,
    'Go accepts nothing under an expired CA, whatever the dates of the leaf.',
    'Renew the CA, with the same key if you can, then the certificates under it.',
  );
};
