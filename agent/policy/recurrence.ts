/**
 * When something that recurs goes on, and when it begins next.
 *
 * **Invariant:** a window lasts exactly its duration, whatever clocks do; a freeze is over when the duration has passed and clocks
 * read so, whichever is later. In doubt, nothing is changed.
 */
import type { Recurrence, Starts } from '../model/policy.ts';
import type { Instant } from '../model/terms.ts';
import { DAY, HOUR, MINUTE, readingsOf, type Wall, wallAt } from './zone.ts';

export interface Span {
  readonly from: Instant;
  /** The first instant after it. */
  readonly to: Instant;
}

export type Kind = 'window' | 'freeze';

/** How far ahead is looked: past the eight years around 2100 that have no 29 February. */
export const FARTHEST = 9 * 366 * DAY;

/** Clocks are set by less: starts that are farther apart keep their order. */
const DISORDER = 3 * HOUR;

const weekOfMonth = (dayOfMonth: number): number => Math.ceil(dayOfMonth / 7);

/** Whether something starts on a day of the wall clock, at any hour. */
export const startsOn = (starts: Starts, day: Wall): boolean => {
  const date = new Date(day);
  const dayOfMonth = date.getUTCDate();
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return (
    starts.months.includes(date.getUTCMonth() + 1) &&
    starts.daysOfMonth.some((one) => (one === 'last' ? last : one) === dayOfMonth) &&
    starts.weekdays.some(
      ({ day: weekday, nth }) =>
        weekday === date.getUTCDay() &&
        (nth === undefined || (nth === 'last' ? dayOfMonth + 7 > last : nth === weekOfMonth(dayOfMonth))),
    )
  );
};

/** From midnight, ascending. */
const timesOfDay = ({ hours, minutes }: Starts): readonly number[] =>
  hours
    .flatMap((hour) => minutes.map((minute) => hour * HOUR + minute * MINUTE))
    .sort((one, other) => one - other);

const spanFrom = ({ timeZone, duration }: Recurrence, start: Wall, kind: Kind): Span => {
  const { usual, earliest } = readingsOf(timeZone, start);
  return kind === 'window'
    ? { from: usual, to: usual + duration }
    : {
        from: earliest,
        to: Math.max(earliest + duration, readingsOf(timeZone, start + duration).latest),
      };
};

const dayOf = ({ timeZone }: Recurrence, at: Instant): Wall => Math.floor(wallAt(timeZone, at) / DAY) * DAY;

/** The one that goes on at an instant; of several the one that ends last. */
export const currentSpan = (recurrence: Recurrence, at: Instant, kind: Kind): Span | undefined => {
  const times = timesOfDay(recurrence.starts).toReversed();
  const oldest = dayOf(recurrence, at - recurrence.duration) - 2 * DAY;
  let current: Span | undefined;
  for (let day = dayOf(recurrence, at) + DAY; day >= oldest; day -= DAY) {
    if (!startsOn(recurrence.starts, day)) continue;
    for (const time of times) {
      const span = spanFrom(recurrence, day + time, kind);
      if (span.from <= at && span.to > at && span.to > (current?.to ?? at)) current = span;
      // All of them last as long, so what began earlier ended earlier.
      if (span.from <= at - DISORDER) return current;
    }
  }
  return current;
};

/** The next one that begins later than an instant; `undefined`: none within {@link FARTHEST}. */
export const nextSpan = (recurrence: Recurrence, after: Instant, kind: Kind): Span | undefined => {
  const times = timesOfDay(recurrence.starts);
  const farthest = dayOf(recurrence, after) + FARTHEST;
  let next: Span | undefined;
  for (let day = dayOf(recurrence, after) - DAY; day <= farthest; day += DAY) {
    if (next !== undefined && day > next.from + 2 * DAY) return next;
    if (!startsOn(recurrence.starts, day)) continue;
    for (const time of times) {
      const span = spanFrom(recurrence, day + time, kind);
      if (span.from > after && (next === undefined || span.from < next.from)) next = span;
      if (next !== undefined && span.from > next.from + DISORDER) return next;
    }
  }
  return next;
};
