/**
 * One namespace with an Argo CD in it: its processes, what the kubelet shows them, and the calls that they make.
 *
 * A process ends only between rounds of calls, as under `preStop.sleep`: whatever fails, fails by a certificate.
 *
 * **Invariant:** every client calls every repo-server before a new pod counts as ready, after every change that a pod sees, and on demand.
 */
import type { Clock } from '../../../agent/ports.ts';
import type { PodHooks } from '../api-server/index.ts';
import type { ObjectReader } from '../repo-server/mounted-files.ts';
import { ArgoProcesses, type MeteredCall } from '../repo-server/processes.ts';
import { LAG, LateReader, MOUNT_LAG } from './mounts.ts';

export interface Traffic {
  calls: number;
  rounds: number;
  readonly failed: string[];
}

/** What pods mount. */
export type Mountable = readonly ['Secret' | 'ConfigMap', string];
const MOUNTED: readonly Mountable[] = [
  ['Secret', 'argocd-repo-server-mtls'],
  ['Secret', 'argocd-repo-server-tls'],
  ...['server', 'controller', 'applicationset', 'notifications'].map(
    (client) => ['Secret', `argocd-repo-server-mtls-${client}`] as const,
  ),
];

const failureOf = (call: MeteredCall): readonly string[] =>
  call.result.answered ? [] : [`${call.client} → ${call.server}: ${call.result.why}, ${call.result.detail}`];

export class Site {
  readonly namespace: string;
  readonly processes: ArgoProcesses;
  readonly traffic: Traffic = { calls: 0, rounds: 0, failed: [] };
  /** Component of every process that was started, in order. */
  readonly starts: string[] = [];
  /** A pod waits here before it is ready; rejects where it crashes. */
  gate: ((component: string) => Promise<void> | undefined) | undefined;
  readonly #reader: LateReader;
  readonly #clock: Clock;
  readonly #mounted: readonly Mountable[];
  #calling = false;
  #busy = 0;
  #round: Promise<void> = Promise.resolve();

  /** @param more what pods mount beside Argo CD's own Secrets */
  constructor(namespace: string, clock: Clock, present: ObjectReader, more: readonly Mountable[] = []) {
    this.#mounted = [...MOUNTED, ...more];
    this.namespace = namespace;
    this.#clock = clock;
    this.#reader = new LateReader(present, clock);
    this.processes = new ArgoProcesses(() => this.#reader);
  }

  /** Pods on their way in or out: the controllers are not at rest. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  /** From here on everybody calls. */
  open(): void {
    this.#calling = true;
  }

  get hooks(): Required<PodHooks> {
    return {
      podStarted: async (pod) => {
        const component = String(pod.labels['app.kubernetes.io/name']).replace('argocd-', '');
        this.starts.push(component);
        this.note();
        const gate = this.gate?.(component);
        if (gate !== undefined) await gate;
        await this.#whileBusy(async () => {
          this.#reader.behind = MOUNT_LAG;
          const started = this.processes.hooks.podStarted?.(pod);
          this.#reader.behind = 0;
          await started;
          await this.call();
        });
      },
      podStopping: (pod) =>
        this.#whileBusy(async () => {
          await this.#round;
          await this.processes.hooks.podStopping?.(pod);
        }),
    };
  }

  /** After every write: the kubelet will show it. */
  note(): void {
    const changed = this.#mounted.filter(([kind, name]) => this.#reader.note(kind, this.namespace, name));
    if (changed.length > 0) this.#clock.after(LAG, () => this.#show());
  }

  /** Every client calls every repo-server once. */
  call(): Promise<void> {
    if (!this.#calling) return Promise.resolve();
    this.#round = this.#round.then(async () => {
      const calls = await this.processes.callEach();
      this.traffic.rounds += 1;
      this.traffic.calls += calls.length;
      this.traffic.failed.push(...calls.flatMap(failureOf));
    });
    return this.#round;
  }

  #show(): void {
    this.#reader.behind = LAG;
    this.processes.files.sync();
    this.#reader.behind = 0;
    void this.#whileBusy(() => this.call());
  }

  async #whileBusy(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    try {
      await work();
    } finally {
      this.#busy -= 1;
    }
  }
}
