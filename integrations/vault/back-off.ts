/**
 * How long a Vault that failed is left alone.
 *
 * **Invariant:** requests that were under way together count as one failure; the same failure is told until the next try.
 */
import type { Duration, Instant } from '../../agent/model/terms.ts';
import type { Clock, Random } from '../../agent/ports.ts';
import type { VaultFailure } from './failure.ts';

const FIRST: Duration = 1_000;
const LONGEST: Duration = 60_000;
/** A refused login may lock its user out (Vault's user lockout), so it is tried less often. */
const LONGEST_LOGIN: Duration = 300_000;
/** Of what Vault asks for, at most. */
const LONGEST_ASKED: Duration = 300_000;

export class BackOff {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #random: Random;
  #last:
    | {
        readonly failure: VaultFailure;
        readonly at: Instant;
        readonly until: Instant;
        readonly count: number;
      }
    | undefined;

  constructor(clock: Pick<Clock, 'now'>, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** What failed, where it is too early to ask again. */
  get standing(): VaultFailure | undefined {
    return this.#last !== undefined && this.#clock.now() < this.#last.until ? this.#last.failure : undefined;
  }

  /** @param since when the request that failed was begun */
  failed(failure: VaultFailure, since: Instant): void {
    const before = this.#last;
    if (before !== undefined && since < before.at) return;
    const now = this.#clock.now();
    const count = (before?.count ?? 0) + 1;
    const longest = failure.problem === 'login-refused' ? LONGEST_LOGIN : LONGEST;
    const full = Math.min(longest, FIRST * 2 ** Math.min(count - 1, 20));
    const spread = Number.parseInt(this.#random.hex(2), 16) / 0xffff;
    const asked = Math.min(failure.retryAfter ?? 0, LONGEST_ASKED);
    const delay = Math.max(full * (0.5 + spread / 2), asked);
    this.#last = { failure, at: now, until: now + delay, count };
  }

  succeeded(): void {
    this.#last = undefined;
  }
}
