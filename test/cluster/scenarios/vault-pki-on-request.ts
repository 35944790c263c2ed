/**
 * A Vault PKI source whose leafs live long and are renewed when a test says so: the configuration asks for one more name, and a leaf that
 * lacks it is due. (Renewed by the clock: `vaultPki` in `source-kinds.ts`.)
 */
import { createVaultCa, createVaultRole, replaceDefaultIssuer } from '../harness/vault-pki.ts';
import type { Place, SourceKind } from './source-kinds.ts';

export interface OnRequest {
  readonly name: string;
  readonly connection: string;
  readonly mount: string;
  readonly role: string;
  /** Writes the instance's configuration with what `source` is by then. */
  readonly configure: () => Promise<void>;
}

export const vaultPkiOnRequest = (place: Place, options: OnRequest): SourceKind => {
  const { name, connection, mount, role, configure } = options;
  const { admin } = place.vault;
  let renewals = 0;
  return {
    name,
    prepare: async () => {
      await createVaultCa(admin, mount);
      await createVaultRole(admin, mount, role, { ttl: '24h', max_ttl: '48h' });
    },
    get source() {
      const altNames = renewals === 0 ? [] : [`renewal-${renewals}.example`];
      return { vaultPki: { connection, mount, role, altNames, poll: '2s' } };
    },
    renew: async () => {
      renewals += 1;
      await configure();
    },
    replaceCa: () => replaceDefaultIssuer(admin, mount),
  };
};
