/**
 * Vault over HTTPS: one of the edges, and the only file here that opens a socket.
 *
 * **Invariant:** an answer is read up to a limit and within a time; a token goes to the configured origin and nowhere else.
 */
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { PRODUCT } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import type { Clock } from '../../agent/ports.ts';
import { errorCode } from './error-code.ts';
import {
  ExchangeError,
  type Trouble,
  type VaultExchange,
  type VaultReply,
  type VaultRequest,
} from './exchange.ts';

/** Far above any answer that is asked for: Vault stores at most 1 MiB an entry. */
const LARGEST_ANSWER = 2 * 1024 * 1024;

/** For all sources that share a connection. */
const SOCKETS = 8;

type Environment = Readonly<Record<string, string | undefined>>;

/** OpenSSL's names for what is wrong with a chain (X509_V_ERR_…, without the prefix), and Node's for TLS. */
const TLS_CODES =
  /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_|HOSTNAME_MISMATCH|PATH_LENGTH)/;

const troubleOf = (code: string): Trouble =>
  code.startsWith('ERR_PROXY') ? 'proxy' : TLS_CODES.test(code) ? 'tls' : 'unreachable';

/** Seconds, or a date (RFC 9110, 10.2.3). */
const retryAfterOf = ({ headers }: IncomingMessage, now: number): number | undefined => {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? wait : undefined;
};

/**
 * An agent that goes through the proxy that the environment names (node:http, `proxyEnv`, since v24.5). Without TLS only loopback is asked,
 * which no proxy could reach.
 */
const agentFor = (isTls: boolean, environment: Environment, ca: string | undefined): HttpAgent => {
  const proxyEnv = Object.fromEntries(
    ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'].flatMap((name) =>
      environment[name] === undefined || environment[name] === '' ? [] : [[name, environment[name]]],
    ),
  );
  const options = { keepAlive: true, maxSockets: SOCKETS };
  return isTls
    ? new HttpsAgent({ ...options, proxyEnv, ...(ca === undefined ? {} : { ca }), minVersion: 'TLSv1.2' })
    : new HttpAgent(options);
};

class HttpExchange implements VaultExchange {
  readonly #settings: VaultConnectionSettings;
  readonly #environment: Environment;
  readonly #clock: Clock;
  readonly #isTls: boolean;
  #agent: { readonly ca: string | undefined; readonly agent: HttpAgent } | undefined;

  constructor(settings: VaultConnectionSettings, environment: Environment, clock: Clock) {
    this.#settings = settings;
    this.#environment = environment;
    this.#clock = clock;
    this.#isTls = settings.address.startsWith('https:');
  }

  async send(request: VaultRequest): Promise<VaultReply> {
    const agent = await this.#agentNow();
    const url = new URL(`/v1/${request.path}`, this.#settings.address);
    if (request.method === 'LIST') url.searchParams.set('list', 'true');
    try {
      return await this.#once(request, url, agent);
    } catch (error) {
      if (error instanceof ExchangeError) throw error;
      // Vault closed a connection that lay idle, just as it was used again.
      if (error instanceof StaleSocket) return this.#once(request, url, agent);
      // OpenSSL or Node refuses to begin at all.
      throw new ExchangeError(troubleOf(errorCode(error)), `${url.host}: ${errorCode(error)}`, {
        cause: error,
      });
    }
  }

  /** Made anew when the CAs change, so that a renewed file needs no restart. */
  async #agentNow(): Promise<HttpAgent> {
    const ca = await this.#ca();
    if (this.#agent === undefined || this.#agent.ca !== ca) {
      this.#agent?.agent.destroy();
      this.#agent = { ca, agent: agentFor(this.#isTls, this.#environment, ca) };
    }
    return this.#agent.agent;
  }

  async #ca(): Promise<string | undefined> {
    const { caFile } = this.#settings;
    if (caFile === undefined || !this.#isTls) return undefined;
    let text: string;
    try {
      text = await readFile(caFile, 'utf8');
    } catch (error) {
      throw new ExchangeError('ca-file', `${caFile}: ${errorCode(error)}`);
    }
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    throw new ExchangeError('ca-file', `${caFile}: no PEM certificate in it`);
  }

  #once(request: VaultRequest, url: URL, agent: HttpAgent): Promise<VaultReply> {
    const { timeout, namespace } = this.#settings;
    const body = request.body?.reveal();
    const call = this.#isTls ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = call(url, {
        agent,
        method: request.method === 'POST' ? 'POST' : 'GET',
        headers: {
          'User-Agent': PRODUCT,
          Accept: 'application/json',
          'X-Vault-Request': 'true',
          ...(namespace === undefined ? {} : { 'X-Vault-Namespace': namespace }),
          ...(request.token === undefined ? {} : { 'X-Vault-Token': request.token.reveal() }),
          ...(body === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        },
      });
      /** The first word counts: what follows from the destruction is not told. */
      const giveUp = (error: Error): void => {
        cancel();
        reject(error);
        outgoing.destroy();
      };
      const cancel = this.#clock.after(timeout, () =>
        giveUp(new ExchangeError('timeout', `${url.host}, ${timeout} ms`)),
      );
      const fail = (error: unknown): void => {
        const code = errorCode(error);
        if (error instanceof ExchangeError) giveUp(error);
        else if (outgoing.reusedSocket && code === 'ECONNRESET') giveUp(new StaleSocket());
        else giveUp(new ExchangeError(troubleOf(code), `${url.host}: ${code}`, { cause: error }));
      };
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        const { location } = incoming.headers;
        const status = incoming.statusCode ?? 0;
        if (status >= 300 && status < 400) {
          giveUp(new ExchangeError('redirect', redirected(location, url, status)));
          return;
        }
        this.#readAll(incoming).then((text) => {
          cancel();
          resolve({ status, text, retryAfter: retryAfterOf(incoming, this.#clock.now()) });
        }, fail);
      });
      outgoing.end(body);
    });
  }

  async #readAll(incoming: IncomingMessage): Promise<SecretBytes> {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of incoming as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > LARGEST_ANSWER)
        throw new ExchangeError('too-large', `more than ${LARGEST_ANSWER / 1024 / 1024} MiB`);
      parts.push(part);
    }
    return SecretBytes.of(Buffer.concat(parts).toString('utf8'));
  }
}

class StaleSocket extends Error {}

/** Where to, as far as it is safe to show: the host alone. */
const redirected = (location: string | undefined, from: URL, status: number): string => {
  try {
    return `status ${status}, from ${from.host} to ${new URL(location ?? '', from).host}`;
  } catch {
    return `status ${status}, from ${from.host} to something that is no URL`;
  }
};

export const createHttpExchange = (
  settings: VaultConnectionSettings,
  environment: Environment,
  clock: Clock,
): VaultExchange => new HttpExchange(settings, environment, clock);
