/**
 * `tls.crt` taken apart: the leaf, and what lies between it and its anchor.
 *
 * **Invariant:** a self-signed root is never presented; a client that sends it gains nothing, and a bundle must not grow by it.
 */
import type { Certificate } from '../model/certificate.ts';
import { unionBundle } from './bundle.ts';
import { signedBy } from './signature.ts';
import { UnreadablePki } from './unreadable.ts';

/** Every two of one name are tried on each other, so that the work grows with the square. */
const MOST_CERTIFICATES = 100;

const requireFew = (certificates: readonly Certificate[]): void => {
  if (certificates.length > MOST_CERTIFICATES)
    throw new UnreadablePki(`${certificates.length} certificates are more than are put in order.`);
};

const issued = (child: Certificate, parent: Certificate): boolean =>
  child.issuerDer === parent.subjectDer && signedBy(child, parent);

/**
 * The certificates above `leaf`, its issuer first, whatever order they came in. What is not linked to the leaf by name and signature is
 * left out; where two certificates of one CA stand side by side (cross-signed), both are in.
 *
 * @throws UnreadablePki where there are more than a hundred.
 */
export const orderChain = (leaf: Certificate, others: readonly Certificate[]): Certificate[] => {
  requireFew(others);
  const ordered: Certificate[] = [];
  let left = unionBundle(others).filter((other) => other.fingerprint !== leaf.fingerprint);
  let level: readonly Certificate[] = [leaf];
  while (level.length > 0) {
    const children = level;
    const parents = left.filter((parent) => children.some((child) => issued(child, parent)));
    left = left.filter((other) => !parents.includes(other));
    ordered.push(...parents);
    level = parents;
  }
  return ordered;
};

export interface SplitChain {
  /** Certificates without the CA bit, each once: exactly one in sound material. */
  readonly leafs: readonly Certificate[];
  /** Issuer of the first leaf first; without self-signed roots. */
  readonly intermediates: readonly Certificate[];
}

/** What `tls.crt` holds, in whatever order. @throws UnreadablePki as {@link orderChain} */
export const splitChain = (certificates: readonly Certificate[]): SplitChain => {
  const seen = new Set<string>();
  const distinct = certificates.filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint));
  const leafs = distinct.filter((certificate) => !certificate.isCa);
  const [leaf] = leafs;
  const above = distinct.filter((certificate) => certificate.isCa && !certificate.selfSigned);
  return { leafs, intermediates: leaf === undefined ? above : orderChain(leaf, above) };
};

/**
 * Of an issuer's chain, the CAs that would have to be trusted anew: its tops, without those that `anchors` cover already. A self-signed CA
 * is covered by itself only: renewed with the same key it outlives the one that is trusted now.
 *
 * @throws UnreadablePki where there are more than a hundred of either.
 */
export const newAnchors = (
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
): readonly Certificate[] => {
  requireFew(chain);
  requireFew(anchors);
  const trusted = new Set(anchors.map((anchor) => anchor.fingerprint));
  const under = (child: Certificate, parents: readonly Certificate[]): boolean =>
    !child.selfSigned && parents.some((parent) => issued(child, parent));
  return unionBundle(chain).filter(
    (top) => !trusted.has(top.fingerprint) && !under(top, chain) && !under(top, anchors),
  );
};
