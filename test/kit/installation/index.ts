/**
 * An Argo CD on the stand-in: workloads that roll, repo-servers that handshake, clients that call, and the shipped engine beside it.
 *
 * The engine's clock is moved by hand; TLS and HTTP are real.
 *
 * **Invariant:** in every state that pods can be in between two steps, every client pod calls every repo-server pod, and what fails is kept.
 */
import type { Happening } from '../../../agent/model/happening.ts';
import type { InstanceSettings } from '../../../agent/model/settings.ts';
import type { Component } from '../../../agent/model/terms.ts';
import type { Workload } from '../../../agent/model/workload.ts';
import type { Dialer } from '../../../agent/ports.ts';
import type { Connections } from '../../../integrations/registry.ts';
import {
  type ApiServer,
  type JsonObject,
  type OnWrite,
  type Rule,
  startApiServer,
} from '../api-server/index.ts';
import { objectAt } from '../api-server/json.ts';
import { isReady, isTerminating } from '../api-server/kubelet.ts';
import { install } from '../argocd/install.ts';
import { manifestOf } from '../argocd/manifest.ts';
import { ManualClock } from '../manual-clock.ts';
import { Agent } from './agent.ts';
import { HOUR, MINUTE, testSettings } from './settings.ts';
import { type Mountable, Site, type Traffic } from './site.ts';

export { Agent, Killed } from './agent.ts';
export { certificate, HOUR, MINUTE, SECOND, testSettings } from './settings.ts';
export type { Traffic } from './site.ts';
export { deliver, isIssuing, issue, publishCa } from './source.ts';

export interface InstallationOptions {
  readonly repoServers?: number;
  readonly settings?: Partial<InstanceSettings>;
  /** Changes the default workloads before they are made. */
  readonly workloads?: (workload: Workload) => Workload | undefined;
  /** An Argo CD in each; the settings' namespace alone if left out. */
  readonly namespaces?: readonly string[];
  readonly rules?: readonly Rule[];
  /** Moved by whoever hands it in. */
  readonly clock?: ManualClock;
  /** What is there before the workloads are, and what of it pods mount beside Argo CD's own Secrets. */
  readonly objects?: readonly JsonObject[];
  readonly mounted?: readonly Mountable[];
  /** What sources outside of the cluster are reached by. */
  readonly connections?: Connections;
  /** What stands between the agents and the pods that they call. */
  readonly between?: (dialer: Dialer) => Dialer;
}

let installations = 0;

/** Addresses that neither another jest worker nor another run on the same machine gives out. */
const addresses = (): ((number: number) => string) => {
  installations += 1;
  const second = 64 + (process.pid % 190);
  const third = (Math.floor(process.pid / 190) * 31 + installations * 2) % 256;
  return (number) => `127.${second}.${(third + (number >> 8)) % 256}.${number & 255}`;
};

export class Installation {
  readonly clock: ManualClock;
  readonly api: ApiServer;
  readonly sites: ReadonlyMap<string, Site>;
  readonly happenings: Happening[] = [];
  /** Agents that found their journal damaged. */
  readonly damages: string[] = [];
  settings: InstanceSettings;
  readonly connections: Connections | undefined;
  /** What stands between the next agents and the pods that they call. */
  between: (dialer: Dialer) => Dialer = (dialer) => dialer;
  /** A test's own hook into writes, and the place to kill at. */
  onWrite: OnWrite | undefined;
  readonly #deaths = new Map<string, (() => void)[]>();
  #agents = 0;

