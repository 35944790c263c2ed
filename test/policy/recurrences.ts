/** Windows and freezes as tests write them. */
import { startsOf } from '../../agent/config/cron-starts.ts';
import { parseDuration } from '../../agent/config/duration.ts';
import {
  type ChangeWindow,
  type Freeze,
  NO_POLICY,
  type Policy,
  type PolicyClass,
  type Recurrence,
} from '../../agent/model/policy.ts';

export const BERLIN = 'Europe/Berlin';

export const recurring = (cron: string, duration: string, timeZone = 'UTC'): Recurrence => {
  const starts = startsOf(cron);
  const length = parseDuration(duration);
  if (starts === undefined || length === undefined) throw new Error(`${cron}, ${duration}`);
  return { kind: 'recurring', cron, starts, duration: length, timeZone };
};

export const openAt = (
  cron: string,
  duration: string,
  timeZone = 'UTC',
  classes: readonly PolicyClass[] = [],
): ChangeWindow => ({ ...recurring(cron, duration, timeZone), classes });

export const frozenAt = (cron: string, duration: string, timeZone = 'UTC'): Freeze => ({
  ...recurring(cron, duration, timeZone),
  why: 'month-end',
});

export const frozenFrom = (from: string, to: string): Freeze => ({
  kind: 'dated',
  from: Date.parse(from),
  to: Date.parse(to),
  why: 'sale',
});

export const policyOf = (over: Partial<Policy>): Policy => ({ ...NO_POLICY, ...over });
