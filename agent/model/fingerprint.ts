/**
 * Branded identities. A certificate, a key and a bundle can't be mistaken for one another, nor for a free string.
 */
declare const brand: unique symbol;

/** SHA-256 over a certificate's DER, 64 lower-case hex digits. */
export type Fingerprint = string & { readonly [brand]: 'certificate' };

/** SHA-256 over a public key's SubjectPublicKeyInfo DER, 64 lower-case hex digits. */
export type KeyFingerprint = string & { readonly [brand]: 'key' };

/** SHA-256 over the sorted fingerprints of a trust bundle's certificates: two bundles with the same members have the same id, whatever their order. */
export type BundleFingerprint = string & { readonly [brand]: 'bundle' };

/** First twelve digits, as people see fingerprints in plans, spans and logs. */
export const short = (value: string): string => value.slice(0, 12);
