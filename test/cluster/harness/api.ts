/**
 * A small client of the API server for the harness and the tests, over the given kubeconfig.
 * It is not the agent's client on purpose: what the tests look at must not go through what they test.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

export class ApiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Plurals of the kinds the harness applies; others are given with their path. */
const plurals: Record<string, string> = {
  NetworkPolicy: 'networkpolicies',
  Ingress: 'ingresses',
};
const clusterScoped = new Set([
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'ClusterIssuer',
  'PriorityClass',
  'Node',
]);

export class Api {
  readonly kubeconfig: string;
  readonly #base: URL;
  readonly #headers: Record<string, string> = {};
  readonly #agent: Agent;

  constructor(kubeconfig: string) {
    this.kubeconfig = kubeconfig;
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const cluster = config.getCurrentCluster();
    const user = config.getCurrentUser();
    if (cluster === null || user === null) throw new Error(`${kubeconfig} has no current context`);
    this.#base = new URL(cluster.server);
    if (user.token !== undefined) this.#headers.authorization = `Bearer ${user.token}`;
    const bytes = (data: string | undefined, file: string | undefined) =>
      data !== undefined ? Buffer.from(data, 'base64') : file !== undefined ? readFileSync(file) : undefined;
    const ca = bytes(cluster.caData, cluster.caFile);
    const cert = bytes(user.certData, user.certFile);
    const key = bytes(user.keyData, user.keyFile);
    this.#agent = new Agent({
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: cluster.skipTLSVerify !== true,
    });
  }

  get<T>(path: string): Promise<T> {
    return this.#ask('GET', path);
  }

  /** Undefined where there is none. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === 404) return undefined;
      throw problem;
    }
  }

  async list<T>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  create<T>(path: string, object: unknown): Promise<T> {
    return this.#ask('POST', path, object);
  }

  /** A merge patch; `subresource` paths (…/status) work too. */
  merge<T>(path: string, patch: unknown): Promise<T> {
    return this.#ask('PATCH', path, patch, 'application/merge-patch+json');
  }

  strategicMerge<T>(path: string, patch: unknown): Promise<T> {
    return this.#ask('PATCH', path, patch, 'application/strategic-merge-patch+json');
  }

  jsonPatch<T>(path: string, patch: unknown): Promise<T> {
    return this.#ask('PATCH', path, patch, 'application/json-patch+json');
  }

  /** Server-side apply under the harness's own field manager. */
  apply<T extends KubeObject>(
    object: T & Record<string, unknown>,
    fieldManager = 'cluster-harness',
  ): Promise<T> {
    const query = `?fieldManager=${fieldManager}&force=true`;
    return this.#ask('PATCH', `${pathOf(object)}${query}`, object, 'application/apply-patch+yaml');
  }

  async remove(path: string): Promise<void> {
    try {
      await this.#ask('DELETE', path);
    } catch (problem) {
      if (!(problem instanceof ApiError && problem.code === 404)) throw problem;
    }
  }

  async logs(namespace: string, pod: string, query = ''): Promise<string> {
    return this.#send('GET', `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`);
  }

  async #ask<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const text = await this.#send(method, path, body, type);
    return (text.startsWith('{') ? JSON.parse(text) : text) as T;
  }

  #send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<string> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const headers = payload === undefined ? this.#headers : { ...this.#headers, 'content-type': type };
      const url = new URL(path, this.#base);
      const call = request(url, { method, headers, agent: this.#agent, timeout: 30_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const code = answer.statusCode ?? 0;
          if (code >= 200 && code < 300) return resolve(text);
          reject(new ApiError(code, `${method} ${path}: ${code} ${messageOf(text)}`));
        });
      });
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
      call.on('error', reject);
      call.end(payload);
    });
  }
}

export function pathOf(object: KubeObject): string {
  const { apiVersion, kind } = object;
  const { name, namespace } = object.metadata;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`;
  if (clusterScoped.has(kind)) return `${root}/${plural}/${name}`;
  return `${root}/namespaces/${namespace ?? 'default'}/${plural}/${name}`;
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 300);
  }
}
