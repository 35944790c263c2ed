/**
 * What the Vault contract needs of a server: the real core, or the stand-in.
 *
 * **Invariant:** both are administered over Vault's own HTTP API by the same administrator; no sentence knows which one it runs against.
 */
import type { VaultAdmin } from '../../cluster/harness/vault-admin.ts';

export interface VaultWorld {
  /** `https://host:port` */
  readonly address: string;
  readonly caFile: string;
  readonly admin: VaultAdmin;
  stop(): Promise<void>;
}

export type WorldOf = () => VaultWorld;

/** The policy that docs/sources.md asks for, for one PKI mount and role. */
export const PKI_POLICY = (mount: string, role: string) => ({
  [`${mount}/sign/${role}`]: ['update'] as const,
  [`${mount}/issue/${role}`]: ['update'] as const,
  [`${mount}/issuer/+/sign/${role}`]: ['update'] as const,
  [`${mount}/roles/${role}`]: ['read'] as const,
});

/** The same for one secret of a KV mount. */
export const KV_POLICY = (mount: string, path: string) => ({
  [`${mount}/metadata/${path}`]: ['read'] as const,
  [`${mount}/data/${path}`]: ['read'] as const,
});
