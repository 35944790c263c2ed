/**
 * A cron expression, read by node-cron, as the plain numbers that `agent/policy/` works with.
 *
 * **Invariant:** what node-cron would schedule and this can't express is refused, never read as something else.
 */
import { parse } from 'node-cron';
import type { Starts, Weekday } from '../model/policy.ts';

export const STARTS_ALLOWED =
  'a cron expression of five fields (minute, hour, day of the month or L, month, weekday, 6#2 or 6L); day and weekday both have to fit, and some day has to';

const dayOfMonth = (value: number | string): number | 'last' | undefined => {
  if (typeof value === 'number') return value;
  return value === 'L' ? 'last' : undefined;
};

const weekday = (value: number | string): Weekday | undefined => {
  if (typeof value === 'number') return { day: value % 7, nth: undefined };
  const parts = /^([0-7])(?:#([1-5])|L)$/.exec(value);
  if (parts === null) return undefined;
  return { day: Number(parts[1]) % 7, nth: parts[2] === undefined ? 'last' : Number(parts[2]) };
};

const all = <T>(values: readonly (T | undefined)[]): readonly T[] | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
};

/** `undefined` where the text is no such expression. */
export const startsOf = (text: string): Starts | undefined => {
  if (text.trim().split(/\s+/).length !== 5) return undefined;
  try {
    const fields = parse(text);
    const daysOfMonth = all(fields.dayOfMonth.map(dayOfMonth));
    const weekdays = all(fields.dayOfWeek.map(weekday));
    if (daysOfMonth === undefined || weekdays === undefined) return undefined;
    return { minutes: fields.minute, hours: fields.hour, daysOfMonth, months: fields.month, weekdays };
  } catch {
    return undefined;
  }
};
