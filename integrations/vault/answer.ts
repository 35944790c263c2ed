/**
 * Vault's answers: JSON into the few shapes that are used, anything else into a named failure.
 *
 * **Invariant:** of an answer that is not Vault's nothing is quoted; of Vault's own errors only its `errors` are, one line each.
 */
import type { VaultReply, VaultRequest } from './exchange.ts';
import { VaultFailure } from './failure.ts';

type Group = Readonly<Record<string, unknown>>;

export const groupOf = (value: unknown): Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Group) : {};

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

const parse = (text: string): Group | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Group) : undefined;
  } catch {
    return undefined;
  }
};

/** Tokens (`hvs.…`, older `s.…`), JWTs and PEM, should Vault repeat any of what it was sent. */
const SECRETS = /\b(?:hv[a-z]\.|s\.|eyJ)[\w.-]{8,}|-----BEGIN [\s\S]*/g;

/** Vault answers with one, seldom two. */
const MOST_ERRORS = 5;

/** Vault's own words, short and on one line. */
const errorsOf = (body: Group): string =>
  textsOf(body.errors)
    .slice(0, MOST_ERRORS)
    .map((line) => line.replaceAll(SECRETS, '[secret]').replaceAll(/\s+/g, ' ').trim().slice(0, 300))
    .filter((line) => line !== '')
    .join('; ');

/** What a policy has to grant for a request (developer.hashicorp.com/vault/docs/concepts/policies#capabilities). */
const CAPABILITY = { GET: 'read', LIST: 'list', POST: 'update' } as const;

export const capabilityOf = ({ method }: VaultRequest): string => CAPABILITY[method];

/**
 * The content of a good answer.
 *
 * @throws VaultFailure for every other one
 */
export const contentOf = (connection: string, request: VaultRequest, reply: VaultReply): Group => {
  const { status, retryAfter } = reply;
  const path = request.path.replace(/\?.*/, '');
  const raw = reply.text.reveal();
  const body = raw.trim() === '' ? {} : parse(raw);
  const about = `Vault ${connection}`;
  if (body === undefined)
    throw new VaultFailure(
      'not-vault',
      `${about} answered ${path} with status ${status} and something that is not JSON, so not Vault's: a proxy, a load balancer or another server answers in its place.`,
      "Correct the connection's `address`, or mend what stands between; the agent tries again.",
      { retryAfter },
    );
  if (status >= 200 && status < 300) return body;
  const words = errorsOf(body);
  const said = words === '' ? '' : ` It says: ${words}.`;
  switch (status) {
    case 400:
    case 405:
    case 412:
    case 422:
      throw new VaultFailure(
        status === 412 ? 'server-error' : 'invalid',
        `${about} refused the request ${path} (status ${status}).${said}`,
        'Correct the role in Vault, or mount, role, issuer and names in the configuration.',
      );
    case 403:
      throw new VaultFailure(
        'forbidden',
        `${about} permits no ${capabilityOf(request)} on ${path}.${said}`,
        `Grant the capability "${capabilityOf(request)}" on path "${path}" in a policy of the agent's login.`,
      );
    case 404:
      throw new VaultFailure(
        'not-found',
        `${about} has nothing at ${path} (${capabilityOf(request)}).${said}`,
        'Correct mount, path, role or issuer in the configuration, or create it in Vault.',
      );
    case 429:
      throw new VaultFailure(
        'too-many-requests',
        `${about} has had too many requests (status 429).${said}`,
        'The agent waits as long as Vault asks. Raise its quota if this goes on.',
        { retryAfter },
      );
    case 503:
      throw new VaultFailure(
        'sealed',
        `${about} is sealed or can not serve now (status 503).${said}`,
        'Unseal it, or see why it has no active node; the agent tries again.',
        { retryAfter },
      );
    default:
      // 500 speaks of one path (an issuer that does not exist, say), what is above it of the server or of what stands before it.
      throw new VaultFailure(
        status > 500 ? 'server-error' : 'unexpected',
        `${about} answered ${path} with status ${status}.${said}`,
        "See Vault's own log at this time; the agent tries again.",
        { retryAfter },
      );
  }
};
