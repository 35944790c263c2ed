/**
 * A Vault for tests: real HTTPS on loopback, and behind it what the sources rely on, as Vault's own core does it.
 *
 * **Invariant:** held to the same sentences as the real core (test/contract/vault); whatever goes wrong on order goes wrong before a handler.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { VaultAdmin } from '../../../cluster/harness/vault-admin.ts';
import { type Authority, makeCa, makeLeaf, USAGE } from '../../pki/index.ts';
import { type Answer, type Ask, data, done, type Json, Refused, text } from './answer.ts';
import { Kv } from './kv.ts';
import { Login } from './logins.ts';
import { Pki } from './pki.ts';
import { Tokens } from './tokens.ts';

/** Answers in place of Vault, or lets it answer. */
export type Interruption = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'handled' | 'go on' | Promise<'handled' | 'go on'>;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

const UNAUTHENTICATED = /^(auth\/[^/]+(\/[^/]+)*\/login|sys\/(health|seal-status|unseal))$/;
/** PKI gives its certificates to everybody (vault builtin/logical/pki/backend.go, PathsSpecial.Unauthenticated). */
const PUBLIC = /^[^/]+(\/issuers|\/issuer\/[^/]+\/json)$/;

export class VaultStandIn {
  readonly address: string;
  readonly caFile: string;
  readonly admin: VaultAdmin;
  readonly seen: SeenRequest[] = [];
  interrupt: Interruption = () => 'go on';
  readonly #server: Server;
  readonly #folder: string;
  readonly #sockets: Set<Duplex>;
  readonly #tokens = new Tokens();
  readonly #engines = new Map<string, Pki | Kv>();
  readonly #logins = new Map<string, Login>();
  readonly #signed = new Map<string, Authority>();
  #isSealed = false;

  private constructor(server: Server, sockets: Set<Duplex>, folder: string, caPem: string) {
    this.#server = server;
    this.#sockets = sockets;
    this.#folder = folder;
    this.address = `https://localhost:${(server.address() as AddressInfo).port}`;
    this.caFile = join(folder, 'ca.crt');
    writeFileSync(this.caFile, caPem);
    this.admin = new VaultAdmin({
      address: this.address,
      ca: caPem,
      token: this.#tokens.root,
      unsealKey: '00',
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<VaultStandIn> {
    const ca = makeCa({ name: 'Vault API CA' });
    const { chainPem, keyPem } = makeLeaf(ca, {
      dns: ['localhost'],
      ips: ['127.0.0.1'],
      usages: [USAGE.server],
    });
    const server = createServer({ cert: chainPem, key: keyPem });
    const sockets = new Set<Duplex>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new VaultStandIn(server, sockets, mkdtempSync(join(tmpdir(), 'mtls-rotator-stand-in-')), ca.pem);
  }

  /** A KV engine that is there, to be filled at once and with any date. */
  kv(mount: string): Kv {
    const engine = this.#engines.get(mount);
    if (!(engine instanceof Kv)) throw new Error(`no KV engine at ${mount}`);
    return engine;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.address);
    const path = url.pathname.replace(/^\/v1\//, '');
    const body = await bodyOf(request);
    const token = text(request.headers['x-vault-token']) || undefined;
    if (token !== this.#tokens.root) {
      this.seen.push({ method: request.method ?? '', path, headers: request.headers });
      if ((await this.interrupt(request, response)) === 'handled') return;
    }
    const isList = url.searchParams.get('list') === 'true';
    const method = isList ? 'LIST' : request.method === 'PUT' ? 'POST' : (request.method as Ask['method']);
    const { status, body: answer } = await this.#answer({
      method,
      path,
      query: url.searchParams,
      body,
      token,
    });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  }

  async #answer(ask: Ask): Promise<Answer> {
    try {
      if (this.#isSealed && !/^sys\/(health|unseal|seal-status)$/.test(ask.path))
        throw new Refused(503, 'Vault is sealed');
      if (!UNAUTHENTICATED.test(ask.path) && !PUBLIC.test(ask.path)) this.#tokens.authorize(ask);
      return await this.#handle(ask);
    } catch (error) {
      if (error instanceof Refused) return error.answer;
      throw error;
    }
  }

  #handle(ask: Ask): Answer | Promise<Answer> {
    const { path } = ask;
    if (path.startsWith('sys/')) return this.#system(ask, path.slice(4));
    if (path.startsWith('auth/token/')) return this.#tokens.handle(ask);
    const login = find(this.#logins, path.replace(/^auth\//, ''));
    if (path.startsWith('auth/') && login !== undefined) return login.part.handle(ask, login.rest);
    const engine = find(this.#engines, path);
    if (engine === undefined)
      throw new Refused(404, `no handler for route "${path}". route entry not found.`);
    return engine.part.handle(ask, engine.rest);
  }

  #system({ method, body }: Ask, path: string): Answer {
    const [head = '', ...parts] = path.split('/');
    const rest = parts.join('/');
    switch (head) {
      case 'mounts':
        if (method === 'GET')
          return data(Object.fromEntries([...this.#engines.keys()].map((name) => [`${name}/`, {}])));
        if (method === 'DELETE') this.#engines.delete(rest);
        else this.#engines.set(rest, body.type === 'pki' ? new Pki(this.#signed) : new Kv());
        return done;
      case 'auth':
        if (method === 'GET')
          return data(Object.fromEntries([...this.#logins.keys()].map((name) => [`${name}/`, {}])));
        this.#logins.set(rest, new Login(text(body.type), rest, this.#tokens));
        return done;
      case 'policies':
        this.#tokens.policy(rest.replace(/^acl\//, ''), text(body.policy));
        return done;
      case 'leases':
        this.#tokens.revokeFrom(rest.replace(/^revoke-prefix\/auth\//, ''));
        return done;
      case 'seal':
      case 'unseal':
        this.#isSealed = head === 'seal';
        return head === 'seal' ? done : { status: 200, body: { sealed: false } };
      default:
        return { status: this.#isSealed ? 503 : 200, body: { sealed: this.#isSealed } };
    }
  }
}

/** The part that is mounted at the beginning of the path. */
const find = <T>(
  parts: ReadonlyMap<string, T>,
  path: string,
): { readonly part: T; readonly rest: string } | undefined => {
  const [mount, part] = [...parts].find(([name]) => path.startsWith(`${name}/`)) ?? [];
  return mount === undefined || part === undefined ? undefined : { part, rest: path.slice(mount.length + 1) };
};

const bodyOf = async (request: IncomingMessage): Promise<Json> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const raw = Buffer.concat(chunks).toString('utf8');
  return raw === '' ? {} : (JSON.parse(raw) as Json);
};
