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

/** What is published now in the place that a source is to fill; a source that issues by itself decides by it whether it is time. */
export interface PublishedPair {
  readonly certificatePem: string;
  readonly key: SecretBytes;
  /** The published trust bundle of that side, concatenated PEM. */
  readonly anchorsPem: string;
}

/** What a source is told when it is asked. */
export interface SourceRequest {
  readonly published: PublishedPair | undefined;
  /** Names, without port, that a serving certificate has to carry; empty for client certificates. */
  readonly dialledNames: readonly string[];
}

export const NOTHING_PUBLISHED: SourceRequest = { published: undefined, dialledNames: [] };

/** A source that issues by itself finds that it is time for a new leaf. Nothing has been asked for yet: that is a step of a plan. */
export interface Due {
  readonly why: string;
  /** `urgent`: expiry is near enough that somebody has to know. */
  readonly urgency: 'routine' | 'urgent';
}

/** Something about a source that works, but should not stay so. */
export interface SourceWarning {
  readonly code: 'exposed-key' | 'readable-key' | 'files-unwatched';
  readonly what: string;
  readonly next: string;
}

/**
 * What asking a source came to. Only `ready` carries anything that could be published; everything else leaves what is published alone.
 */
export type SourceReading =
  | {
      readonly state: 'ready';
      readonly raw: RawMaterial;
      readonly changedAt: Instant | undefined;
      readonly due?: Due | undefined;
      /** The agent's own Secret that holds this pair until it is published; erased then. */
      readonly pendingSecret?: string | undefined;
      readonly warnings?: readonly SourceWarning[] | undefined;
    }
  /** Not there yet, or in the middle of an update: ask again later. */
  | {
      readonly state: 'waiting';
      readonly source: string;
      readonly why: string;
      readonly next: string;
      readonly due?: Due | undefined;
    }
  /** There, but not usable as it is. */
  | { readonly state: 'refused'; readonly source: string; readonly refusal: Refusal }
  /** Could not be asked. */
  | { readonly state: 'unreachable'; readonly source: string; readonly why: string; readonly next: string };

/** A reading after admission. */
export type MaterialReading =
  | (Omit<Extract<SourceReading, { state: 'ready' }>, 'raw'> & { readonly material: Material })
  | Exclude<SourceReading, { state: 'ready' }>;
