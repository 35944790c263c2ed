/**
 * A start with real handshakes, an operator's process that migrates it, and the same process killed and started again.
 *
 * **Invariant:** whoever migrates knows nothing but the plan and the cluster; every client calls every repo-server all along.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { parseConfig } from '../../../agent/config/parse.ts';
import { createCluster } from '../../../agent/kube/cluster.ts';
import { toWorkload } from '../../../agent/kube/convert-workload.ts';
import { createOwnObjects } from '../../../agent/kube/own-objects.ts';
import { engineWords } from '../../../agent/migration/running/engine-words.ts';
import { runMigration } from '../../../agent/migration/running/run.ts';
import { migrationSettings } from '../../../agent/migration/running/settings.ts';
import type { Ended, MigrationTools, Telling } from '../../../agent/migration/running/tools.ts';
import { undoMigration } from '../../../agent/migration/running/undo.ts';
import type { MigrationPlan, MigrationStepId } from '../../../agent/model/migration.ts';
import type { InstanceSettings } from '../../../agent/model/settings.ts';
import type { Workload } from '../../../agent/model/workload.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import type { JsonObject } from '../api-server/index.ts';
import { install } from '../argocd/install.ts';
import { Agent, Installation, type InstallationOptions, Killed, MINUTE } from '../installation/index.ts';
import type { Authority } from '../pki/index.ts';
import { issueDue } from './cert-manager.ts';
import { configMapManifest, secretManifest } from './cluster.ts';
import type { KnownStart } from './starts.ts';
import { typedCommand } from './typed-command.ts';

export const NAMESPACE = 'argocd';

/** Longer than the engine waits for anything by itself. */
const PATIENCE = 20 * MINUTE;
/** A typed command has no patience of its own. */
const MOST_PAUSES = 100;

export const settingsOfPlan = (plan: MigrationPlan): InstanceSettings => {
  const parsed = parseConfig(JSON.stringify(plan.config));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return migrationSettings(plan, parsed.settings.instances);
};

export interface CommandOptions {
  readonly until?: MigrationStepId;
  /** How long one thing is waited for. */
  readonly wait?: number;
}

export class Migrating {
  readonly installation: Installation;
  readonly start: KnownStart;
  /** What cert-manager issues with. */
  issuer: Authority;
  /** What all commands told. */
  readonly told: Telling[] = [];
  /** Asked to stop at this telling. */
  interruptAt: ((telling: Telling) => boolean) | undefined;
  /** Somebody does what is asked for, at each look. */
  operator: (() => Promise<void>) | undefined;
  #processes = 0;

  private constructor(installation: Installation, start: KnownStart) {
    this.installation = installation;
    this.start = start;
    this.issuer = start.root;
  }

  static async begin(
    start: KnownStart,
    mounted: readonly string[],
    surroundings: Pick<InstallationOptions, 'clock' | 'connections'> = {},
  ): Promise<Migrating> {
    const workloads = new Map((start.workloads ?? install()).map((each) => [each.ref.name, each]));
    const secrets = start.secrets ?? [];
    const configMaps = start.configMaps ?? [];
    const installation = await Installation.start({
      repoServers: 1,
      objects: [...secrets.map(secretManifest), ...configMaps.map(configMapManifest)] as JsonObject[],
      mounted: [
        ...[...secrets.map(({ name }) => name), ...mounted].map((name) => ['Secret', name] as const),
        ...configMaps.map(({ name }) => ['ConfigMap', name] as const),
      ],
      workloads: (workload) => {
        const own = workloads.get(workload.ref.name);
        return own === undefined ? undefined : { ...own, replicas: workload.replicas };
      },
      ...surroundings,
    });
    if (start.certManager === 'absent') installation.api.unserve('cert-manager.io/v1');
    return new Migrating(installation, start);
  }

