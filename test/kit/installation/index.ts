/**
 * An Argo CD on the stand-in: workloads that roll, repo-servers that handshake, clients that call, and the shipped engine beside it.
 *
 * The engine's clock is moved by hand; TLS and HTTP are real.
 *
 * **Invariant:** whenever time passes or a write is done, every client pod calls every repo-server pod, and what fails is kept.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { createCluster } from '../../../agent/kube/cluster.ts';
import type { Happening } from '../../../agent/model/happening.ts';
import type { InstanceSettings } from '../../../agent/model/settings.ts';
import { Rotation } from '../../../agent/rotation/advance.ts';
import { createJournalStore } from '../../../agent/rotation/journal-store.ts';
import type { Next } from '../../../agent/rotation/perform.ts';
import { ProofMemory } from '../../../agent/rotation/proof-memory.ts';
import type { RotationServices } from '../../../agent/rotation/services.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { createDialer } from '../../../agent/verification/handshake.ts';
import { strangers } from '../../../agent/verification/stranger.ts';
import { createSource } from '../../../integrations/registry.ts';
import type { JsonObject } from '../api-server/index.ts';
import { type ApiServer, startApiServer } from '../api-server/index.ts';
import { workloadOf } from '../argocd/install.ts';
import { manifestOf } from '../argocd/manifest.ts';
import { ManualClock } from '../manual-clock.ts';
import { Processes } from './processes.ts';
import { everyoneCalls, type Traffic } from './traffic.ts';

export { issue } from './source.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const testSettings = (over: Partial<InstanceSettings> = {}): InstanceSettings => ({
  name: 'test',
  namespace: 'argocd',
  mode: 'manage',
  labels: { team: 'platform' },
  state: 'enabled',
  verification: 'keep',
  layout: { type: 'shared' },
  names: {
    mtlsSecret: 'argocd-repo-server-mtls',
    servingSecret: 'argocd-repo-server-tls',
    paramsConfigMap: 'argocd-cmd-params-cm',
    previousSecret: 'argocd-mtls-rotator-previous',
    journalConfigMap: 'argocd-mtls-rotator-test',
    workloads: {},
  },
  clients: {
    default: { type: 'certManager', certificate: 'repo-client', issuerCa: undefined, reissue: 'never' },
  },
  serving: undefined,
  adopt: 'never',
  evictions: 'never',
  distrust: 'immediately',
  timing: {
    propagationWait: 90 * SECOND,
    mountMargin: 5 * SECOND,
    settle: 5 * SECOND,
    rolloutDeadline: 10 * MINUTE,
    callTimeout: 5 * SECOND,
    proofInterval: 60 * MINUTE,
    previousLeafMaximum: 24 * 60 * MINUTE,
    retry: 10 * SECOND,
    retryMaximum: 5 * MINUTE,
  },
  budget: { restarts: 6, window: 60 * MINUTE },
  ...over,
});

export interface InstallationOptions {
  readonly repoServers?: number;
  readonly settings?: Partial<InstanceSettings>;
}

let subnets = 0;

export class Installation {
  readonly clock: ManualClock;
  readonly api: ApiServer;
  readonly processes: Processes;
  readonly traffic: Traffic = { calls: 0, failed: [] };
  readonly happenings: Happening[] = [];
  settings: InstanceSettings;
  #agents = 0;

  private constructor(clock: ManualClock, api: ApiServer, processes: Processes, settings: InstanceSettings) {
    this.clock = clock;
    this.api = api;
    this.processes = processes;
    this.settings = settings;
  }

  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const clock = new ManualClock();
    const settings = testSettings(options.settings);
    let api: ApiServer | undefined;
    const processes = new Processes(clock, 60 * SECOND, (kind, name) =>
      api?.objects.get(kind, settings.namespace, name),
    );
    subnets += 1;
    const worker = Number(process.env.JEST_WORKER_ID ?? '1');
    const subnet = 100 + worker;
    const block = subnets;
    api = await startApiServer({
      clock,
      pods: processes.hooks,
      address: (number) => `127.${subnet}.${block}.${number}`,
    });
    const installation = new Installation(clock, api, processes, settings);
    const put = (component: Parameters<typeof workloadOf>[0], replicas: number) =>
      api.objects.put(
        manifestOf(
          workloadOf(component, { namespace: settings.namespace, replicas }),
        ) as unknown as JsonObject,
      );
    put('repo-server', options.repoServers ?? 2);
    put('server', 1);
    put('application-controller', 1);
    put('applicationset-controller', 1);
    put('notifications-controller', 1);
    await installation.quiet();
    // Everything has been running for a while.
    clock.advance(10 * MINUTE);
    return installation;
  }

  /** Waits, in real time, until the stand-in's controllers have nothing left to do, then lets everybody call. */
  async quiet(): Promise<void> {
    let version = '';
    for (let still = 0; still < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 4));
      const now = JSON.stringify(
        ['Deployment', 'StatefulSet', 'Pod'].flatMap((kind) =>
          this.api.objects
            .list(kind, this.settings.namespace)
            .map((object) => [object.metadata, object.status]),
        ),
      );
      still = now === version ? still + 1 : 0;
      version = now;
    }
    this.processes.noteSecrets();
    await everyoneCalls(this.processes, this.traffic);
  }

  /** A new agent process: nothing but the cluster to go by. */
  agent(): Agent {
    this.#agents += 1;
    return new Agent(this, `agent-${this.#agents}`);
  }

  pods(component: string): readonly string[] {
    return this.api.objects
      .list('Pod', this.settings.namespace)
      .filter((pod) => JSON.stringify(pod).includes(`"argocd-${component}"`))
      .map((pod) => String((pod.metadata as { name: string }).name));
  }

  /** How often each workload was asked to restart, by its writes. */
  restarts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const write of this.api.writes) {
      if ((write.resource === 'deployments' || write.resource === 'statefulsets') && write.status < 300) {
        const name = write.name ?? '';
        counts[name] = (counts[name] ?? 0) + 1;
      }
    }
    return counts;
  }

  async close(): Promise<void> {
    await this.processes.stop();
    await this.api.close();
  }
}

