/**
 * Durations as people write them: `500ms`, `90s`, `3m`, `1h30m`, `1d`.
 *
 * **Invariant:** a bare number is never a duration; the unit is always written.
 */
import type { Duration } from '../model/terms.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Largest unit first, each at most once; at least one. */
export const DURATION_PATTERN = /^(?=\d)(\d{1,6}d)?(\d{1,6}h)?(\d{1,6}m(?!s))?(\d{1,6}s)?(\d{1,9}ms)?$/;

export const DURATION_ALLOWED = 'a duration with its unit, such as 500ms, 90s, 3m, 1h30m or 1d';

/** Milliseconds, or `undefined` where the text is no duration. */
export const parseDuration = (text: string): Duration | undefined => {
  if (!DURATION_PATTERN.test(text)) return undefined;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(digits) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
};

/** The shortest text that {@link parseDuration} reads as the same duration; fractions of a millisecond are dropped. */
export const formatDuration = (duration: Duration): string => {
  let rest = Math.max(0, Math.trunc(duration));
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.trunc(rest / UNITS[unit]);
    if (count === 0) continue;
    parts.push(`${count}${unit}`);
    rest -= count * UNITS[unit];
  }
  return parts.length === 0 ? '0s' : parts.join('');
};
