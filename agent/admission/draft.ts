/**
 * Material that was read but not yet judged: what every predicate looks at.
 *
 * **Invariant:** holds nothing that a predicate would have to parse, and no clock: `at` is the moment for which all of them answer.
 */
import type { Certificate } from '../model/certificate.ts';
import type { RawMaterial } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Instant } from '../model/terms.ts';
import type { PrivateKey } from '../pki/private-key.ts';
import type { Purpose } from '../pki/verify.ts';

export interface Draft {
  readonly raw: RawMaterial;
  readonly purpose: Purpose;
  readonly at: Instant;
  /** Names that clients dial, without port; only for `serving`. */
  readonly dialledNames: readonly string[];
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly key: PrivateKey;
  /** As the source named them, expired ones included. */
  readonly anchors: readonly Certificate[];
  readonly upcomingAnchors: readonly Certificate[];
}

/** One reason not to publish; `undefined` where it does not apply. */
export type Predicate = (draft: Draft) => Refusal | undefined;

/** Judged with or without a key. */
export type CertificatePredicate = (draft: Omit<Draft, 'key'>) => Refusal | undefined;

/** Judged of the CAs alone. */
export type BundlePredicate = (bundle: Pick<Draft, 'raw' | 'anchors' | 'at'>) => Refusal | undefined;
