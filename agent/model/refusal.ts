/**
 * Why material is not published. Each code has one sentence, one test, and one row in the reference.
 */
export const REFUSAL_CODES = [
  'unreadable',
  'no-certificate',
  'several-leafs',
  'no-key',
  'key-unreadable',
  'key-mismatch',
  'no-anchor',
  'anchor-not-ca',
  'anchor-expired',
  'chain-broken',
  'path-length-exceeded',
  'leaf-is-ca',
  'client-auth-missing',
  'server-auth-missing',
  'san-missing',
  'expired',
  'not-yet-valid',
  'weak-key',
  'weak-signature',
  'unsupported-key',
  'too-large',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** What is wrong, with the values found. Never key material. */
  readonly what: string;
  /** What it means for traffic. */
  readonly effect: string;
  /** What to do next. */
  readonly next: string;
}
