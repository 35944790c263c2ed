/**
 * An API server in the test's own process that speaks Kubernetes REST for exactly the agent's Role. See README.md.
 *
 * **Invariant:** kept honest by `test/contract`: the same sentences hold here and on a real kube-apiserver.
 */
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../agent/ports.ts';
import { Controllers } from './controllers.ts';
import { Faults } from './faults.ts';
import { createFront, type Front, kill } from './http.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import { kindByName } from './kinds.ts';
import { Kubelet, type PodHooks } from './kubelet.ts';
import { ADMIN, ALLOW_ALL, type Rule } from './rbac.ts';
import { Store } from './store.ts';
import { Watches, type WatchRequest } from './watches.ts';
import type { LoggedWrite, OnWrite } from './write-log.ts';
import { Writes } from './writes.ts';

export type { Fault, FaultMatch } from './faults.ts';
export type { Json, JsonObject } from './json.ts';
export type { PodHooks, RunningPod } from './kubelet.ts';
export type { Rule } from './rbac.ts';
export type { LoggedWrite, OnWrite, WriteRequest } from './write-log.ts';

export interface ApiServerOptions {
  readonly clock: Clock;
  /** What agents may do; all of their surface if left out. */
  readonly rules?: readonly Rule[];
  readonly pods?: PodHooks;
  readonly onWrite?: OnWrite;
  /** Address of the nth pod; 127.64.0.1 and up if left out. */
  readonly address?: (number: number) => string;
}

export interface ApiServer {
  readonly url: string;
  /** For the user `agent`; text that KubeConfig.loadFromString reads. */
  readonly kubeconfig: string;
  /** For another agent process: each has a life of its own (see `kill`). `admin` may do everything and violates nothing. */
  kubeconfigFor(user: string): string;
  readonly objects: {
    /** Creates or replaces, status included, as `manager`. Answers what is stored. */
    put(object: JsonObject, manager?: string): JsonObject;
    /** Server-side apply as another manager. */
    apply(object: JsonObject, manager: string, force?: boolean): JsonObject;
    get(kind: string, namespace: string, name: string): JsonObject | undefined;
    list(kind: string, namespace: string): readonly JsonObject[];
    remove(kind: string, namespace: string, name: string): void;
  };
  readonly pods: {
    setReady(namespace: string, name: string, ready: boolean): void;
    restartContainers(namespace: string, name: string): Promise<void>;
    /** Evictions of this pod are answered with 429 until it is unprotected. */
    protect(namespace: string, name: string): void;
    unprotect(namespace: string, name: string): void;
    stop(namespace: string, name: string): void;
  };
  readonly faults: Faults;
  /** Every write of an agent, with its outcome. */
  readonly writes: readonly LoggedWrite[];
  /** Every call of an agent: `verb resource namespace/name`. */
  readonly calls: readonly string[];
  /** What no agent may ever do. A test ends by expecting this to be empty. */
  readonly violations: readonly string[];
  readonly watches: {
    readonly count: number;
    disconnect(how: 'end' | 'cut' | 'gone', which?: (request: WatchRequest) => boolean): number;
    bookmark(): void;
  };
  setRules(rules: readonly Rule[]): void;
  setOnWrite(onWrite: OnWrite | undefined): void;
  /** As SIGKILL of the process that uses this user's kubeconfig. */
  kill(user: string): void;
  /** From now on the server does not know this `group/version`, as one from before it. */
  unserve(groupVersion: string): void;
  /** Forgets the history: older resourceVersions get 410. */
  compact(): void;
  /** Resolves as soon as `condition` holds; looked at after every change. Rejects after `limit` milliseconds of real time. */
  until(condition: () => boolean, what: string, limit?: number): Promise<void>;
  close(): Promise<void>;
}

const defaultAddress = (number: number): string => `127.64.${number >> 8}.${number & 255}`;

