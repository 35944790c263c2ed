/**
 * Every Vault that is in use, once each, for as long as the process lives.
 *
 * **Invariant:** sources of equal connection settings share one token and one back-off, whatever instance they belong to.
 */
import type { VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import type { Clock, Random } from '../../agent/ports.ts';
import { type Vault, VaultConnection } from './connection.ts';
import { credentialFiles } from './credential-files.ts';
import { createHttpExchange } from './http-exchange.ts';

export interface Vaults {
  /** A changed configuration gets a connection of its own; the one before it is forgotten. */
  of(settings: VaultConnectionSettings): Vault;
}

export interface VaultsOutside {
  readonly clock: Clock;
  readonly random: Random;
  /** For the proxy's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const createVaults = ({ clock, random, environment }: VaultsOutside): Vaults => {
  const known = new Map<string, { readonly identity: string; readonly vault: Vault }>();
  return {
    of: (settings) => {
      const identity = JSON.stringify(settings);
      const present = known.get(settings.name);
      if (present?.identity === identity) return present.vault;
      const exchange = createHttpExchange(settings, environment, clock);
      const vault = new VaultConnection(settings, { exchange, files: credentialFiles, clock, random });
      known.set(settings.name, { identity, vault });
      return vault;
    },
  };
};
