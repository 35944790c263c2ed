/**
 * What the agent knows of one X.509 certificate, as plain data. Parsed by `pki/parse.ts`, never built by hand outside tests.
 */
import type { Fingerprint, KeyFingerprint } from './fingerprint.ts';
import type { Instant } from './terms.ts';

export type KeyKind =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'ed25519' }
  | { readonly type: 'other'; readonly name: string };

export interface Certificate {
  readonly fingerprint: Fingerprint;
  /** Identity of the public key: equal for a CA that was renewed with the same key. */
  readonly keyFingerprint: KeyFingerprint;
  /** RFC 4514 style, for people. Compare {@link subjectDer} instead. */
  readonly subject: string;
  readonly issuer: string;
  /** DER of the names, base64: what chain building compares (Go compares raw names too: crypto/x509 cert_pool.go). */
  readonly subjectDer: string;
  readonly issuerDer: string;
  readonly serial: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  /** keyCertSign in keyUsage; `undefined` where the extension is absent (which permits it). */
  readonly mayIssue: boolean | undefined;
  /** Extended key usages as dotted OIDs; empty where the extension is absent (which permits any). */
  readonly extendedKeyUsages: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly key: KeyKind;
  readonly signatureAlgorithm: string;
  readonly selfSigned: boolean;
  /** One PEM block with a final newline, re-encoded from the DER. */
  readonly pem: string;
}
