/**
 * Since when the policy holds an instance, so that its opening can be told.
 *
 * **Invariant:** serves reports only: a new process tells of the hold from the moment at which it sees it.
 */
import type { Hold, Plan } from '../model/plan.ts';
import type { Admission } from '../model/policy.ts';
import type { Instant } from '../model/terms.ts';

export interface PastHold {
  readonly hold: Hold;
  readonly since: Instant;
}

export class PolicyMemory {
  #held: PastHold | undefined;

  /** At each look. */
  see({ hold, steps }: Plan, at: Instant): void {
    if (hold?.code === 'held-by-policy') this.#held = { hold, since: this.#held?.since ?? at };
    else if (steps.length === 0) this.#held = undefined;
  }

  /** A step is taken: what held it before holds no more. Answers once. */
  takeOpened(): PastHold | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }
}

export const isSameAdmission = (one: Admission | undefined, other: Admission | undefined): boolean =>
  one?.goal === other?.goal && one?.by === other?.by && one?.approval?.digest === other?.approval?.digest;
