/**
 * Nothing is read that is too large to be published, nor more than handshakes carry.
 *
 * **Invariant:** runs first, so that no parser meets text without a bound.
 */
import type { RawMaterial } from '../model/material.ts';
import type { Refusal } from '../model/refusal.ts';
import { refuse } from './refuse.ts';

/**
 * A Secret holds 1 MiB in all (Kubernetes, core/v1 MaxSecretSize). Old and new trust stand in it side by side, so that each part has less.
 * Go clients take a certificate request, which lists the subjects of all trusted CAs, up to 64 KiB (crypto/tls maxHandshake).
 */
export const LIMITS = {
  certificateBytes: 64 * 1024,
  keyBytes: 32 * 1024,
  anchorsBytes: 256 * 1024,
  certificates: 10,
  anchors: 100,
} as const;

const NEXT = 'Look at what writes the source: a bundle of public CAs does not belong here.';
const EFFECT = 'Published, it could exceed what a Secret or a TLS handshake holds.';

/** Refuses `too-large` by the length of the text. */
export const materialFitsInASecret = (raw: RawMaterial): Refusal | undefined => {
  const parts: readonly (readonly [string, number, number])[] = [
    ['certificate', raw.certificatePem.length, LIMITS.certificateBytes],
    ['private key', raw.key.length, LIMITS.keyBytes],
    ['CA bundle', raw.anchorsPem.length, LIMITS.anchorsBytes],
    ["issuer's CA", raw.upcomingAnchorsPem?.length ?? 0, LIMITS.anchorsBytes],
  ];
  const large = parts.find(([, length, limit]) => length > limit);
  if (large === undefined) return undefined;
  const [name, length, limit] = large;
  return refuse(
    'too-large',
    `The ${name} of ${raw.source} is ${length} bytes long; at most ${limit} are taken.`,
    EFFECT,
    NEXT,
  );
};

/** Refuses `too-large` by the number of certificates. */
export const certificatesAreFew = (raw: RawMaterial, chain: number, anchors: number): Refusal | undefined => {
  if (chain <= LIMITS.certificates && anchors <= LIMITS.anchors) return undefined;
  return refuse(
    'too-large',
    `${raw.source} holds a chain of ${chain} certificates and ${anchors} CAs; at most ${LIMITS.certificates} and ${LIMITS.anchors} are taken.`,
    EFFECT,
    NEXT,
  );
};
