/**
 * Certificates and keys as a source hands them over.
 */
import type { Certificate } from './certificate.ts';
import type { Refusal } from './refusal.ts';
import type { SecretBytes } from './secret-bytes.ts';
import type { Instant } from './terms.ts';

/** A certificate that identifies somebody, with what it needs to be presented. */
export interface Leaf {
  readonly certificate: Certificate;
  /** Certificates between the leaf and its anchor, leaf's issuer first; never the self-signed root. */
  readonly intermediates: readonly Certificate[];
  /** PKCS#8 or traditional PEM, as the source holds it. */
  readonly key: SecretBytes;
}

/** What one source delivers at one moment: a leaf, and the CAs under which the other side shall accept it. */
export interface Material {
  /** For people and spans: `cert-manager Certificate argocd/repo-client`. */
  readonly source: string;
  /** Changes whenever the content may have changed; opaque (a revision, a resourceVersion). */
  readonly version: string;
  readonly leaf: Leaf;
  /** Anchors, validated; at least one. */
  readonly anchors: readonly Certificate[];
  /**
   * Anchors that are to be trusted although no leaf under them has been issued yet: an issuer whose CA was replaced.
   * Empty for most sources at most times.
   */
  readonly upcomingAnchors: readonly Certificate[];
}

/** Raw text as a source found it, before anything was believed. */
export interface RawMaterial {
  readonly source: string;
  readonly version: string;
  readonly certificatePem: string;
  readonly key: SecretBytes;
  /** Concatenated PEM; empty where the source names no CA. */
  readonly anchorsPem: string;
  readonly upcomingAnchorsPem?: string | undefined;
}

/**
 * What asking a source came to. Only `ready` carries anything that could be published; everything else leaves what is published alone.
 */
export type SourceReading =
  | { readonly state: 'ready'; readonly raw: RawMaterial; readonly changedAt: Instant | undefined }
  /** Not there yet, or in the middle of an update: ask again later. */
  | { readonly state: 'waiting'; readonly source: string; readonly why: string; readonly next: string }
  /** There, but not usable as it is. */
  | { readonly state: 'refused'; readonly source: string; readonly refusal: Refusal }
  /** Could not be asked. */
  | { readonly state: 'unreachable'; readonly source: string; readonly why: string; readonly next: string };

/** A reading after admission. */
export type MaterialReading =
  | { readonly state: 'ready'; readonly material: Material; readonly changedAt: Instant | undefined }
  | Exclude<SourceReading, { state: 'ready' }>;
