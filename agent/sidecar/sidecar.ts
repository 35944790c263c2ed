/**
 * A sidecar at work: look, decide, do one thing, look again; and sleep where nothing can be done now.
 *
 * **Invariant:** what goes wrong in one turn is told and tried again; it never ends the sidecar, since Argo CD's container needs it.
 */
import { RotatorError } from '../model/errors.ts';
import type { RotationRecord } from '../model/journal-record.ts';
import type { SidecarHold } from '../model/sidecar-hold.ts';
import type { Duration, Instant } from '../model/terms.ts';
import { decide } from './decision/decide.ts';
import { type Action, isMove } from './decision/situation.ts';
import { type Observed, observe } from './observe.ts';
import { clearDirectories, type Outcome, perform } from './perform.ts';
import { RotationKeeper, type RotationListener } from './rotation-keeper.ts';
import { freshMemory, type SidecarMemory, type SidecarServices } from './services.ts';

/** One turn, for whoever listens. */
export interface Turned {
  readonly at: Instant;
  readonly startedAt: Instant;
  readonly observed: Observed | undefined;
  readonly action: Action | undefined;
  /** `noted`: nothing was done but to share which rotation this belongs to. */
  readonly result: 'done' | 'lost' | 'held' | 'failed' | 'noted';
  readonly hold: SidecarHold | undefined;
  readonly rotation: RotationRecord | undefined;
  readonly error: string | undefined;
}

export interface SidecarListener extends RotationListener {
  readonly onTurn: (turned: Turned) => void;
}

export interface SidecarState {
  /** Every directory held a whole set when it was last looked at. */
  readonly files: 'written' | 'missing';
  readonly lastTurnAt: Instant | undefined;
  readonly hold: SidecarHold | undefined;
}

/** A turn that hangs longer than this is no turn any more: file systems and API calls have shorter limits. */
const HANGS_AFTER: Duration = 180_000;

const LEAST_PAUSE: Duration = 1_000;

/** A change takes a handful of moves; more in one breath is going round in circles. */
const MOVES_IN_ONE_BREATH = 12;

const notDone = (error: RotatorError): SidecarHold => ({
  code: 'not-written',
  what: error.what,
  effect: error.effect,
  next: error.next,
});

export class Sidecar {
  readonly #services: SidecarServices;
  readonly #memory: SidecarMemory;
  readonly #listener: SidecarListener;
  readonly #keeper: RotationKeeper;
  #state: SidecarState;
  #wake: () => void = () => undefined;
  #woken: 'yes' | 'no' = 'no';
  /** From when on the set before the present one may be cleared away. */
  #clearAt: Instant;
  /** Moves without a pause in between. */
  #moves = 0;

  constructor(services: SidecarServices, listener: SidecarListener) {
    this.#services = services;
    this.#listener = listener;
    this.#keeper = new RotationKeeper(services, listener);
    this.#memory = freshMemory(services.clock.now());
    this.#clearAt = this.#memory.begunAt;
    this.#state = { files: 'missing', lastTurnAt: undefined, hold: undefined };
  }

  get state(): SidecarState {
    return this.#state;
  }

  /** False where the loop hangs. */
  get isAlive(): boolean {
    const { lastTurnAt } = this.#state;
    const { clock, settings } = this.#services;
    const since = lastTurnAt ?? this.#memory.begunAt;
    return clock.now() - since < HANGS_AFTER + settings.timing.poll;
  }

  /** Looks and does one thing. Throws nothing but defects. */
  async turn(): Promise<Turned> {
    const { clock } = this.#services;
    const startedAt = clock.now();
    let observed: Observed | undefined;
    let action: Action | undefined;
    let done: Pick<Turned, 'result' | 'hold' | 'error'>;
    try {
      observed = await observe(this.#services, this.#memory);
      await this.#clear(observed);
      action = decide(observed.situation);
      done = await this.#do(observed, action);
    } catch (error) {
      if (!(error instanceof RotatorError)) throw error;
      done = { result: 'failed', hold: notDone(error), error: error.what };
    }
    const at = clock.now();
    const files =
      observed === undefined
        ? this.#state.files
        : observed.situation.written !== undefined
          ? 'written'
          : this.#state.files;
    const turned = { at, startedAt, observed, action, rotation: this.#keeper.rotation, ...done };
    // A turn that only noted something has not looked at what is held.
    const hold = turned.result === 'noted' ? this.#state.hold : turned.hold;
    this.#state = { files, lastTurnAt: at, hold };
    this.#listener.onTurn(turned);
    return turned;
  }

  async #do(observed: Observed, action: Action): Promise<Pick<Turned, 'result' | 'hold' | 'error'>> {
    const { clock, settings } = this.#services;
    if ((await this.#keeper.keep(observed, action)) === 'noted')
      return { result: 'noted', hold: undefined, error: undefined };
    const outcome: Outcome = isMove(action)
      ? await perform(this.#services, observed, action)
      : { result: 'done' };
    if (action.kind === 'write' && outcome.result === 'done') {
      this.#clearAt = clock.now() + settings.timing.settle;
      this.#state = { ...this.#state, files: 'written' };
    }
    return { result: outcome.result, hold: holdOf(action, outcome), error: undefined };
  }

  /** Works until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { sources } = this.#services;
    const watching = sources.watch(() => this.wake());
    const stop = (): void => this.wake();
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        this.#woken = 'no';
        const turned = await this.turn();
        const pause = this.#pauseAfter(turned);
        this.#moves = pause > 0 ? 0 : this.#moves + 1;
        if (pause > 0 && !signal.aborted) await this.#sleep(pause);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await watching.stop();
    }
  }

  /** Something may have changed. */
  wake(): void {
    this.#woken = 'yes';
    this.#wake();
  }

  /** The set before the present one goes when no reader can be on it any more. */
  async #clear(observed: Observed): Promise<void> {
    if (this.#services.clock.now() < this.#clearAt) return;
    await clearDirectories(this.#services, observed);
    this.#clearAt = Number.POSITIVE_INFINITY;
  }

  #pauseAfter({ action, result }: Turned): Duration {
    const { clock, settings, random } = this.#services;
    const { poll } = settings.timing;
    const short = Math.max(LEAST_PAUSE, poll / 10);
    if (result === 'lost') return LEAST_PAUSE * (0.5 + Number.parseInt(random.hex(1), 16) / 255);
    if (result === 'failed' || action === undefined) return short;
    if (result === 'noted') return this.#moves < MOVES_IN_ONE_BREATH ? 0 : short;
    switch (action.kind) {
      case 'rest':
        return Math.min(poll, Math.max(LEAST_PAUSE, this.#clearAt - clock.now()));
      case 'hold':
      case 'evict':
        return short;
      case 'wait':
        return action.until === undefined
          ? short
          : Math.min(short, Math.max(LEAST_PAUSE, action.until - clock.now()));
      default:
        return this.#moves < MOVES_IN_ONE_BREATH ? 0 : short;
    }
  }

  async #sleep(pause: Duration): Promise<void> {
    if (this.#woken === 'yes') return;
    await new Promise<void>((resolve) => {
      const cancel = this.#services.clock.after(pause, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}

const holdOf = (action: Action, outcome: Outcome): SidecarHold | undefined => {
  if (outcome.result === 'held') return outcome.hold;
  if (action.kind === 'hold') return action.hold;
  return action.kind === 'write' ? action.warning : undefined;
};
