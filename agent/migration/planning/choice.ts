/**
 * What the operator decides about a plan: the flags of `migrate plan`, each for something that must not be guessed.
 */
import type { RootWay } from '../../model/migration.ts';

/** How the agent reaches Vault; asked for where Vault is to issue. */
export interface VaultChoice {
  readonly address: string;
  /** Of the PKI secrets engine. */
  readonly mount: string;
  /** Beginning of the names of the two roles: `-client` and `-serving` follow. */
  readonly role: string;
  /** Of the Kubernetes auth method, and the role there. */
  readonly authMount: string;
  readonly authRole: string;
  readonly caFile: string | undefined;
}

export interface PlanChoice {
  /** Name of the instance in the agent's configuration. */
  readonly name: string;
  /** The end of a place as `look` prints it (`corp-root/ca.pem`), which holds the root to be kept. `undefined`: the one that there is. */
  readonly root: string | undefined;
  /** The same of the client certificate that is kept, where nothing new can be issued. */
  readonly client: string | undefined;
  /** The same of the CA below the root that issues, where there are several. */
  readonly issuing: string | undefined;
  /** `undefined`: the first way that is possible. */
  readonly keep: RootWay | undefined;
  readonly vault: VaultChoice | undefined;
  /** `keep`: repo-server's serving certificate is left as it is. */
  readonly serving: 'issue' | 'keep';
}

/** Flags by what they decide: written once, told in problems. */
export const FLAG = {
  root: '--root',
  client: '--client',
  issuing: '--issuing',
  keep: '--keep',
  search: '--search-namespace',
  vault: '--vault',
  serving: '--serving',
} as const;
