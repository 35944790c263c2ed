/**
 * Pods with sidecars on the API server stand-in: real directories, real certificates, processes that read them when Argo CD's do.
 *
 * **Invariant:** Argo CD's container of a pod starts when its sidecar has written, and not before.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { parseSidecarConfig } from '../../agent/config/sidecar-parse.ts';
import { createCluster } from '../../agent/kube/cluster.ts';
import { createLeases } from '../../agent/kube/lease.ts';
import type { Certificate } from '../../agent/model/certificate.ts';
import type { FinishedRotation } from '../../agent/model/journal-record.ts';
import type { SidecarSettings } from '../../agent/model/sidecar-settings.ts';
import { anchors } from '../../agent/pki/anchors.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { realFileSystem } from '../../agent/sidecar/files/file-system.ts';
import { Sidecar, type Turned } from '../../agent/sidecar/sidecar.ts';
import type { SidecarSources } from '../../agent/sidecar/sources.ts';
import { type ManualClock, manualClock } from '../kit/api-server/clock.ts';
import { type ApiServer, type RunningPod, startApiServer } from '../kit/api-server/index.ts';
import { type Authority, type Identity, makeCa, makeLeaf, rawMaterial } from '../kit/pki/index.ts';

const NAMESPACE = 'argocd';

export interface Truth {
  readonly ca: Authority;
  readonly leaf: Identity;
}

export const newTruth = (ca: Authority = makeCa()): Truth => ({ ca, leaf: makeLeaf(ca) });

interface ModelPod {
  readonly name: string;
  readonly uid: string;
  readonly component: 'repo-server' | 'server';
  readonly directory: string;
  readonly sidecar: Sidecar;
  /** What its mounts show. */
  truth: Truth;
  /** What its process read at start; `undefined`: not started. */
  loaded: readonly Certificate[] | undefined;
  readonly start: () => void;
}

