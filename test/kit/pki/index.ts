/**
 * Test PKI in one import: `makeCa`, `renewCaSameKey`, `replaceCa`, `makeLeaf`, `rawMaterial`, keys and extensions.
 *
 * **Invariant:** nothing here reads a clock; validity runs from 2020 to 2049 unless a test names other dates.
 */
export { pemBlock } from './der.ts';
export * from './extensions.ts';
export * from './identities.ts';
export { type KeyPair, type KeySpec, keyPem, makeKey } from './keys.ts';
export { type CertificateParts, type Extension, type Hash, name } from './x509.ts';
