/**
 * Trying again, where that helps and can do no harm.
 *
 * **Invariant:** a call that may have changed something is tried again only where the server certainly didn't take it on.
 * Everything else goes back to the caller, who reads the state first.
 */
import { ApiError } from '../model/errors.ts';
import type { Duration } from '../model/terms.ts';
import type { Clock, Random } from '../ports.ts';
import { neverArrived } from './errors.ts';

export interface RetryPolicy {
  /** Calls made at most, the first one included. */
  readonly attempts: number;
  /** Delay before the second call; doubles from there. */
  readonly first: Duration;
  /** Longest delay, and the longest Retry-After that is waited for here; a longer one is left to the caller. */
  readonly longest: Duration;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, first: 250, longest: 5_000 };

/** `delay` plus or minus a quarter, so that many agents don't come back at once. */
export const jittered = (delay: Duration, random: Random): Duration => {
  const share = Number.parseInt(random.hex(2), 16) / 0xffff;
  return Math.round(delay * (0.75 + share / 2));
};

/** Delay before call number `attempt` + 1 (attempt counts from 1), without jitter. */
export const backoff = (policy: Pick<RetryPolicy, 'first' | 'longest'>, attempt: number): Duration =>
  Math.min(policy.longest, policy.first * 2 ** (attempt - 1));

/** Whether the same call may be made again. `safe`: it reads only. */
export const worthRetrying = (error: ApiError, safe: boolean): boolean => {
  switch (error.reason) {
    // Priority and fairness turned the request away before it was handled.
    case 'too-many-requests':
      return true;
    case 'unreachable':
      return safe || neverArrived(error.cause);
    case 'timeout':
    case 'server-error':
      return safe;
    default:
      return false;
  }
};

const pause = (clock: Clock, delay: Duration): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delay, resolve);
  });

/** Makes `call`, again if {@link worthRetrying}. Throws the last error. */
export const withRetry = async <T>(
  call: () => Promise<T>,
  safe: boolean,
  tools: { readonly clock: Clock; readonly random: Random },
  policy: RetryPolicy = DEFAULT_RETRY,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || attempt >= policy.attempts || !worthRetrying(error, safe))
        throw error;
      if (error.retryAfter !== undefined && error.retryAfter > policy.longest) throw error;
      await pause(tools.clock, error.retryAfter ?? jittered(backoff(policy, attempt), tools.random));
    }
  }
};
