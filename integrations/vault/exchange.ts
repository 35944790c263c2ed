/**
 * What goes over the wire to Vault, as an interface: the logic beside it is tested with fakes, `http-exchange.ts` is the real one.
 *
 * **Invariant:** an answer of whatever status is an answer; only where there is none, or none that may be used, is something thrown.
 */
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Duration } from '../../agent/model/terms.ts';

export interface VaultRequest {
  readonly method: 'GET' | 'LIST' | 'POST';
  /** Below `/v1/`: `pki/sign/client`. */
  readonly path: string;
  readonly token?: SecretBytes | undefined;
  /** JSON; may hold a credential. */
  readonly body?: SecretBytes | undefined;
}

export interface VaultReply {
  readonly status: number;
  /** May hold a key or a token. */
  readonly text: SecretBytes;
  readonly retryAfter: Duration | undefined;
}

/** Why there is no answer that could be used. */
export type Trouble = 'unreachable' | 'tls' | 'timeout' | 'too-large' | 'redirect' | 'ca-file' | 'proxy';

export class ExchangeError extends Error {
  readonly trouble: Trouble;
  /** For people: a host, a code, a limit; never content. */
  readonly detail: string;

  constructor(trouble: Trouble, detail: string, options?: ErrorOptions) {
    super(`${trouble}: ${detail}`, options);
    this.name = 'ExchangeError';
    this.trouble = trouble;
    this.detail = detail;
  }
}

export interface VaultExchange {
  /** @throws ExchangeError */
  send(request: VaultRequest): Promise<VaultReply>;
}

/** Files that hold credentials, as they are now. */
export interface CredentialFiles {
  /** The text without white space at its ends. @throws Error with the system's code (`ENOENT`). */
  read(path: string): Promise<SecretBytes>;
}