  async run(plan: MigrationPlan, { until, wait = PATIENCE }: CommandOptions = {}): Promise<Ended> {
    return await this.#process((tools) =>
      runMigration(tools, { plan, settings: settingsOfPlan(plan), until, wait }),
    );
  }

  async undo(plan: MigrationPlan, { wait = PATIENCE }: CommandOptions = {}): Promise<Ended> {
    return await this.#process((tools) =>
      undoMigration(tools, { plan, settings: settingsOfPlan(plan), wait }),
    );
  }

  /** `mtls-rotator` with these arguments, as the shipped program answers them. */
  async command(argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const { api, clock } = this.installation;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(api.kubeconfigFor('operator'));
    let pauses = 0;
    return await typedCommand(argv, {
      kubeConfig,
      clock,
      pause: async (delay) => {
        pauses += 1;
        if (pauses > MOST_PAUSES) throw new Error(`${argv.join(' ')} waits for ever`);
        issueDue(api, NAMESPACE, this.issuer);
        await this.installation.pass(delay);
      },
    });
  }

  /** Somebody applies each patch as soon as it is shown, once. */
  patching(how: (workload: Workload, patch: string) => Workload): void {
    const applied = new Set<string>();
    this.operator = async () => {
      const shown = this.told.findLast((telling) => telling.type === 'patches');
      const fresh = (shown?.type === 'patches' ? shown.patches : []).filter(
        ({ component }) => !applied.has(component),
      );
      for (const { component, workload, patch } of fresh) {
        applied.add(component);
        await this.change([workload.name], (present) => how(present, patch));
      }
    };
  }

  /** As it is now. */
  workload(name: string): Workload {
    for (const kind of ['Deployment', 'StatefulSet'] as const) {
      const object = this.installation.api.objects.get(kind, NAMESPACE, name);
      if (object !== undefined) return toWorkload(kind, object);
    }
    throw new Error(`no workload ${name}`);
  }

  /** Changes the templates of these workloads, as somebody who applies a patch does. */
  async change(names: readonly string[], how: (workload: Workload) => Workload): Promise<void> {
    const { api } = this.installation;
    // `how` may take its time: no call is on its way meanwhile.
    await this.installation.quiet();
    for (const kind of ['Deployment', 'StatefulSet'] as const)
      for (const object of api.objects.list(kind, NAMESPACE)) {
        const workload = toWorkload(kind, object);
        if (names.includes(workload.ref.name)) this.installation.put(how(workload));
      }
    await this.installation.quiet();
    await this.installation.pass(MINUTE);
  }

  /** A process of its own, until it ends or is killed. @throws Killed */
  async #process(work: (tools: MigrationTools) => Promise<Ended>): Promise<Ended> {
    this.#processes += 1;
    const user = `operator-${this.#processes}`;
    const { installation } = this;
    const { api, clock } = installation;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(api.kubeconfigFor(user));
    const client = { kubeConfig, clock, random: systemRandom };
    const stop = new AbortController();
    const died = installation.deathOf(user).then(() => {
      stop.abort();
      throw new Killed(`${user} was killed`);
    });
    died.catch(() => undefined);
    const tools: MigrationTools = {
      cluster: createCluster({ ...client, reporter: user, onTrouble: () => undefined }),
      own: createOwnObjects(client),
      clock,
      engine: (settings) => {
        const { services, rotation, told } = new Agent(installation, user, settings);
        return { services, rotation, told: () => engineWords(told.splice(0)) };
      },
      pause: async (delay) => {
        issueDue(api, NAMESPACE, this.issuer);
        await this.operator?.();
        if (!stop.signal.aborted) await installation.pass(delay);
      },
      signal: stop.signal,
      tell: (telling) => {
        this.told.push(telling);
        if (this.interruptAt?.(telling) === true) stop.abort();
      },
    };
    const working = work(tools);
    working.catch(() => undefined);
    return await Promise.race([working, died]);
  }

  async close(): Promise<void> {
    await this.installation.close();
  }
}
