/**
 * Whether a set may still be in the middle of being written.
 *
 * **Invariant:** only what is written file by file is waited for; what a swap put there is whole.
 */
import type { Duration, Instant } from '../../agent/model/terms.ts';
import type { Unread } from './file-trouble.ts';
import type { ReadSet } from './read-directory.ts';

/**
 * How long files have to have stayed as they are. spiffe-helper, vault-agent and scripts write certificate, key and bundle one after the
 * other within milliseconds; a bundle cut off between two CAs would pass every other check.
 */
export const QUIET: Duration = 1_000;

/** @param at now, by the clock of the same node */
export const beingWritten = (directory: string, set: ReadSet, at: Instant): Unread | undefined =>
  // A date ahead of the clock was set by hand or by another node's clock, and says nothing.
  set.written === 'one-by-one' && at - set.changedAt >= 0 && at - set.changedAt < QUIET
    ? {
        state: 'waiting',
        why: `The files in ${directory} were written less than a second ago, one by one; there may be more to come.`,
        next: 'Nothing: they are read again at once.',
      }
    : undefined;
