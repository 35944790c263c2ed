/**
 * What an administrator does to Vault: engines, logins, policies, KV data, seal. Over Vault's HTTP API, on the root token.
 * It is not the agent's client on purpose: what the tests look at must not go through what they test.
 */
import { Agent, request } from 'node:https';

/** Vault's own words, and the status that they came with. */
export class VaultError extends Error {
  readonly code: number;
  readonly errors: readonly string[];
  constructor(code: number, what: string, errors: readonly string[]) {
    super(`${what}: ${code} ${errors.join('; ')}`);
    this.code = code;
    this.errors = errors;
  }
}

export type Capability = 'create' | 'read' | 'update' | 'patch' | 'delete' | 'list' | 'sudo' | 'deny';

export interface VaultConnection {
  /** `https://host:port` */
  readonly address: string;
  /** PEM of what signed Vault's own certificate. */
  readonly ca: string;
  readonly token: string;
  /** Hex, as `sys/unseal` takes it. */
  readonly unsealKey: string;
}

export interface KvVersion {
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export class VaultAdmin {
  readonly connection: VaultConnection;
  readonly #agent: Agent;

  constructor(connection: VaultConnection) {
    this.connection = connection;
    this.#agent = new Agent({ ca: connection.ca, keepAlive: true });
  }

  /** `path` without `/v1/`. Answers Vault's whole answer; undefined where it has none (204). */
  ask<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const url = new URL(`/v1/${path}`, this.connection.address);
      const headers = { 'x-vault-token': this.connection.token, 'x-vault-request': 'true' };
      const call = request(url, { method, headers, agent: this.#agent, timeout: 30_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const code = answer.statusCode ?? 0;
          const said = text === '' ? undefined : (JSON.parse(text) as unknown);
          if (code >= 200 && code < 300) return resolve(said as T);
          const { errors = [text] } = (said ?? {}) as { errors?: string[] };
          reject(new VaultError(code, `${method} ${path}`, errors));
        });
      });
      call.on('timeout', () => call.destroy(new Error(`Vault: ${method} ${path}: no answer in 30 s`)));
      call.on('error', reject);
      call.end(payload);
    });
  }

  async read<T = Record<string, unknown>>(path: string): Promise<T> {
    return (await this.ask<{ data: T }>('GET', path)).data;
  }

  /** Answers `data` where Vault has some to give. */
  async write<T = Record<string, unknown>>(path: string, body: unknown = {}): Promise<T> {
    return (await this.ask<{ data: T } | undefined>('POST', path, body))?.data as T;
  }

  async remove(path: string): Promise<void> {
    await this.ask('DELETE', path);
  }

  /** @param options of the engine, as `version` of KV */
  async enableEngine(path: string, type: 'pki' | 'kv', options: Record<string, string> = {}): Promise<void> {
    await this.write(`sys/mounts/${path}`, { type, options, config: { max_lease_ttl: '87600h' } });
  }

  enableKv(path: string): Promise<void> {
    return this.enableEngine(path, 'kv', { version: '2' });
  }

  /** With all that it holds. Also where there is none. */
  async disableEngine(path: string): Promise<void> {
    const mounts = await this.read<Record<string, unknown>>('sys/mounts');
    if (`${path}/` in mounts) await this.remove(`sys/mounts/${path}`);
  }

  async enableLogin(path: string, type: 'approle' | 'kubernetes' | 'jwt'): Promise<void> {
    await this.write(`sys/auth/${path}`, { type });
  }

  disableLogin(path: string): Promise<void> {
    return this.remove(`sys/auth/${path}`);
  }

  /** Replaces the policy: paths (`*` and `+` as Vault has them) and what may be done there. */
  async policy(name: string, rules: Readonly<Record<string, readonly Capability[]>>): Promise<void> {
    const text = Object.entries(rules).map(
      ([path, capabilities]) =>
        `path ${JSON.stringify(path)} { capabilities = ${JSON.stringify(capabilities)} }`,
    );
    await this.ask('PUT', `sys/policies/acl/${name}`, { policy: text.join('\n') });
  }

  /** A token of its own: for token files. `ttl` as `30s`, `1h`. */
  async createToken(
    policies: readonly string[],
    options: { ttl?: string; renewable?: boolean; explicitMaxTtl?: string } = {},
  ): Promise<string> {
    const { ttl = '1h', renewable = true, explicitMaxTtl } = options;
    const { auth } = await this.ask<{ auth: { client_token: string } }>('POST', 'auth/token/create-orphan', {
      policies,
      ttl,
      renewable,
      ...(explicitMaxTtl === undefined ? {} : { explicit_max_ttl: explicitMaxTtl }),
    });
    return auth.client_token;
  }

  /** From now on it is worth nothing, and what was logged in with it neither. */
  async revokeToken(token: string): Promise<void> {
    await this.write('auth/token/revoke', { token });
  }

  /** A new version; answers its number. */
  async writeKv(mount: string, path: string, data: Readonly<Record<string, unknown>>): Promise<number> {
    return (await this.write<{ version: number }>(`${mount}/data/${path}`, { data })).version;
  }

  async readKv(mount: string, path: string): Promise<KvVersion> {
    const { data, metadata } = await this.read<{
      data: Record<string, unknown>;
      metadata: { version: number };
    }>(`${mount}/data/${path}`);
    return { version: metadata.version, data };
  }

  /** The newest version is deleted, as `vault kv delete`: its metadata stays. */
  deleteKv(mount: string, path: string): Promise<void> {
    return this.remove(`${mount}/data/${path}`);
  }

  /** Everything of it, as `vault kv metadata delete`. */
  forgetKv(mount: string, path: string): Promise<void> {
    return this.remove(`${mount}/metadata/${path}`);
  }

  /** Every call but for health and unseal is refused with 503 from now on. */
  async seal(): Promise<void> {
    await this.ask('PUT', 'sys/seal');
  }

  async unseal(): Promise<void> {
    await this.ask('PUT', 'sys/unseal', { key: this.connection.unsealKey });
  }

  async isSealed(): Promise<boolean> {
    return (await this.ask<{ sealed: boolean }>('GET', 'sys/seal-status')).sealed;
  }
}
