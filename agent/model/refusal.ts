/**
 * Why material is not published. Each code has one sentence, one test, and one row in the reference.
 */
/** What admission finds wrong with certificates and keys. */
export const ADMISSION_CODES = [
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

/** What keeps certificates and keys from being found in what a source holds (integrations/shapes). */
export const SHAPE_CODES = [
  'field-missing',
  'shape-unknown',
  'shape-ambiguous',
  'pkcs12-unreadable',
  'pkcs12-password',
  'not-under-fips',
] as const;

/** What keeps files from being read (integrations/mounted). */
export const FILE_CODES = ['not-a-file', 'link-astray'] as const;

export const REFUSAL_CODES = [...ADMISSION_CODES, ...SHAPE_CODES, ...FILE_CODES] as const;
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