// The client library speaks plain HTTP only where verification is switched off.
const kubeconfig = (url: string, user: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stand-in', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: user, user: { token: `token-of-${user}` } }],
    contexts: [{ name: 'stand-in', context: { cluster: 'stand-in', user } }],
    'current-context': 'stand-in',
  });

export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { clock } = options;
  const store = new Store();
  const kubelet = new Kubelet(store, clock, options.pods ?? {}, options.address ?? defaultAddress);
  const controllers = new Controllers(store, kubelet, clock);
  const writes = new Writes(store, () => clock.now());
  const protectedPods = new Set<string>();
  let rules = options.rules ?? ALLOW_ALL;
  let onWrite = options.onWrite;
  const front: Front = {
    clock,
    store,
    writes,
    kubelet,
    protectedPods,
    rules: () => rules,
    faults: new Faults(),
    watches: new Watches(store, clock),
    log: [],
    calls: [],
    violations: [],
    dead: new Set(),
    unserved: new Set(),
    onWrite: () => onWrite,
    userOf: (token) => /^token-of-(.+)$/.exec(token)?.[1],
    busy: new Map(),
  };
  const server = createFront(front);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const put = (object: JsonObject, manager = 'kubectl'): JsonObject => {
    const kind = kindByName(textAt(object, 'kind'));
    const metadata = objectAt(object, 'metadata');
    const target = {
      kind,
      namespace: textAt(metadata, 'namespace'),
      name: textAt(metadata, 'name'),
      subresource: undefined,
    };
    const exists = store.get(kind, target.namespace, target.name) !== undefined;
    const written = exists
      ? writes.replace(target, object, manager)
      : writes.create(kind, target.namespace, object, manager);
    if (!kind.statusSubresource || object.status === undefined) return written.object;
    return writes.merge({ ...target, subresource: 'status' }, { status: object.status }, manager).object;
  };

  return {
    url,
    kubeconfig: kubeconfig(url, 'agent'),
    kubeconfigFor: (user) => kubeconfig(url, user),
    objects: {
      put,
      apply: (object, manager, force = false) => {
        const kind = kindByName(textAt(object, 'kind'));
        const metadata = objectAt(object, 'metadata');
        const target = {
          kind,
          namespace: textAt(metadata, 'namespace'),
          name: textAt(metadata, 'name'),
          subresource: undefined,
        };
        return writes.apply(target, object, manager, force, () => undefined).object;
      },
      get: (kind, namespace, name) => store.get(kindByName(kind), namespace, name),
      list: (kind, namespace) => store.list(kindByName(kind), namespace),
      remove: (kind, namespace, name) => void store.remove(kindByName(kind), namespace, name),
    },
    pods: {
      setReady: (namespace, name, ready) => kubelet.setReady(namespace, name, ready),
      restartContainers: (namespace, name) => kubelet.restartContainers(namespace, name),
      protect: (namespace, name) => void protectedPods.add(`${namespace}/${name}`),
      unprotect: (namespace, name) => void protectedPods.delete(`${namespace}/${name}`),
      stop: (namespace, name) => kubelet.stop(namespace, name),
    },
    faults: front.faults,
    writes: front.log,
    calls: front.calls,
    violations: front.violations,
    watches: front.watches,
    setRules: (next) => {
      rules = next;
    },
    setOnWrite: (next) => {
      onWrite = next;
    },
    kill: (user) => {
      if (user === ADMIN) throw new Error('the admin is no process');
      kill(front, user);
    },
    unserve: (groupVersion) => void front.unserved.add(groupVersion),
    compact: () => store.compact(),
    until: (condition, what, limit = 5_000) =>
      new Promise((resolve, reject) => {
        if (condition()) {
          resolve();
          return;
        }
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`in ${limit} ms it never came true that ${what}`));
        }, limit);
        const stop = store.listen(() => {
          if (!condition()) return;
          clearTimeout(timer);
          stop();
          resolve();
        });
      }),
    close: async () => {
      controllers.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
