/** When windows and freezes begin and end, where clocks change and where they do not. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTask } from 'node-cron';
import type { Recurrence } from '../../agent/model/policy.ts';
import { currentSpan, type Kind, nextSpan, type Span } from '../../agent/policy/recurrence.ts';
import { DAY, HOUR, isTimeZone, MINUTE } from '../../agent/policy/zone.ts';
import { BERLIN, recurring } from './recurrences.ts';

const shown = (span: Span | undefined): readonly string[] =>
  span === undefined ? [] : [span.from, span.to].map((at) => new Date(at).toISOString().slice(0, 16));

const next = (recurrence: Recurrence, after: string, kind: Kind = 'window') =>
  shown(nextSpan(recurrence, Date.parse(after), kind));

describe('the next window', () => {
  test.each([
    [
      'on an ordinary Saturday',
      recurring('0 2 * * 6', '4h', BERLIN),
      '2026-11-25T12:00Z',
      '2026-11-28T01:00',
      '2026-11-28T05:00',
    ],
    [
      'far east, a day ahead of UTC',
      recurring('0 2 * * 6', '4h', 'Pacific/Kiritimati'),
      '2026-11-25T12:00Z',
      '2026-11-27T12:00',
      '2026-11-27T16:00',
    ],
    [
      'far west',
      recurring('0 22 * * 6', '4h', 'Pacific/Pago_Pago'),
      '2026-11-25T12:00Z',
      '2026-11-29T09:00',
      '2026-11-29T13:00',
    ],
    [
      'half an hour off',
      recurring('0 2 * * *', '1h', 'Asia/Kolkata'),
      '2026-11-25T12:00Z',
      '2026-11-25T20:30',
      '2026-11-25T21:30',
    ],
    [
      'in the hour that spring skips: as long after midnight as ever',
      recurring('30 2 * * *', '1h', BERLIN),
      '2026-03-28T12:00Z',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ],
    [
      'over the hour that spring skips: its duration, not what clocks read',
      recurring('0 1 * * *', '4h', BERLIN),
      '2026-03-28T12:00Z',
      '2026-03-29T00:00',
      '2026-03-29T04:00',
    ],
    [
      'in the hour that autumn has twice: once, the first time',
      recurring('30 2 * * *', '1h', BERLIN),
      '2026-10-24T12:00Z',
      '2026-10-25T00:30',
      '2026-10-25T01:30',
    ],
    [
      'after the hour that autumn has twice',
      recurring('30 2 * * *', '1h', BERLIN),
      '2026-10-25T00:30Z',
      '2026-10-26T01:30',
      '2026-10-26T02:30',
    ],
    [
      'where clocks move by half an hour',
      recurring('15 2 * * *', '1h', 'Australia/Lord_Howe'),
      '2026-10-03T12:00Z',
      '2026-10-03T15:45',
      '2026-10-03T16:45',
    ],
    [
      'where midnight itself is skipped',
      recurring('0 0 * * *', '1h', 'Africa/Cairo'),
      '2026-04-23T12:00Z',
      '2026-04-23T22:00',
      '2026-04-23T23:00',
    ],
    [
      'on a day that a zone left out',
      recurring('0 12 30 12 *', '1h', 'Pacific/Apia'),
      '2011-12-29T00:00Z',
      '2011-12-30T22:00',
      '2011-12-30T23:00',
    ],
    [
      'on a leap day',
      recurring('0 2 29 2 *', '4h'),
      '2026-11-25T12:00Z',
      '2028-02-29T02:00',
      '2028-02-29T06:00',
    ],
    [
      'on the leap day after a century without one',
      recurring('0 2 29 2 *', '4h'),
      '2096-03-01T00:00Z',
      '2104-02-29T02:00',
      '2104-02-29T06:00',
    ],
    [
      'on the last day of a month',
      recurring('0 2 L * *', '1h'),
      '2026-02-10T00:00Z',
      '2026-02-28T02:00',
      '2026-02-28T03:00',
    ],
    [
      'on the second Saturday',
      recurring('0 2 * * 6#2', '1h'),
      '2026-11-25T12:00Z',
      '2026-12-12T02:00',
      '2026-12-12T03:00',
    ],
    [
      'on the last Friday',
      recurring('0 2 * * 5L', '1h'),
      '2026-11-01T12:00Z',
      '2026-11-27T02:00',
      '2026-11-27T03:00',
    ],
    [
      'on a Friday the 13th: both have to fit',
      recurring('0 2 13 * 5', '1h'),
      '2026-03-14T00:00Z',
      '2026-11-13T02:00',
      '2026-11-13T03:00',
    ],
    [
      'that begins at this very moment is the one after',
      recurring('0 2 * * *', '1h'),
      '2026-11-25T02:00Z',
      '2026-11-26T02:00',
      '2026-11-26T03:00',
    ],
  ])('%s', (_, recurrence, after, from, to) => {
    expect(next(recurrence, after)).toEqual([from, to]);
  });

  test('is none where no day fits', () => {
    expect(next(recurring('0 2 29 2 1#1', '1h'), '2026-01-01T00:00Z')).toEqual([]);
  });
});

describe('the window at hand', () => {
  const window = recurring('0 2 * * *', '1h', BERLIN);
  const overMidnight = recurring('0 22 * * 5', '8h', BERLIN);
  test.each([
    ['a moment before it', window, '2026-11-25T00:59:59.999Z', []],
    ['at its first moment', window, '2026-11-25T01:00Z', ['2026-11-25T01:00', '2026-11-25T02:00']],
    ['at its last moment', window, '2026-11-25T01:59:59.999Z', ['2026-11-25T01:00', '2026-11-25T02:00']],
    ['at its end', window, '2026-11-25T02:00Z', []],
    ['past midnight', overMidnight, '2026-11-28T03:00Z', ['2026-11-27T21:00', '2026-11-28T05:00']],
    [
      'three weeks in',
      recurring('0 0 1 * *', '24d'),
      '2026-11-23T00:00Z',
      ['2026-11-01T00:00', '2026-11-25T00:00'],
    ],
    [
      'of several the last',
      recurring('0 * * * *', '3h'),
      '2026-11-25T12:30Z',
      ['2026-11-25T12:00', '2026-11-25T15:00'],
    ],
  ])('%s', (_, recurrence, at, span) => {
    expect(shown(currentSpan(recurrence, Date.parse(at), 'window'))).toEqual(span);
  });
});

describe('a freeze', () => {
  test.each([
    [
      'of a day lasts 25 hours where autumn does',
      recurring('0 0 25 10 *', '1d', BERLIN),
      '2026-10-24T00:00Z',
      '2026-10-24T22:00',
      '2026-10-25T23:00',
    ],
    [
      'of a day lasts a whole one where spring cuts it short',
      recurring('0 0 29 3 *', '1d', BERLIN),
      '2026-03-28T00:00Z',
      '2026-03-28T23:00',
      '2026-03-29T23:00',
    ],
    [
      'in the hour that autumn has twice holds both times',
      recurring('30 2 * * *', '30m', BERLIN),
      '2026-10-24T12:00Z',
      '2026-10-25T00:30',
      '2026-10-25T02:00',
    ],
    [
      'in the hour that spring skips begins before it',
      recurring('30 2 * * *', '1h', BERLIN),
      '2026-03-28T12:00Z',
      '2026-03-29T00:30',
      '2026-03-29T01:30',
    ],
  ])('%s', (_, recurrence, after, from, to) => {
    expect(next(recurrence, after, 'freeze')).toEqual([from, to]);
  });
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['+02:00', false],
  ['', false],
])('%s as the name of a zone: %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});

/** Without days on which clocks change, so that node-cron, which has rules of its own for them, can be asked. */
const ZONES = ['UTC', 'Asia/Kolkata', 'Asia/Tokyo', 'America/Phoenix', 'Pacific/Kiritimati'];
const BEGIN = Date.parse('2024-01-01T00:00Z');
const EXPRESSIONS = [
  '0 2 * * 6',
  '*/20 * * * *',
  '30 22 1,15 * *',
  '0 */6 * * 1-5',
  '5 4 L * *',
  '0 0 * * 0#1',
  '0 12 * 2 *',
  '0 9 * * 3L',
];