const settingsOf = (component: string, directory: string, rest: string): SidecarSettings => {
  const source =
    component === 'repo-server' ? 'clientCa: [{ directory: /in }]' : 'client: { directory: /in }';
  const parsed = parseSidecarConfig(
    `apiVersion: mtls-rotator/v1alpha1\nkind: SidecarConfig\ncomponent: ${component}\nsources: { ${source} }\noutput: { mtls: ${directory} }\n${rest}`,
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.settings;
};

export class SidecarInstallation {
  readonly clock: ManualClock = manualClock();
  readonly pods = new Map<string, ModelPod>();
  /** What pods that are made from now on find mounted. */
  mounted: Truth;
  /** Everything that any sidecar did, in order: `argocd-server-… write`. */
  readonly done: string[] = [];
  readonly turns: Turned[] = [];
  readonly begun: string[] = [];
  readonly ended: FinishedRotation[] = [];
  /** Fewest repo-servers that ran after any round since everybody had begun. */
  fewestServers = Number.POSITIVE_INFINITY;
  readonly #root = mkdtempSync(join(tmpdir(), 'sidecars-'));
  readonly #rest: string;
  #api: ApiServer | undefined;

  constructor(truth: Truth, rest = 'restart: evict\nsettle: 2s\n') {
    this.mounted = truth;
    this.#rest = rest;
  }

  get api(): ApiServer {
    if (this.#api === undefined) throw new Error('not started');
    return this.#api;
  }

  async start(servers = 2, clients = 2): Promise<void> {
    this.#api = await startApiServer({
      clock: this.clock,
      pods: {
        podStarted: (pod) =>
          new Promise((resolve) => {
            this.pods.set(pod.uid, this.#podOf(pod, resolve));
          }),
        podStopping: (pod) => void this.pods.delete(pod.uid),
      },
    });
    this.#workload('argocd-repo-server', servers);
    this.#workload('argocd-server', clients);
  }

  #workload(name: string, replicas: number): void {
    this.api.objects.put({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name, image: 'argocd', args: [`/usr/local/bin/${name}`] }] },
        },
      },
    });
  }

  #podOf(pod: RunningPod, start: () => void): ModelPod {
    const component = pod.labels.app === 'argocd-repo-server' ? 'repo-server' : 'server';
    const directory = mkdtempSync(join(this.#root, 'pod-'));
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(this.api.kubeconfigFor(pod.name));
    const tools = { kubeConfig, clock: this.clock, random: systemRandom };
    const own = (): ModelPod => {
      const found = this.pods.get(pod.uid);
      if (found === undefined) throw new Error(`${pod.name} is gone`);
      return found;
    };
    const sources: SidecarSources = {
      leaf:
        component === 'repo-server'
          ? undefined
          : {
              describe: 'in',
              read: async () => {
                const { ca, leaf } = own().truth;
                return { state: 'ready', raw: rawMaterial(leaf, [ca]), changedAt: undefined };
              },
            },
      bundles:
        component === 'repo-server'
          ? [
              {
                describe: 'in',
                read: async () => ({
                  state: 'ready',
                  source: 'in',
                  anchorsPem: own().truth.ca.pem,
                  changedAt: undefined,
                }),
              },
            ]
          : [],
      watch: () => ({ stop: async () => undefined }),
    };
    const sidecar = new Sidecar(
      {
        settings: settingsOf(component, directory, this.#rest),
        sources,
        files: realFileSystem,
        clock: this.clock,
        random: systemRandom,
        api: {
          cluster: createCluster({ ...tools, reporter: pod.name }),
          leases: createLeases(tools),
          // As behind a NetworkPolicy: a call proves nothing.
          dialer: {
            call: async () => ({
              outcome: { result: 'unknown', why: 'no route' },
              presented: undefined,
              duration: 0,
            }),
          },
          namespace: NAMESPACE,
          pod: pod.name,
        },
      },
      {
        onBegun: (rotation) => void this.begun.push(rotation.id),
        onEnded: async (rotation) => void this.ended.push(rotation),
        onTurn: (turned) => {
          this.turns.push(turned);
          if (turned.action !== undefined && turned.result === 'done')
            this.done.push(`${component} ${turned.action.kind}`);
        },
      },
    );
    return {
      name: pod.name,
      uid: pod.uid,
      component,
      directory,
      sidecar,
      truth: this.mounted,
      loaded: undefined,
      start,
    };
  }

  #read(pod: ModelPod, name: string): readonly Certificate[] {
    return parseCertificates(readFileSync(join(pod.directory, name), 'utf8'));
  }

  /** Every sidecar has a turn; containers start whose files are there; a second goes by. */
  async round(): Promise<void> {
    for (const pod of [...this.pods.values()]) {
      if (!this.pods.has(pod.uid)) continue;
      await pod.sidecar.turn();
      if (pod.loaded === undefined && pod.sidecar.state.files === 'written') {
        pod.loaded = pod.component === 'repo-server' ? this.#read(pod, 'client-ca.crt') : [];
        pod.start();
      }
    }
    this.clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }

  running(component: ModelPod['component']): readonly ModelPod[] {
    return [...this.pods.values()].filter((pod) => pod.component === component && pod.loaded !== undefined);
  }

  /** Rounds until it holds; after each, every running pair gets on. */
  async until(condition: () => boolean, what: string, rounds = 120): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      if (condition()) return;
      await this.round();
      this.fewestServers = Math.min(this.fewestServers, this.running('repo-server').length);
      const refused = this.refused();
      if (refused.length > 0) throw new Error(refused.join('; '));
    }
    const holds = this.turns.slice(-4).map(({ action, hold }) => JSON.stringify(hold ?? action));
    throw new Error(`${what} did not come about: ${holds.join('; ')}`);
  }

  refused(): readonly string[] {
    return this.running('repo-server').flatMap((server) =>
      this.running('server')
        .filter((client) => {
          const [certificate, ...intermediates] = this.#read(client, 'client.crt');
          return (
            certificate === undefined ||
            !(server.loaded ?? []).some((ca) =>
              anchors({ certificate, intermediates }, ca, this.clock.now(), 'client'),
            )
          );
        })
        .map((client) => `${server.name} refuses ${client.name}`),
    );
  }

  /** Everybody runs with this and nothing else. */
  isOn({ ca, leaf }: Truth, servers = 2, clients = 2): boolean {
    const fingerprints = (certificates: readonly Certificate[]): string =>
      certificates.map(({ fingerprint }) => fingerprint).join();
    const on = {
      servers: this.running('repo-server').filter(
        ({ loaded }) => fingerprints(loaded ?? []) === ca.certificate.fingerprint,
      ),
      clients: this.running('server').filter(
        (client) => this.#read(client, 'client.crt')[0]?.fingerprint === leaf.certificate.fingerprint,
      ),
    };
    return on.servers.length === servers && on.clients.length === clients;
  }

  /** All mounts change, pod after pod, a round apart. */
  async remount(truth: Truth): Promise<void> {
    this.mounted = truth;
    for (const pod of [...this.pods.values()]) {
      pod.truth = truth;
      await this.round();
    }
  }

  async close(): Promise<void> {
    await this.#api?.close();
    rmSync(this.#root, { recursive: true });
  }
}
