/**
 * Whether it is time for a new leaf.
 *
 * **Invariant:** pure; equal looks give equal answers, and the moments of different leafs are spread.
 */
import type { Certificate } from '../../agent/model/certificate.ts';
import type { Due } from '../../agent/model/material.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { isNamedBy } from './wanted-names.ts';

/** Part of the lifetime by which leafs are spread, always earlier than the configuration says. */
const SPREAD = 0.05;
/** The last part of a lifetime, in which somebody has to know. */
const URGENT = 0.1;

/** 0 to 1, from the leaf itself: a real spread that needs no memory. */
const spreadOf = ({ fingerprint }: Certificate): number =>
  Number.parseInt(fingerprint.slice(0, 8), 16) / 0xffffffff;

/** When a leaf falls due by its age. */
export const renewalOf = (leaf: Certificate, renewAt: number): Instant =>
  leaf.notBefore + (leaf.notAfter - leaf.notBefore) * Math.max(0, renewAt - SPREAD * spreadOf(leaf));

/** Near enough to its end that somebody has to know. */
export const isUrgent = (leaf: Certificate, now: Instant): boolean =>
  leaf.notAfter - now <= (leaf.notAfter - leaf.notBefore) * URGENT;

export interface RenewalQuestion {
  readonly leaf: Certificate;
  readonly now: Instant;
  readonly renewAt: number;
  readonly wanted: readonly string[];
  /** The CA that signs now, where it is not the one that signed the leaf. */
  readonly otherIssuer: Certificate | undefined;
}

const dateOf = (at: Instant): string => new Date(at).toISOString();

export const dueOf = ({ leaf, now, renewAt, wanted, otherIssuer }: RenewalQuestion): Due | undefined => {
  const urgency = isUrgent(leaf, now) ? 'urgent' : 'routine';
  if (leaf.notAfter <= now) return { why: `the leaf expired at ${dateOf(leaf.notAfter)}`, urgency };
  const missing = wanted.filter((name) => !isNamedBy(leaf, name));
  if (missing.length > 0) return { why: `the leaf lacks the name ${missing.join(', ')}`, urgency };
  if (otherIssuer !== undefined)
    return { why: `the issuer is another CA now: ${otherIssuer.subject}`, urgency };
  if (now >= renewalOf(leaf, renewAt))
    return {
      why: `the leaf was issued at ${dateOf(leaf.notBefore)} and expires at ${dateOf(leaf.notAfter)}`,
      urgency,
    };
  return undefined;
};