test('every start is one of node-cron, and none of its is left out', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...EXPRESSIONS),
      fc.constantFrom(...ZONES),
      fc.integer({ min: 0, max: 1500 * 24 * 60 }),
      (expression, timeZone, minutes) => {
        const at = BEGIN + minutes * MINUTE;
        const task = createTask(expression, () => undefined, { timezone: timeZone });
        const from = nextSpan(recurring(expression, '1m', timeZone), at, 'window')?.from ?? 0;
        expect(task.match(new Date(from))).toBe(true);
        for (let between = at + MINUTE; between < Math.min(from, at + HOUR); between += MINUTE) {
          expect(task.match(new Date(between))).toBe(false);
        }
        void task.destroy();
      },
    ),
    { numRuns: 30 },
  );
});

test('at every moment a window is open exactly from a start on, for its duration, whatever clocks do', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('30 2 * * *', '15 */2 * * *', '0 1,2,3 * * 0', '45 23 * * *'),
      fc.constantFrom(BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Santiago'),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 366 * 24 * 60 }),
      (cron, timeZone, duration, minutes) => {
        const window = recurring(cron, `${duration}m`, timeZone);
        const at = BEGIN + minutes * MINUTE;
        const current = currentSpan(window, at, 'window');
        let last: Span | undefined;
        for (let one = nextSpan(window, at - 2 * DAY, 'window'); one !== undefined && one.from <= at; ) {
          last = one;
          one = nextSpan(window, one.from, 'window');
        }
        expect(current).toEqual(last !== undefined && last.to > at ? last : undefined);
      },
    ),
    { numRuns: 40 },
  );
});
