/**
 * Argo CD instances that one agent looks after at the same time, each going through changes of its own under traffic.
 *
 * **Invariant:** a lane that fails ends alone; what it had not come to is reported with the reason.
 */
import type { FinishedRotation } from '../../../agent/model/journal-record.ts';
import type { Api } from '../harness/api.ts';
import { applicationPaths } from '../harness/git.ts';
import { until } from '../harness/wait.ts';
import type { AgentConfig, AgentPod, Finding } from './agent-pod.ts';
import type { SharedWindow } from './shared-window.ts';
import { measure, type Row } from './window.ts';

export type InstanceConfig = Readonly<Record<string, unknown>>;

export interface Change {
  /** Unique in the run: the row's name in the table. */
  readonly change: string;
  readonly trigger: () => Promise<unknown>;
  /** How long it may take. */
  readonly seconds: number;
  /** Where a user has a part in it, more than one rotation may: then it is over once this is so and nothing is under way. */
  readonly isDone?: () => Promise<boolean>;
  /** Nothing may come of it: there is no rotation to wait for, and one that began is an error. */
  readonly rotations?: 'none';
}

export interface Outcome {
  readonly row: Row;
  /** The last one that the change was made of; undefined where nothing was to come of it. */
  readonly rotation: FinishedRotation | undefined;
}

/** The agent with the instances of all lanes in one configuration. */
export class Fleet {
  readonly #agent: AgentPod;
  readonly #rest: Omit<AgentConfig, 'instances'>;
  readonly #instances = new Map<string, InstanceConfig>();
  #writing: Promise<void> = Promise.resolve();

  constructor(agent: AgentPod, rest: Omit<AgentConfig, 'instances'>) {
    this.#agent = agent;
    this.#rest = rest;
  }

  get agent(): AgentPod {
    return this.#agent;
  }

  config(): AgentConfig {
    return { ...this.#rest, instances: [...this.#instances.values()] };
  }

  /** One lane's write at a time: each writes the whole file. */
  async set(namespace: string, instance: InstanceConfig): Promise<void> {
    this.#instances.set(namespace, { name: namespace, namespace, ...instance });
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#agent.configure(this.config()));
    await this.#writing;
  }

  async findings(namespace: string): Promise<readonly Finding[]> {
    const instance = this.#instances.get(namespace);
    if (instance === undefined) throw new Error(`${namespace} is not configured`);
    return await this.#agent.findings({ ...this.#rest, instances: [instance] });
  }

  /** Before the agent is there to be configured. */
  plan(namespace: string, instance: InstanceConfig): void {
    this.#instances.set(namespace, { name: namespace, namespace, ...instance });
  }
}

export class Lane {
  readonly namespace: string;
  readonly #api: Api;
  readonly #fleet: Fleet;
  readonly #window: SharedWindow;
  readonly #refreshes: number;
  readonly #outcomes = new Map<string, Outcome | Error>();
  #failed: Error | undefined;

  constructor(
    namespace: string,
    options: { api: Api; fleet: Fleet; window: SharedWindow; refreshes: number },
  ) {
    this.namespace = namespace;
    this.#api = options.api;
    this.#fleet = options.fleet;
    this.#window = options.window;
    this.#refreshes = options.refreshes;
  }

  get rows(): readonly Row[] {
    return [...this.#outcomes.values()].flatMap((outcome) => (outcome instanceof Error ? [] : [outcome.row]));
  }

  /** Throws what kept the change from its end. */
  outcome(change: string): Outcome {
    const outcome = this.#outcomes.get(change);
    if (outcome === undefined) throw new Error(`${this.namespace}: never came to "${change}"`);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /** One after the other; after a failed one, the rest is reported as not reached, in later calls too. */
  async run(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      if (this.#failed !== undefined) {
        this.#outcomes.set(change.change, new Error(`not reached, because: ${this.#failed.message}`));
        continue;
      }
      try {
        this.#outcomes.set(change.change, await this.#rotate(change));
      } catch (problem) {
        const reason = problem instanceof Error ? problem.message : String(problem);
        this.#failed = new Error(`${this.namespace}, "${change.change}": ${reason}`);
        this.#outcomes.set(change.change, this.#failed);
      }
    }
  }

  configure(instance: InstanceConfig): Promise<void> {
    return this.#fleet.set(this.namespace, instance);
  }

  /** What `plan` says of the instance as it is now. */
  async findings(): Promise<readonly Finding[]> {
    return await this.#fleet.findings(this.namespace);
  }

  /** Nothing is under way. */
  async isIdle(): Promise<boolean> {
    const journal = await this.#fleet.agent.journal(this.namespace, this.namespace);
    return journal !== undefined && journal.rotation === undefined && journal.closing === undefined;
  }

  async #rotate({ change, trigger, seconds, isDone, rotations }: Change): Promise<Outcome> {
    const before = new Set((await this.#finished()).map(({ id }) => id));
    let rotation: FinishedRotation | undefined;
    const row = await measure(
      this.#api,
      {
        change,
        namespace: this.namespace,
        applications: [...applicationPaths],
        refreshes: this.#refreshes,
        // Instances share two cores, and a hard refresh is dear: now and then for each Application, not as many as go.
        pauseMs: 5_000,
        traffic: this.#window,
      },
      async () => {
        await trigger();
        if (rotations !== 'none') rotation = await this.#ended(before, seconds, isDone);
      },
    );
    if (rotations !== 'none') return { row, rotation };
    const begun = (await this.#finished()).filter(({ id }) => !before.has(id));
    if (begun.length > 0 || !(await this.isIdle())) throw new Error('a rotation began');
    return { row, rotation };
  }

  async #finished(): Promise<readonly FinishedRotation[]> {
    return (await this.#fleet.agent.journal(this.namespace, this.namespace))?.history ?? [];
  }

  /** A rotation that was not there before has ended, and none is under way. */
  async #ended(
    before: ReadonlySet<string>,
    seconds: number,
    isDone: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<FinishedRotation> {
    return await until(
      `a rotation of ${this.namespace} to end`,
      seconds,
      async () => {
        const journal = await this.#fleet.agent.journal(this.namespace, this.namespace);
        if (journal === undefined || journal.rotation !== undefined || journal.closing !== undefined)
          return undefined;
        return (await isDone()) ? journal.history.findLast(({ id }) => !before.has(id)) : undefined;
      },
      1_000,
    );
  }
}
