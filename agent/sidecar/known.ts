/**
 * The certificates behind the fingerprints: what a sidecar's {@link Relations} are computed from.
 *
 * **Invariant:** a relation that can't be computed for want of a certificate is `unknown`, never `no`.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Instant } from '../model/terms.ts';
import { anchors } from '../pki/anchors.ts';
import { hasExpired } from '../pki/bundle.ts';
import type { Presented, Purpose } from '../pki/verify.ts';
import type { Verdict } from '../plan/compatibility.ts';
import type { Bundle, Relations } from './decision/situation.ts';

/** A leaf as others need to know it: no key. */
export interface PublicLeaf extends Presented {
  /** CAs that were handed over together with it. */
  readonly vouchers: Bundle;
}

export class Known {
  readonly #certificates = new Map<Fingerprint, Certificate>();
  readonly #leafs = new Map<Fingerprint, PublicLeaf>();

  learn(certificates: readonly Certificate[]): void {
    for (const certificate of certificates) this.#certificates.set(certificate.fingerprint, certificate);
  }

  /** What is learned first of a leaf stays: who vouched for it when it was written counts. */
  learnLeaf(presented: Presented, vouchers: Bundle): void {
    const { fingerprint } = presented.certificate;
    this.learn([presented.certificate, ...presented.intermediates]);
    const before = this.#leafs.get(fingerprint);
    if (before === undefined || before.vouchers.length === 0)
      this.#leafs.set(fingerprint, { ...presented, vouchers });
  }

  certificate(fingerprint: Fingerprint): Certificate | undefined {
    return this.#certificates.get(fingerprint);
  }

  leaf(fingerprint: Fingerprint): PublicLeaf | undefined {
    return this.#leafs.get(fingerprint);
  }

  /** Those that are known. */
  members(bundle: Bundle): readonly Certificate[] {
    return bundle.flatMap((fingerprint) => this.#certificates.get(fingerprint) ?? []);
  }

  relations(at: Instant): Relations {
    const judged = new Map<string, boolean>();
    const under = (leaf: PublicLeaf, ca: Certificate, side: Purpose): boolean => {
      const question = `${side} ${leaf.certificate.fingerprint} ${ca.fingerprint}`;
      const verdict = judged.get(question) ?? anchors(leaf, ca, at, side);
      judged.set(question, verdict);
      return verdict;
    };
    const acceptedUnder = (shown: Fingerprint, among: Bundle, side: Purpose): Bundle => {
      const leaf = this.#leafs.get(shown);
      if (leaf === undefined) return [];
      return this.members(among)
        .filter((ca) => under(leaf, ca, side))
        .map(({ fingerprint }) => fingerprint);
    };
    return {
      accepts: (bundle, shown, side): Verdict => {
        if (!this.#leafs.has(shown)) return 'unknown';
        if (acceptedUnder(shown, bundle, side).length > 0) return 'yes';
        return bundle.every((ca) => this.#certificates.has(ca)) ? 'no' : 'unknown';
      },
      acceptedUnder,
      vouchers: (shown, side) => {
        const leaf = this.#leafs.get(shown);
        if (leaf === undefined) return [];
        const then = Math.min(at, leaf.certificate.notAfter);
        return this.members(leaf.vouchers)
          .filter((ca) => anchors(leaf, ca, then, side))
          .map(({ fingerprint }) => fingerprint);
      },
      isExpired: (ca) => {
        const certificate = this.#certificates.get(ca);
        return certificate !== undefined && hasExpired(certificate, at);
      },
    };
  }
}
