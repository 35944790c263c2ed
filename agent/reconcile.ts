/**
 * Keeps one instance going: turn after turn, one at a time; watches, timers and the sweep only wake it.
 *
 * **Invariant:** turns of one instance never overlap, and one instance's trouble delays no other.
 */
import { ApiError, RotatorError } from './model/errors.ts';
import type { Duration } from './model/terms.ts';
import type { Rotation } from './rotation/advance.ts';
import { instanceName, type RotationServices } from './rotation/services.ts';

/** Turns that may follow each other at once before a breath is taken: a loop in the plan must not become a storm of calls. */
const TURNS_IN_A_ROW = 25;
const BREATH: Duration = 1_000;
/** Watch events come in bursts: one look serves them all. */
const GATHER: Duration = 200;

export class Reconciler {
  readonly #rotation: Rotation;
  readonly #services: RotationServices;
  readonly #onTurn: () => void;
  #cancelTimer: () => void = () => undefined;
  #turn: Promise<void> | undefined;
  #wanted: 'no' | 'yes' = 'no';
  #failures = 0;
  #row = 0;
  #gathering = false;
  #state: 'stopped' | 'running' | 'stopping' = 'stopped';
  #lastTurnAt: number | undefined;

  /** @param onTurn called after every turn that ended well. */
  constructor(rotation: Rotation, services: RotationServices, onTurn: () => void = () => undefined) {
    this.#rotation = rotation;
    this.#services = services;
    this.#onTurn = onTurn;
  }

  start(): void {
    this.#state = 'running';
    this.#begin();
  }

  /** When a turn last ended well; for readiness. */
  get lastTurnAt(): number | undefined {
    return this.#lastTurnAt;
  }

  /** Something may have changed: look soon. */
  wake(): void {
    if (this.#state !== 'running') return;
    if (this.#turn !== undefined) {
      this.#wanted = 'yes';
      return;
    }
    // While failing, only the back-off timer starts a turn: a storm of watch events must not defeat it.
    if (this.#failures > 0 || this.#gathering) return;
    this.#gathering = true;
    this.#cancelTimer();
    this.#cancelTimer = this.#services.clock.after(GATHER, () => this.#begin());
  }

  /** Finishes the step at hand and stops. */
  async stop(): Promise<void> {
    this.#state = 'stopping';
    this.#cancelTimer();
    await this.#turn;
    this.#state = 'stopped';
  }

  #begin(): void {
    this.#cancelTimer();
    this.#gathering = false;
    this.#wanted = 'no';
    this.#turn = this.#takeTurn().then((delay) => {
      this.#turn = undefined;
      if (this.#state !== 'running') return;
      if (this.#wanted === 'yes' && this.#failures === 0) {
        this.wake();
        return;
      }
      if (delay !== undefined) this.#cancelTimer = this.#services.clock.after(delay, () => this.#begin());
    });
  }

  async #takeTurn(): Promise<Duration | undefined> {
    try {
      const next = await this.#rotation.advance();
      this.#recover();
      this.#lastTurnAt = this.#services.clock.now();
      if (this.#state === 'running') this.#onTurn();
      if (next.again === 'at-once') {
        this.#row += 1;
        return this.#row > TURNS_IN_A_ROW ? BREATH : 0;
      }
      this.#row = 0;
      return next.again === 'after' ? next.delay : undefined;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #recover(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    const { reporter, settings, clock } = this.#services;
    reporter.tell({ type: 'recovered', instance: instanceName(settings), at: clock.now() });
  }

  #fail(error: unknown): Duration {
    const { reporter, settings, clock } = this.#services;
    // A lost precondition is the world moving on, not trouble: look again.
    if (error instanceof ApiError && error.reason === 'conflict' && this.#row < TURNS_IN_A_ROW) {
      this.#row += 1;
      return 200;
    }
    this.#failures += 1;
    const { retry, retryMaximum } = settings.timing;
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    const delay = Math.max(asked, Math.min(retry * 2 ** (this.#failures - 1), retryMaximum));
    reporter.tell({
      type: 'degraded',
      instance: instanceName(settings),
      at: clock.now(),
      error: error instanceof Error ? error.message : String(error),
      kind: error instanceof RotatorError ? error.kind : 'broken',
      retryAt: clock.now() + delay,
    });
    return delay;
  }
}