  private constructor(
    clock: ManualClock,
    api: ApiServer,
    sites: ReadonlyMap<string, Site>,
    settings: InstanceSettings,
    connections: Connections | undefined,
  ) {
    this.connections = connections;
    this.clock = clock;
    this.api = api;
    this.sites = sites;
    this.settings = settings;
  }

  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const clock = options.clock ?? new ManualClock();
    const settings = testSettings(options.settings);
    const namespaces = options.namespaces ?? [settings.namespace];
    let api: ApiServer | undefined;
    const present = {
      get: (kind: string, namespace: string, name: string) => api?.objects.get(kind, namespace, name),
    };
    const sites = new Map(namespaces.map((name) => [name, new Site(name, clock, present, options.mounted)]));
    api = await startApiServer({
      clock,
      pods: {
        podStarted: (pod) => sites.get(pod.namespace)?.hooks.podStarted(pod),
        podStopping: (pod) => sites.get(pod.namespace)?.hooks.podStopping(pod),
      },
      address: addresses(),
      ...(options.rules === undefined ? {} : { rules: options.rules }),
    });
    const installation = new Installation(clock, api, sites, settings, options.connections);
    installation.between = options.between ?? installation.between;
    api.setOnWrite((phase, request) => {
      if (phase === 'after') sites.get(request.namespace)?.note();
      const answer = installation.onWrite?.(phase, request);
      if (answer === 'kill') for (const die of installation.#deaths.get(request.user) ?? []) die();
      return answer;
    });
    if (options.objects !== undefined) {
      for (const object of options.objects) api.objects.put(object);
      for (const site of sites.values()) site.note();
      // Long enough ago that what starts now finds it.
      clock.advance(MINUTE);
    }
    for (const namespace of namespaces) {
      for (const workload of install({ namespace })) {
        const replicas = workload.ref.name === 'argocd-repo-server' ? (options.repoServers ?? 2) : 1;
        const used = options.workloads?.({ ...workload, replicas }) ?? { ...workload, replicas };
        installation.put(used);
      }
    }
    await installation.quiet();
    // Everything has been running for a while.
    clock.advance(HOUR);
    for (const site of sites.values()) site.open();
    await installation.everyoneCalls();
    return installation;
  }

  put(workload: Workload): void {
    this.api.objects.put(manifestOf(workload) as unknown as JsonObject);
  }

  site(namespace = this.settings.namespace): Site {
    const site = this.sites.get(namespace);
    if (site === undefined) throw new Error(`no Argo CD in ${namespace}`);
    return site;
  }

  get traffic(): Traffic {
    return this.site().traffic;
  }

  async everyoneCalls(): Promise<void> {
    await Promise.all([...this.sites.values()].map((site) => site.call()));
  }

  /** Waits until the stand-in's controllers have nothing left to do. */
  async quiet(): Promise<void> {
    for (const site of this.sites.values()) site.note();
    for (let still = 0; still < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      still = [...this.sites.values()].some((site) => site.busy) ? 0 : still + 1;
    }
  }

  /** Time passes with nobody at work but Argo CD. */
  async pass(duration: number): Promise<void> {
    await this.quiet();
    this.clock.advance(duration);
    await this.quiet();
    await this.everyoneCalls();
  }

  /** A new agent process: nothing but the cluster to go by. */
  agent(over: Partial<InstanceSettings> = {}): Agent {
    this.#agents += 1;
    return new Agent(this, `agent-${this.#agents}`, { ...this.settings, ...over });
  }

  deathOf(user: string): Promise<void> {
    return new Promise((resolve) => this.#deaths.set(user, [...(this.#deaths.get(user) ?? []), resolve]));
  }

  podNames(component: Component, namespace = this.settings.namespace): readonly string[] {
    return this.#pods(component, namespace).map((pod) => String(objectAt(pod, 'metadata').name));
  }

  /** Of those that are not on their way out. */
  readyPods(component: Component, namespace = this.settings.namespace): readonly string[] {
    return this.#pods(component, namespace)
      .filter((pod) => isReady(pod) && !isTerminating(pod))
      .map((pod) => String(objectAt(pod, 'metadata').name));
  }

  #pods(component: Component, namespace: string): readonly JsonObject[] {
    return this.api.objects
      .list('Pod', namespace)
      .filter(
        (pod) => objectAt(pod, 'metadata', 'labels')['app.kubernetes.io/name'] === `argocd-${component}`,
      );
  }

  /** How often each workload's template was annotated. */
  restarts(since = 0): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const write of this.api.writes.slice(since)) {
      if (!['deployments', 'statefulsets'].includes(write.resource) || write.status >= 300) continue;
      const name = (write.name ?? '').replace('argocd-', '');
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Text of one key of a Secret. */
  secret(name: string, namespace = this.settings.namespace): Readonly<Record<string, string>> | undefined {
    const object = this.api.objects.get('Secret', namespace, name);
    if (object === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(objectAt(object, 'data')).map(([key, value]) => [
        key,
        Buffer.from(String(value), 'base64').toString('utf8'),
      ]),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.sites.values()].map((site) => site.processes.close()));
    await this.api.close();
  }
}
