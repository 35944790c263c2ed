/**
 * What can go wrong with a Vault, each with its sentences.
 *
 * **Invariant:** a sentence names the connection and the path, never a token, a credential or a body.
 */
import { RotatorError } from '../../agent/model/errors.ts';
import type { SourceReading } from '../../agent/model/material.ts';
import type { Duration } from '../../agent/model/terms.ts';
import type { Trouble } from './exchange.ts';

export type VaultProblem =
  | Trouble
  | 'sealed'
  | 'too-many-requests'
  | 'server-error'
  | 'not-vault'
  | 'credential-file'
  | 'login-refused'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  | 'unexpected';

/** Problems of the connection as a whole, not of one path: asking again at once would only add to them. */
const OF_THE_CONNECTION: ReadonlySet<VaultProblem> = new Set<VaultProblem>([
  'unreachable',
  'tls',
  'timeout',
  'redirect',
  'proxy',
  'sealed',
  'too-many-requests',
  'server-error',
  'not-vault',
  'login-refused',
]);

/** Somebody has to change something; waiting alone doesn't help. */
const REFUSED: ReadonlySet<VaultProblem> = new Set<VaultProblem>([
  'tls',
  'redirect',
  'ca-file',
  'credential-file',
  'login-refused',
  'forbidden',
  'not-found',
  'invalid',
]);

const EFFECT = 'What is published stays as it is and serves on.';

export class VaultFailure extends RotatorError {
  readonly problem: VaultProblem;
  /** How long Vault asked us to wait. */
  readonly retryAfter: Duration | undefined;

  constructor(
    problem: VaultProblem,
    what: string,
    next: string,
    rest: { readonly retryAfter?: Duration | undefined; readonly cause?: unknown } = {},
  ) {
    const kind = REFUSED.has(problem) ? 'refused' : 'transient';
    super(kind, { what, effect: EFFECT, next }, rest.cause === undefined ? {} : { cause: rest.cause });
    this.name = 'VaultFailure';
    this.problem = problem;
    this.retryAfter = rest.retryAfter;
  }

  get isOfTheConnection(): boolean {
    return OF_THE_CONNECTION.has(this.problem);
  }
}

const TROUBLE: Readonly<Record<Trouble, readonly [what: string, next: string]>> = {
  unreachable: [
    'can not be reached',
    'See whether Vault runs, and whether name resolution, NetworkPolicies and proxy let the agent through; it tries again.',
  ],
  timeout: [
    'gave no answer in time',
    "See how busy Vault is, or raise the connection's `timeout`; the agent tries again.",
  ],
  tls: [
    'shows a certificate that is not trusted',
    "Correct the connection's `caFile` or `address`, or Vault's certificate. Nothing was sent to it.",
  ],
  'ca-file': [
    "can not be asked: its caFile can't be used",
    'Mount the file with the CAs that vouch for Vault, PEM, under the path that the configuration names.',
  ],
  'too-large': [
    'gave an answer that is larger than any that is expected',
    'See what answers at that path; the answer was thrown away unread.',
  ],
  redirect: [
    'sends the agent to another host, and the login must not go there',
    "Set the connection's `address` to the active node, or to a load balancer that reaches it (or let Vault's standby nodes forward).",
  ],
  proxy: [
    'can not be reached through the proxy',
    'Correct HTTPS_PROXY, or name Vault in NO_PROXY; the agent tries again.',
  ],
};

export const troubleWith = (
  connection: string,
  trouble: Trouble,
  detail: string,
  cause: unknown,
): VaultFailure => {
  const [what, next] = TROUBLE[trouble];
  return new VaultFailure(trouble, `Vault ${connection} ${what} (${detail}).`, next, { cause });
};

/** Any failure as a reading of a source. */
export const readingOf = (source: string, error: unknown): SourceReading => {
  if (error instanceof VaultFailure) {
    const words = { source, why: error.what, next: error.next };
    return error.problem === 'not-found'
      ? { state: 'waiting', ...words }
      : { state: 'unreachable', ...words };
  }
  return {
    state: 'unreachable',
    source,
    why: `${source} could not be read: ${error instanceof Error ? error.message : 'the reason is not known'}`,
    next: 'Report this as a defect; the agent tries again.',
  };
};
