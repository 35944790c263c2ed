/**
 * Where in a Secret, ConfigMap, Vault entry or directory the parts of a pair stand, where the configuration says it.
 */
export interface ShapeFields {
  /** The leaf, with its intermediates behind it. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The CAs under which the other side shall accept the leaf. */
  readonly ca?: string | undefined;
}
