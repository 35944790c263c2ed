/**
 * One agent process beside the installation: the shipped engine with the shipped client, dialer, sources and preflight.
 *
 * **Invariant:** a killed agent's turn ends there and then; nothing of it is carried over to the next one.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { preflight } from '../../../agent/diagnosis/preflight.ts';
import { createCluster } from '../../../agent/kube/cluster.ts';
import type { Happening } from '../../../agent/model/happening.ts';
import type { InstanceSettings } from '../../../agent/model/settings.ts';
import { Rotation } from '../../../agent/rotation/advance.ts';
import { createJournalStore } from '../../../agent/rotation/journal-store.ts';
import { ProofMemory } from '../../../agent/rotation/proof-memory.ts';
import type { RotationServices } from '../../../agent/rotation/services.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { createDialer } from '../../../agent/verification/handshake.ts';
import { strangers } from '../../../agent/verification/stranger.ts';
import { createSources } from '../../../integrations/registry.ts';
import type { Installation } from './index.ts';
import { SECOND } from './settings.ts';

/** The process was killed in the middle of a turn. */
export class Killed extends Error {}

export interface RunOptions {
  /** Stops, between two turns, as soon as this holds. */
  readonly until?: (happenings: readonly Happening[]) => boolean;
  /** Called before each turn. */
  readonly beforeTurn?: () => Promise<void> | void;
  readonly turns?: number;
}

/** One key pair for all agents of a process: RSA keys are dear, and every agent would make one. */
let stranger: ReturnType<typeof strangers> | undefined;

export class Agent {
  readonly user: string;
  readonly services: RotationServices;
  readonly rotation: Rotation;
  /** What this process told. */
  readonly told: Happening[] = [];
  readonly #installation: Installation;
  readonly #killed: Promise<never>;

  constructor(installation: Installation, user: string, settings: InstanceSettings) {
    this.user = user;
    this.#installation = installation;
    const { clock, api } = installation;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(api.kubeconfigFor(user));
    const cluster = createCluster({ kubeConfig, clock, random: systemRandom, reporter: user });
    const start = clock.now();
    stranger ??= strangers({ now: () => start, after: clock.after.bind(clock) }, systemRandom);
    this.services = {
      settings,
      cluster,
      clock,
      random: systemRandom,
      dialer: installation.between(createDialer(clock, stranger)),
      reporter: {
        tell: (happening) => {
          this.told.push(happening);
          installation.happenings.push(happening);
        },
        flush: () => Promise.resolve(),
      },
      journal: createJournalStore(cluster, settings, () => void installation.damages.push(user)),
      sources: createSources(settings, {
        cluster,
        clock,
        ...(installation.connections && { connections: installation.connections }),
      }),
      proofs: new ProofMemory(),
      inspect: preflight,
    };
    this.rotation = new Rotation(this.services);
    this.#killed = installation.deathOf(user).then(() => {
      throw new Killed(`${user} was killed`);
    });
    this.#killed.catch(() => undefined);
  }

  /**
   * Runs until nothing is left to do or something holds it, time passing as the agent asks for it.
   *
   * @returns the steps begun; a hold as last word.
   * @throws Killed, or whatever a turn throws.
   */
  async run(options: RunOptions = {}): Promise<readonly string[]> {
    const steps: string[] = [];
    const turns = options.turns ?? 250;
    for (let turn = 0; turn < turns; turn += 1) {
      await options.beforeTurn?.();
      const before = this.told.length;
      const next = await Promise.race([this.rotation.advance(), this.#killed]);
      const told = this.told.slice(before);
      for (const happening of told) {
        if (happening.type === 'step-started') steps.push(stepWord(happening.step));
      }
      await this.#installation.quiet();
      const held = told.find((happening) => happening.type === 'held');
      if (held?.type === 'held') return [...steps, `held ${held.hold.code}`];
      if (options.until?.(told) === true || next.again === 'when-woken') return steps;
      if (next.again === 'after') await this.#pass(next.delay);
    }
    throw new Error(`not at rest after ${turns} turns; steps so far: ${steps.join(', ')}`);
  }

  /** In parts where it is long, everybody calling twice and more meanwhile. */
  async #pass(delay: number): Promise<void> {
    if (delay <= 0) return;
    const parts = delay > 10 * SECOND ? 3 : 1;
    for (let part = 0; part < parts; part += 1) {
      this.#installation.clock.advance(Math.ceil(delay / parts));
      if (parts > 1) await this.#installation.everyoneCalls();
      await this.#installation.quiet();
    }
  }
}

type StepStarted = Extract<Happening, { type: 'step-started' }>;

const stepWord = (step: StepStarted['step']): string => {
  if (step.kind === 'rollout') return `rollout ${step.component}`;
  if (step.kind === 'publish') return `publish ${step.changes.map((change) => change.role).join('+')}`;
  return step.kind;
};
