/**
 * Vault or OpenBao as the configuration describes it: how it is reached, and what one source wants of it.
 *
 * **Invariant:** no member holds a secret; what opens Vault stands in files that are named here.
 */
import type { ShapeFields } from './shape-fields.ts';
import type { Duration } from './terms.ts';

/** How the agent logs in. Files are read anew at each login. */
export type VaultAuth =
  | {
      /** The ServiceAccount's token, which Vault checks at the API server; `jwt`: a token that Vault checks by itself. */
      readonly method: 'kubernetes' | 'jwt';
      readonly mount: string;
      readonly role: string;
      readonly tokenFile: string;
    }
  | {
      readonly method: 'appRole';
      readonly mount: string;
      /** Not a secret by itself; in a file where the platform hands it out so. */
      readonly roleId: { readonly value: string } | { readonly file: string };
      readonly secretIdFile: string;
    }
  /** A token that somebody else keeps in a file, as Vault Agent does. */
  | { readonly method: 'tokenFile'; readonly path: string };

/** One Vault, shared by every source and instance that names it. */
export interface VaultConnectionSettings {
  /** Its name in the configuration. */
  readonly name: string;
  /** Scheme, host and port; no path. */
  readonly address: string;
  /** Vault's own namespace (Enterprise, OpenBao), not Kubernetes'. */
  readonly namespace: string | undefined;
  /** CAs that vouch for Vault, PEM. `undefined`: those that Node knows. */
  readonly caFile: string | undefined;
  /** For one request, from its first byte to the answer's last. */
  readonly timeout: Duration;
  readonly auth: VaultAuth;
}

export const VAULT_KEYS = [
  'ec-p256',
  'ec-p384',
  'ec-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ed25519',
] as const;
export type VaultKey = (typeof VAULT_KEYS)[number];

/** Certificates that the agent asks a PKI secrets engine for. */
export interface VaultPkiSpec {
  readonly type: 'vaultPki';
  readonly connection: VaultConnectionSettings;
  readonly mount: string;
  readonly role: string;
  /** Name or id of the issuer; `undefined`: the one that the role names, which is the mount's default unless it says otherwise. */
  readonly issuer: string | undefined;
  /** `undefined`: the first dialled name. */
  readonly commonName: string | undefined;
  /** DNS names beside the dialled ones. */
  readonly altNames: readonly string[];
  /** `undefined`: the role's. */
  readonly ttl: Duration | undefined;
  /** `sign`: the key is made here and Vault sees a request only. `issue`: Vault makes it. */
  readonly method: 'sign' | 'issue';
  readonly key: VaultKey;
  /** Fraction of the lifetime after which a new leaf is due. */
  readonly renewAt: number;
  /** Age at which what is known of the issuers is looked at again. */
  readonly poll: Duration;
}

/** A pair that somebody else puts into a KV secrets engine, version 2. */
export interface VaultKvSpec {
  readonly type: 'vaultKv';
  readonly connection: VaultConnectionSettings;
  readonly mount: string;
  readonly path: string;
  /** Names of the fields, where they are none of the usual ones. */
  readonly fields: ShapeFields | undefined;
  readonly poll: Duration;
}
