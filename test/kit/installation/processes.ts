/**
 * What runs inside the stand-in's pods: repo-servers as real TLS endpoints, clients that remember what they read at start.
 *
 * Files are what the kubelet shows: a pod that is made anew finds what is published then, a running one sees a change only
 * after `lag`, unless its volume is a subPath. Read when the facts table says.
 *
 * **Invariant:** written after ARGOCD facts, not after the planner: a wrong order shows here as a refused call.
 */
import type { ClientComponent, Duration } from '../../../agent/model/terms.ts';
import type { PodHooks, RunningPod } from '../api-server/index.ts';
import { asObject, type JsonObject, objectAt } from '../api-server/json.ts';
import type { ManualClock } from '../manual-clock.ts';
import { type RepoServer, startRepoServer } from '../repo-server/server.ts';

export type SecretData = Readonly<Record<string, string>>;

/** A client process, with what it read when it started. */
export interface ClientProcess {
  readonly pod: string;
  readonly component: ClientComponent;
  /** `server-ca.crt` at start, where a path named it; `undefined`: repo-server isn't verified. */
  readonly poolPem: string | undefined;
  /** notifications-controller: whether `client.crt` existed at start. */
  readonly foundLeaf: boolean;
}

interface Era {
  readonly since: number;
  readonly data: SecretData;
}

const decoded = (secret: JsonObject | undefined): SecretData =>
  Object.fromEntries(
    Object.entries(asObject(secret?.data ?? {})).map(([key, value]) => [
      key,
      Buffer.from(String(value), 'base64').toString('utf8'),
    ]),
  );

export class Processes {
  readonly #clock: ManualClock;
  readonly #lag: Duration;
  readonly #read: (kind: string, name: string) => JsonObject | undefined;
  readonly #eras = new Map<string, Era[]>();
  readonly repoServers = new Map<string, RepoServer>();
  readonly clients = new Map<string, ClientProcess>();
  readonly starts: string[] = [];

  constructor(
    clock: ManualClock,
    lag: Duration,
    read: (kind: string, name: string) => JsonObject | undefined,
  ) {
    this.#clock = clock;
    this.#lag = lag;
    this.#read = read;
  }

  /** Remembers what is published; call it after every write. */
  noteSecrets(): void {
    for (const name of ['argocd-repo-server-mtls', 'argocd-repo-server-tls']) {
      const data = decoded(this.#read('Secret', name));
      const eras = this.#eras.get(name) ?? [];
      if (JSON.stringify(eras.at(-1)?.data) === JSON.stringify(data)) continue;
      eras.push({ since: this.#clock.now(), data });
      this.#eras.set(name, eras);
    }
  }

  /** What a running pod sees of the mtls Secret: everything published longer ago than the lag. */
  seen(): SecretData {
    const eras = this.#eras.get('argocd-repo-server-mtls') ?? [];
    return eras.findLast((era) => era.since <= this.#clock.now() - this.#lag)?.data ?? eras[0]?.data ?? {};
  }

  get hooks(): PodHooks {
    return {
      podStarted: async (pod) => {
        const component = String(pod.labels['app.kubernetes.io/name']).replace('argocd-', '');
        this.starts.push(component);
        this.noteSecrets();
        if (component === 'repo-server') await this.#startServer(pod);
        else this.#startClient(pod, component as ClientComponent);
      },
      podStopping: async (pod) => {
        this.clients.delete(pod.name);
        await this.repoServers.get(pod.name)?.stop();
        this.repoServers.delete(pod.name);
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.repoServers.values()].map((server) => server.stop()));
    this.repoServers.clear();
  }

  async #startServer(pod: RunningPod): Promise<void> {
    const mtls = decoded(this.#read('Secret', 'argocd-repo-server-mtls'));
    const tls = decoded(this.#read('Secret', 'argocd-repo-server-tls'));
    const certificatePem = tls['tls.crt'];
    const keyPem = tls['tls.key'];
    this.repoServers.set(
      pod.name,
      await startRepoServer({
        host: pod.ip,
        port: 8081,
        clientCaPem: mtls['client-ca.crt'],
        ...(certificatePem === undefined || keyPem === undefined
          ? {}
          : { serving: { certificatePem, keyPem } }),
        now: () => this.#clock.now(),
      }),
    );
  }

  #startClient(pod: RunningPod, component: ClientComponent): void {
    const mtls = decoded(this.#read('Secret', 'argocd-repo-server-mtls'));
    const prefix = {
      'application-controller': 'controller',
      'applicationset-controller': 'applicationsetcontroller',
      'notifications-controller': 'notificationscontroller',
      server: 'server',
    }[component];
    const params = objectAt(this.#read('ConfigMap', 'argocd-cmd-params-cm') ?? {}, 'data');
    const path = params[`${prefix}.repo.server.ca.cert.path`];
    this.clients.set(pod.name, {
      pod: pod.name,
      component,
      poolPem: path === undefined || path === '' ? undefined : (mtls['server-ca.crt'] ?? ''),
      foundLeaf: mtls['client.crt'] !== undefined,
    });
  }
}
