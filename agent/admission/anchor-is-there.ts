/**
 * The source names at least one CA.
 *
 * **Invariant:** no CA is guessed from the chain: what is trusted must have been named as trusted.
 */
import type { BundlePredicate } from './draft.ts';
import { refuse } from './refuse.ts';

export const anchorIsThere: BundlePredicate = ({ raw, anchors }) =>
  anchors.length > 0
    ? undefined
    : refuse(
        'no-anchor',
        `${raw.source} names no CA: \`ca.crt\`, or what the configuration names in its place, is missing or empty.`,
        'There is nothing to verify the certificate against, and repo-server does not start with an empty CA file.',
        'Say in the configuration where the CA stands (`ca: { secret: …, key: … }` or `ca: { configMap: …, key: … }`): ACME issuers and many others do not deliver it.',
      );
