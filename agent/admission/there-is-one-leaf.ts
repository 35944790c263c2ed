/**
 * What is presented is one certificate that is no CA, with the CAs above it.
 *
 * **Invariant:** the leaf is found by its missing CA bit, not by its position: what is published is put in order anyway.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Refusal } from '../model/refusal.ts';
import { splitChain } from '../pki/chain.ts';
import { named, refuse } from './refuse.ts';

export const thereIsOneLeaf = (
  certificates: readonly Certificate[],
  source: string,
):
  | { readonly leaf: Certificate; readonly intermediates: readonly Certificate[] }
  | { readonly refusal: Refusal } => {
  const { leafs, intermediates } = splitChain(certificates);
  const [leaf, ...others] = leafs;
  const [first] = certificates;
  if (first === undefined)
    return {
      refusal: refuse(
        'no-certificate',
        `${source} holds no certificate.`,
        'Without one there is nothing to identify by.',
        'Wait for the issuer, or look at its events: the Secret is there, but `tls.crt` is missing or empty.',
      ),
    };
  if (leaf === undefined)
    return {
      refusal: refuse(
        'leaf-is-ca',
        `${source} presents only CA certificates: ${named(first)}.`,
        'Whoever gets hold of its key could issue certificates that every repo-server accepts.',
        'Issue a certificate with `isCA: false` from that CA, and name the CA as trusted.',
      ),
    };
  if (others.length > 0)
    return {
      refusal: refuse(
        'several-leafs',
        `${source} presents ${leafs.length} certificates that are no CA: ${leafs.map(named).join(', ')}.`,
        'Go presents the first one and takes the others for intermediates.',
        'Leave the one that the private key belongs to, followed by its intermediate CAs.',
      ),
    };
  return { leaf, intermediates };
};
