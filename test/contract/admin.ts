/**
 * Set-up for the contract suite: plain REST as an administrator, the same against the stand-in and a real kube-apiserver.
 *
 * **Invariant:** uses nothing of agent/kube, so that a defect there can't hide itself.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { HttpMethod, RequestContext } from '@kubernetes/client-node/dist/gen/http/http.js';
import { IsomorphicFetchHttpLibrary } from '@kubernetes/client-node/dist/gen/http/isomorphic-fetch.js';

type Body = Readonly<Record<string, unknown>>;

export interface RawAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into API answers of any shape, with expect() as the judge.
  readonly body: any;
  readonly text: string;
}

export interface RawCall {
  readonly method?: keyof typeof HttpMethod;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly contentType?: string;
  readonly accept?: string;
}

export type Raw = (path: string, call?: RawCall) => Promise<RawAnswer>;

/** Calls as whoever the kubeconfig says. Answers whatever came, failures included. */
export const rawCaller = (kubeConfig: KubeConfig): Raw => {
  const http = new IsomorphicFetchHttpLibrary();
  return async (path, call = {}) => {
    const url = new URL(`${kubeConfig.getCurrentCluster()?.server}${path}`);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
    const context = new RequestContext(url.toString(), HttpMethod[call.method ?? 'GET']);
    context.setHeaderParam('Accept', call.accept ?? 'application/json');
    context.setHeaderParam('User-Agent', 'contract-admin/1');
    if (call.body !== undefined) {
      context.setHeaderParam('Content-Type', call.contentType ?? 'application/json');
      context.setBody(JSON.stringify(call.body));
    }
    await kubeConfig.applySecurityAuthentication(context);
    const response = await http.send(context).toPromise();
    const text = await response.body.text();
    return { status: response.httpStatusCode, body: parsed(text), text };
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const PATHS: Readonly<Record<string, (namespace: string) => string>> = {
  Secret: (namespace) => `/api/v1/namespaces/${namespace}/secrets`,
  ConfigMap: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  Pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  Deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  StatefulSet: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  Certificate: (namespace) => `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`,
  ExternalSecret: (namespace) => `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`,
  PodDisruptionBudget: (namespace) => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
  Lease: (namespace) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
  Event: (namespace) => `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
};

const VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  Certificate: 'cert-manager.io/v1',
  ExternalSecret: 'external-secrets.io/v1',
  Event: 'events.k8s.io/v1',
  Lease: 'coordination.k8s.io/v1',
  PodDisruptionBudget: 'policy/v1',
};

/** Set-up calls; each throws where the server refuses. */
export interface Admin {
  readonly raw: Raw;
  path(kind: string, name?: string): string;
  create(kind: string, name: string, content: Body, manager?: string, metadata?: Body): Promise<Body>;
  /** Server-side apply as `manager`. */
  apply(kind: string, name: string, content: Body, manager: string, metadata?: Body): Promise<Body>;
  /** Merge patch as `manager`. */
  patch(kind: string, name: string, patch: Body, manager?: string, subresource?: string): Promise<Body>;
  // biome-ignore lint/suspicious/noExplicitAny: see RawAnswer.
  get(kind: string, name: string): Promise<any>;
  remove(kind: string, name: string): Promise<void>;
}

export const createAdmin = (kubeConfig: KubeConfig, namespace: string): Admin => {
  const raw = rawCaller(kubeConfig);
  const path = (kind: string, name?: string): string => {
    const collection = PATHS[kind];
    if (collection === undefined) throw new Error(`no path for ${kind}`);
    return name === undefined ? collection(namespace) : `${collection(namespace)}/${name}`;
  };
  const checked = async (at: string, call: RawCall): Promise<Body> => {
    const answer = await raw(at, call);
    if (answer.status >= 300) throw new Error(`set-up failed: ${call.method} ${at}: ${answer.text}`);
    return answer.body;
  };
  const object = (kind: string, name: string, content: Body, metadata: Body = {}): Body => ({
    apiVersion: VERSIONS[kind] ?? 'v1',
    kind,
    metadata: { name, namespace, ...metadata },
    ...content,
  });
  return {
    raw,
    path,
    create: (kind, name, content, manager = 'contract-admin', metadata) =>
      checked(path(kind), {
        method: 'POST',
        query: { fieldManager: manager },
        body: object(kind, name, content, metadata),
      }),
    apply: (kind, name, content, manager, metadata) =>
      checked(path(kind, name), {
        method: 'PATCH',
        query: { fieldManager: manager },
        contentType: 'application/apply-patch+yaml',
        body: object(kind, name, content, metadata),
      }),
    patch: (kind, name, patch, manager = 'contract-admin', subresource) =>
      checked(`${path(kind, name)}${subresource === undefined ? '' : `/${subresource}`}`, {
        method: 'PATCH',
        query: { fieldManager: manager },
        contentType: 'application/merge-patch+json',
        body: patch,
      }),
    get: async (kind, name) => (await raw(path(kind, name))).body,
    remove: async (kind, name) => {
      await checked(path(kind, name), { method: 'DELETE' });
    },
  };
};