export class Agent {
  readonly user: string;
  readonly rotation: Rotation;
  readonly #installation: Installation;

  constructor(installation: Installation, user: string) {
    this.user = user;
    this.#installation = installation;
    const { clock, api, settings } = installation;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(api.kubeconfigFor(user));
    const cluster = createCluster({ kubeConfig, clock, random: systemRandom, reporter: user });
    const context = { cluster, clock, namespace: settings.namespace };
    const services: RotationServices = {
      settings,
      cluster,
      clock,
      random: systemRandom,
      dialer: createDialer(clock, strangers(clock, systemRandom)),
      reporter: {
        tell: (happening) => void installation.happenings.push(happening),
        flush: () => Promise.resolve(),
      },
      journal: createJournalStore(cluster, settings, () => undefined),
      sources: {
        client: createSource(settings.clients.default, context),
        serving: settings.serving === undefined ? undefined : createSource(settings.serving, context),
      },
      proofs: new ProofMemory(),
      inspect: () => [],
    };
    this.rotation = new Rotation(services);
  }

  /**
   * Runs until nothing is left to do, time passing as the agent asks for it.
   * @throws whatever a turn throws: a killed agent's calls fail.
   */
  async run(limit = 200): Promise<readonly string[]> {
    const steps: string[] = [];
    for (let turn = 0; turn < limit; turn += 1) {
      const before = this.#installation.happenings.length;
      const next: Next = await this.rotation.advance();
      for (const happening of this.#installation.happenings.slice(before)) {
        if (happening.type === 'step-started')
          steps.push(
            happening.step.kind === 'rollout' ? `rollout ${happening.step.component}` : happening.step.kind,
          );
        if (happening.type === 'held')
          return [...steps, `held ${happening.hold.code}: ${happening.hold.what}`];
      }
      await this.#installation.quiet();
      if (next.again === 'when-woken') return steps;
      if (next.again === 'after') {
        // In small parts, so that the kubelet's lag is lived through and everybody calls meanwhile.
        const part = Math.max(1, Math.ceil(next.delay / 4));
        for (let passed = 0; passed < next.delay; passed += part) {
          this.#installation.clock.advance(Math.min(part, next.delay - passed));
          await this.#installation.quiet();
        }
      }
    }
    throw new Error(`not at rest after ${limit} turns; steps so far: ${steps.join(', ')}`);
  }
}
