/**
 * Wall clocks of a time zone and the instants that they stand for.
 *
 * **Invariant:** every reading of a wall clock has an answer, on the days when clocks change too: see {@link readingsOf}.
 */
import type { Duration, Instant } from '../model/terms.ts';

export const MINUTE: Duration = 60_000;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** A wall clock's reading, written as the instant at which a clock in UTC reads the same. */
export type Wall = number;

/** Formatters are dear to make. */
const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, made);
  return made;
};

/** Whether it is the name of a zone; a bare offset is none, as it knows no daylight saving. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
};

/** What clocks of the zone read at an instant. @throws RangeError where there is no such zone */
export const wallAt = (timeZone: string, at: Instant): Wall => {
  const read: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(at)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
};

const offsetAt = (timeZone: string, at: Instant): Duration => wallAt(timeZone, at) - at;

/** The instants that a reading of the wall clock may mean. */
export interface Readings {
  /**
   * As calendars take it (RFC 5545, 3.3.5): of two the first; one that is skipped by the time before the change, so that what should
   * begin in the skipped hour begins just as long after midnight as on any other day.
   */
  readonly usual: Instant;
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** What a reading of the wall clock means, also where clocks are set forward (never) or back (twice). */
export const readingsOf = (timeZone: string, wall: Wall): Readings => {
  // No zone is a day away from UTC, and none changes its clocks twice in two days.
  const before = offsetAt(timeZone, wall - DAY);
  const after = offsetAt(timeZone, wall + DAY);
  const real = [before, after].map((offset) => wall - offset).filter((at) => wallAt(timeZone, at) === wall);
  const candidates = real.length > 0 ? real : [wall - before, wall - after];
  return {
    usual: real.length > 0 ? Math.min(...real) : wall - before,
    earliest: Math.min(...candidates),
    latest: Math.max(...candidates),
  };
};
