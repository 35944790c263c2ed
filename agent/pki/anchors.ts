/**
 * The question that every step of a rotation turns on: would a Go program that trusts this CA accept that leaf?
 *
 * **Invariant:** the name of an issuer proves nothing; two CAs of one name are told apart by their signatures.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Instant } from '../model/terms.ts';
import { type Presented, type Purpose, verifyChain } from './verify.ts';

/**
 * True where Go's crypto/x509 accepts what is presented with `ca` as its only root, at that instant.
 *
 * @param purpose also require that the whole chain may be used so; Argo CD's repo-server requires `client`.
 */
export const anchors = (presented: Presented, ca: Certificate, at: Instant, purpose?: Purpose): boolean =>
  verifyChain(presented, [ca], at, purpose).ok;
