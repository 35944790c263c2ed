/**
 * Failures on order.
 *
 * **Invariant:** each fault strikes one matching call (or as many as it says), in the order in which they were asked for.
 */

/** What to strike. `resource` with subresource where one is meant: `secrets`, `certificates/status`. Left out: any. */
export interface FaultMatch {
  readonly verb?: string;
  readonly resource?: string;
  readonly name?: string;
}

export type Fault =
  /** Answered with this status, not carried out. `retryAfter` in seconds. */
  | { readonly status: number; readonly retryAfter?: number }
  /** Carried out and answered after this many milliseconds of the stand-in's Clock. */
  | { readonly delay: number }
  /** The connection dies before the call is carried out. */
  | { readonly close: true }
  /** The call is carried out, and its answer is lost. */
  | { readonly drop: true }
  /** Neither carried out nor answered: the caller's time limit has to end it. */
  | { readonly hang: true };

interface Waiting {
  readonly match: FaultMatch;
  readonly fault: Fault;
  left: number;
}

export class Faults {
  readonly #waiting: Waiting[] = [];

  /** The next `times` calls that match fail like this. */
  next(match: FaultMatch, fault: Fault, times = 1): void {
    this.#waiting.push({ match, fault, left: times });
  }

  /** Faults that haven't struck yet. */
  get pending(): number {
    return this.#waiting.reduce((sum, waiting) => sum + waiting.left, 0);
  }

  clear(): void {
    this.#waiting.length = 0;
  }

  take(call: {
    readonly verb: string;
    readonly resource: string;
    readonly name: string | undefined;
  }): Fault | undefined {
    const found = this.#waiting.find(
      ({ match, left }) =>
        left > 0 &&
        (match.verb === undefined || match.verb === call.verb) &&
        (match.resource === undefined || match.resource === call.resource) &&
        (match.name === undefined || match.name === call.name),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#waiting.splice(this.#waiting.indexOf(found), 1);
    return found.fault;
  }
}
