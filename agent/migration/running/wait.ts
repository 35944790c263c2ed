/**
 * Waiting for somebody else: told once for each thing that is waited for, with since and until, ended by a signal or by the time that the user
 * gave it.
 *
 * **Invariant:** waiting writes nothing.
 */
import type { Duration, Instant } from '../../model/terms.ts';
import type { Ended, MigrationTools } from './tools.ts';

export interface WaitedFor {
  readonly what: string;
  readonly next: string;
  readonly until?: Instant | undefined;
}

/** Between two looks at something that somebody else does. */
const LOOK_AGAIN: Duration = 5_000;

export class Patience {
  readonly #tools: Pick<MigrationTools, 'clock' | 'pause' | 'signal' | 'tell'>;
  readonly #limit: Duration | undefined;
  #now: { readonly what: string; readonly since: Instant } | undefined;

  /** @param limit how long one thing is waited for; `undefined`: until it is there, or the command is stopped. */
  constructor(
    tools: Pick<MigrationTools, 'clock' | 'pause' | 'signal' | 'tell'>,
    limit: Duration | undefined,
  ) {
    this.#tools = tools;
    this.#limit = limit;
  }

  /** What ends the command now; `undefined`: look again. */
  async for({ what, next, until }: WaitedFor, delay: Duration = LOOK_AGAIN): Promise<Ended | undefined> {
    const { clock, pause, signal, tell } = this.#tools;
    if (signal.aborted) return { end: 'stopped', what };
    if (this.#now === undefined) this.#now = { what, since: clock.now() };
    else if (this.#now.what !== what) this.#now = { what, since: this.#now.since };
    else {
      if (this.#limit !== undefined && clock.now() - this.#now.since >= this.#limit)
        return { end: 'waiting', what };
      await pause(delay);
      return signal.aborted ? { end: 'stopped', what } : undefined;
    }
    tell({ type: 'waiting', what, next, since: this.#now.since, until });
    if (this.#limit === 0) return { end: 'waiting', what };
    await pause(delay);
    return signal.aborted ? { end: 'stopped', what } : undefined;
  }

  /** It came: whatever is waited for next is waited for from then on. */
  over(): void {
    this.#now = undefined;
  }
}
