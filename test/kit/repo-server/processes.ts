/**
 * What runs inside the pods of the API server's stand-in: real TLS endpoints for repo-server, callers for its clients.
 *
 * Use: `const processes = new ArgoProcesses(() => api.objects); const api = await startApiServer({ clock,
 * pods: processes.hooks, address: podAddress })`.
 *
 * **Invariant:** a process knows only its pod's files ({@link MountedFiles}) and environment, each read when Argo CD reads it.
 */

import { objectAt, objectsAt, textAt } from '../api-server/json.ts';
import type { PodHooks, RunningPod } from '../api-server/kubelet.ts';
import type { CallResult } from './client-call.ts';
import { type ClientProcess, startClient } from './client-process.ts';
import { MountedFiles, type ObjectReader } from './mounted-files.ts';
import { type RepoServer, startRepoServer } from './server.ts';
import { settingsAtStart } from './start-settings.ts';

export interface ProcessOptions {
  /** Port of every repo-server. */
  readonly port?: number;
  /** Name that clients dial. */
  readonly serverName?: string;
}

/** One call of one client to one repo-server. */
export interface MeteredCall {
  readonly client: string;
  readonly component: string;
  readonly server: string;
  readonly result: CallResult;
}

type Process =
  | { readonly kind: 'server'; readonly pod: RunningPod; readonly process: RepoServer }
  | {
      readonly kind: 'client';
      readonly pod: RunningPod;
      readonly component: string;
      readonly process: ClientProcess;
    };

/** `argocd-repo-server` → `repo-server`, from the container, whose name upstream never changes. */
const componentOf = (pod: RunningPod): string => {
  const names = objectsAt(objectAt(pod.object, 'spec'), 'containers').map((container) =>
    textAt(container, 'name'),
  );
  return (names.find((name) => name.startsWith('argocd-')) ?? '').replace(/^argocd-/, '');
};

/** Pod addresses that no other jest worker gives out: for `startApiServer({ address: podAddress })`. Up to 65,000 pods. */
export const podAddress = (number: number): string =>
  `127.${64 + (Number(process.env.JEST_WORKER_ID ?? '0') % 128)}.${number >> 8}.${number & 255}`;

export class ArgoProcesses {
  readonly files: MountedFiles;
  readonly hooks: PodHooks;
  readonly #reader: () => ObjectReader;
  readonly #running = new Map<string, Process>();
  readonly #port: number;
  readonly #serverName: string;

  constructor(reader: () => ObjectReader, options: ProcessOptions = {}) {
    this.#reader = reader;
    this.files = new MountedFiles(reader);
    this.#port = options.port ?? 8081;
    this.#serverName = options.serverName ?? 'argocd-repo-server';
    this.hooks = {
      podStarted: (pod) => this.#start(pod),
      podStopping: (pod) => this.#stop(pod.uid),
    };
  }

  /** Every client calls every repo-server once: what a Service would spread over time, at once. */
  async callEach(): Promise<readonly MeteredCall[]> {
    const running = [...this.#running.values()];
    const calls = running.flatMap((client) =>
      client.kind === 'server'
        ? []
        : running.flatMap((server) =>
            server.kind === 'client'
              ? []
              : [
                  client.process
                    .call({
                      host: server.process.host,
                      port: server.process.port,
                      serverName: this.#serverName,
                    })
                    .then((result) => ({
                      client: client.pod.name,
                      component: client.component,
                      server: server.pod.name,
                      result,
                    })),
                ],
          ),
    );
    return Promise.all(calls);
  }

  /** Live repo-servers by pod name. */
  servers(): ReadonlyMap<string, RepoServer> {
    return new Map(
      [...this.#running.values()].flatMap((each) =>
        each.kind === 'server' ? [[each.pod.name, each.process] as const] : [],
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((uid) => this.#stop(uid)));
  }

  async #start(pod: RunningPod): Promise<void> {
    const component = componentOf(pod);
    if (component === '') {
      return;
    }
    this.files.start(pod);
    const settings = settingsAtStart(pod.object, pod.namespace, this.#reader());
    const file = (path: string): string | undefined => this.files.file(pod.uid, path);
    if (component !== 'repo-server') {
      const process = startClient({ component, settings, file });
      this.#running.set(pod.uid, { kind: 'client', pod, component, process });
      return;
    }
    const certificatePem = file(`${settings.servingDirectory}/tls.crt`);
    const keyPem = file(`${settings.servingDirectory}/tls.key`);
    const process = await startRepoServer({
      host: pod.ip,
      port: this.#port,
      clientCaPem: file(settings.clientCa),
      serving: certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem },
    });
    this.#running.set(pod.uid, { kind: 'server', pod, process });
  }

  async #stop(uid: string): Promise<void> {
    const running = this.#running.get(uid);
    this.#running.delete(uid);
    await running?.process.stop();
  }
}
