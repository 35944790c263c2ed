/**
 * Whether a change may begin at an instant, by windows and freezes, and if not, from when.
 *
 * **Invariant:** a freeze outweighs every window.
 */
import type { Freeze, Policy, PolicyClass } from '../model/policy.ts';
import type { Instant } from '../model/terms.ts';
import { currentSpan, nextSpan } from './recurrence.ts';

export type Calendar = Pick<Policy, 'windows' | 'freezes'>;

export type Standing =
  | { readonly open: 'yes' }
  | {
      readonly open: 'no';
      readonly reason: 'outside-window' | 'frozen';
      /** Why it is frozen, or which windows there are. */
      readonly why: string;
      /** When a change may begin, freezes after the first considered too; `undefined`: not within the nine years looked at. */
      readonly opens: Instant | undefined;
    };

type Closed = Omit<Extract<Standing, { open: 'no' }>, 'open' | 'opens'> & {
  readonly until: Instant | undefined;
};

const endOf = (freeze: Freeze, at: Instant): Instant | undefined => {
  if (freeze.kind === 'recurring') return currentSpan(freeze, at, 'freeze')?.to;
  return freeze.from <= at && at < freeze.to ? freeze.to : undefined;
};

const frozen = ({ freezes }: Calendar, at: Instant): Closed | undefined => {
  for (const freeze of freezes) {
    const until = endOf(freeze, at);
    if (until !== undefined) return { reason: 'frozen', why: freeze.why, until };
  }
  return undefined;
};

const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined => {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

/** For one class: closed where windows are given for it and none is open. */
const outside = ({ windows }: Calendar, changeClass: PolicyClass, at: Instant): Closed | undefined => {
  const own = windows.filter(({ classes }) => classes.length === 0 || classes.includes(changeClass));
  if (own.length === 0 || own.some((window) => currentSpan(window, at, 'window') !== undefined))
    return undefined;
  return {
    reason: 'outside-window',
    why: own.map(({ cron, timeZone }) => `${cron} (${timeZone})`).join(', '),
    until: earliest(own.map((window) => nextSpan(window, at, 'window')?.from)),
  };
};

const closed = (calendar: Calendar, classes: readonly PolicyClass[], at: Instant): Closed | undefined => {
  const freeze = frozen(calendar, at);
  if (freeze !== undefined) return freeze;
  for (const changeClass of classes) {
    const window = outside(calendar, changeClass, at);
    if (window !== undefined) return window;
  }
  return undefined;
};

/** Each try skips a freeze or a wait for a window; who needs more has none that could be relied upon. */
const TRIES = 500;

/** When a change of all these classes at once may begin, at the earliest; `undefined`: never, as far as can be seen. */
export const opening = (
  calendar: Calendar,
  classes: readonly PolicyClass[],
  from: Instant,
): Instant | undefined => {
  let at = from;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = closed(calendar, classes, at);
    if (found === undefined) return at;
    if (found.until === undefined) return undefined;
    at = found.until;
  }
  return undefined;
};

/** How windows and freezes stand to a change of all these classes at once. */
export const standing = (calendar: Calendar, classes: readonly PolicyClass[], at: Instant): Standing => {
  const found = closed(calendar, classes, at);
  if (found === undefined) return { open: 'yes' };
  const { reason, why } = found;
  return { open: 'no', reason, why, opens: opening(calendar, classes, at) };
};
