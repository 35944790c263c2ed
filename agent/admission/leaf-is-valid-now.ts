/**
 * The leaf has begun to be valid and has not expired.
 *
 * **Invariant:** both ends of the validity are part of it, to the second, as Go counts (crypto/x509 verify.go, isValid).
 */
import type { Predicate } from './draft.ts';
import { named, refuse, when } from './refuse.ts';

export const leafHasBegun: Predicate = ({ leaf, at }) =>
  at >= leaf.notBefore
    ? undefined
    : refuse(
        'not-yet-valid',
        `${named(leaf)} is valid from ${when(leaf.notBefore)}.`,
        'The other side would refuse it until then.',
        'Wait for that moment, or compare the clocks of issuer and cluster.',
      );

export const leafHasNotExpired: Predicate = ({ leaf, at }) =>
  at <= leaf.notAfter
    ? undefined
    : refuse(
        'expired',
        `${named(leaf)} expired on ${when(leaf.notAfter)}.`,
        'The other side would refuse it.',
        'Renew it: look at why the issuer has not (`cmctl status certificate`).',
      );
