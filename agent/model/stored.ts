/**
 * Secrets and ConfigMaps as the agent sees them.
 */
import type { SecretBytes } from './secret-bytes.ts';
import type { Instant } from './terms.ts';

/** One entry of managedFields: who owns which data keys and annotations, and when that last changed. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string | undefined;
  readonly time: Instant | undefined;
  /** Keys below `data` (and `stringData`) that this manager owns. */
  readonly dataKeys: readonly string[];
  /** Annotation names that this manager owns. */
  readonly annotations: readonly string[];
}

export interface StoredObject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: Instant;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly immutable: boolean;
  readonly owners: readonly FieldOwner[];
  /** Kind/name of ownerReferences: a controller that will write again. */
  readonly ownerReferences: readonly { readonly kind: string; readonly name: string }[];
}

/** A Secret; values are the decoded bytes, each wrapped so that printing a Secret by accident shows nothing of it. */
export interface StoredSecret extends StoredObject {
  readonly type: string;
  readonly data: ReadonlyMap<string, SecretBytes>;
}

export interface StoredConfigMap extends StoredObject {
  readonly data: Readonly<Record<string, string>>;
  /** Values that are no text; wrapped like a Secret's, since people keep keystores there. */
  readonly binaryData?: ReadonlyMap<string, SecretBytes> | undefined;
}

/** What a write expects to find: the object absent, or exactly at this version. */
export type Precondition =
  | { readonly expect: 'absent' }
  | { readonly expect: 'version'; readonly uid: string; readonly resourceVersion: string };
