/**
 * The thin JSON layer over @kubernetes/client-node: its kubeconfig, authentication and HTTP library, our verbs, errors and time limits.
 *
 * **Invariant:** every call is named by verb and resource, and fails as an ApiError and as nothing else.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import {
  HttpMethod,
  RequestContext,
  type ResponseContext,
} from '@kubernetes/client-node/dist/gen/http/http.js';
import { IsomorphicFetchHttpLibrary } from '@kubernetes/client-node/dist/gen/http/isomorphic-fetch.js';
import { ApiError } from '../model/errors.ts';
import { PRODUCT } from '../model/product.ts';
import type { Duration } from '../model/terms.ts';
import type { Clock, Random } from '../ports.ts';
import { apiError, type CallName, errorFromAnswer, errorFromFailure } from './errors.ts';
import { asObject, type JsonObject, parseJson } from './json.ts';
import { type ResourceType, resourcePath } from './resources.ts';
import { DEFAULT_RETRY, type RetryPolicy, withRetry } from './retry.ts';

export interface ApiCall {
  /** RBAC verb. */
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly contentType?: string;
  readonly accept?: string;
  /** False where even a 429 has a meaning of its own (an eviction against a PodDisruptionBudget). */
  readonly retry?: boolean;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

export interface ClientTools {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Time limit of one call. */
  readonly timeout?: Duration;
  readonly retry?: RetryPolicy;
}

const DEFAULT_TIMEOUT: Duration = 15_000;

const METHODS = {
  get: HttpMethod.GET,
  list: HttpMethod.GET,
  watch: HttpMethod.GET,
  create: HttpMethod.POST,
  patch: HttpMethod.PATCH,
  delete: HttpMethod.DELETE,
} as const;

export const nameOf = (call: ApiCall): CallName => ({
  verb: call.verb,
  resource: call.subresource === undefined ? call.type.plural : `${call.type.plural}/${call.subresource}`,
  namespace: call.namespace,
  name: call.name,
});

export class KubeClient {
  readonly #tools: ClientTools;
  readonly #http = new IsomorphicFetchHttpLibrary();

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  /**
   * Makes one call and reads its JSON answer, trying again where `retry.ts` allows it.
   *
   * @throws {ApiError} always of that class.
   */
  async request(call: ApiCall): Promise<ApiAnswer> {
    const safe = call.verb === 'get' || call.verb === 'list';
    const policy = this.#tools.retry ?? DEFAULT_RETRY;
    return await withRetry(
      () => this.#once(call),
      safe,
      this.#tools,
      call.retry === false ? { ...policy, attempts: 1 } : policy,
    );
  }

  /** Opens a streamed answer; `signal` ends it. The caller limits its time. @throws {ApiError} where it doesn't start. */
  async open(call: ApiCall, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    try {
      const response = await this.#send(call, signal);
      if (response.httpStatusCode !== 200) throw await this.#failed(call, response);
      const stream = response.body.stream();
      if (stream === null) throw apiError(nameOf(call), 'unexpected', 'an answer without a body');
      return stream;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw errorFromFailure(nameOf(call), error, signal.aborted);
    }
  }

  async #once(call: ApiCall): Promise<ApiAnswer> {
    const abort = new AbortController();
    const cancel = this.#tools.clock.after(this.#tools.timeout ?? DEFAULT_TIMEOUT, () => abort.abort());
    try {
      const response = await this.#send(call, abort.signal);
      if (response.httpStatusCode >= 300) throw await this.#failed(call, response);
      const body = parseJson(await response.body.text());
      if (typeof body !== 'object' || body === null) {
        throw apiError(nameOf(call), 'unexpected', `HTTP ${response.httpStatusCode} without JSON`);
      }
      return { status: response.httpStatusCode, body: asObject(body) };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw errorFromFailure(nameOf(call), error, abort.signal.aborted);
    } finally {
      cancel();
    }
  }

  async #failed(call: ApiCall, response: ResponseContext): Promise<ApiError> {
    const body = await response.body.text();
    const retryAfter = response.headers['retry-after'];
    return errorFromAnswer(nameOf(call), { status: response.httpStatusCode, retryAfter, body });
  }

  async #send(call: ApiCall, signal: AbortSignal): Promise<ResponseContext> {
    const { kubeConfig } = this.#tools;
    const server = kubeConfig.getCurrentCluster()?.server;
    if (server === undefined) {
      throw apiError(nameOf(call), 'unreachable', 'the kubeconfig names no cluster');
    }
    const url = new URL(
      server.replace(/\/$/, '') + resourcePath(call.type, call.namespace, call.name, call.subresource),
    );
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
    const context = new RequestContext(url.toString(), METHODS[call.verb]);
    context.setHeaderParam('Accept', call.accept ?? 'application/json');
    context.setHeaderParam('User-Agent', PRODUCT);
    if (call.body !== undefined) {
      context.setHeaderParam('Content-Type', call.contentType ?? 'application/json');
      context.setBody(JSON.stringify(call.body));
    }
    context.setSignal(signal);
    try {
      await kubeConfig.applySecurityAuthentication(context);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw apiError(nameOf(call), 'unauthorized', `the kubeconfig can't be used: ${why}`, { cause: error });
    }
    return await this.#http.send(context).toPromise();
  }
}
