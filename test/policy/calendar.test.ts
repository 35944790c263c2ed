/** Windows and freezes together: may a change begin now, and if not, from when. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { POLICY_CLASSES, type PolicyClass } from '../../agent/model/policy.ts';
import { type Calendar, opening, standing } from '../../agent/policy/calendar.ts';
import { HOUR } from '../../agent/policy/zone.ts';
import { BERLIN, frozenAt, frozenFrom, openAt } from './recurrences.ts';

const saturday = openAt('0 2 * * 6', '4h');
const OPEN = { open: 'yes' };
const closed = (reason: string, opens: string | undefined) => ({
  open: 'no',
  reason,
  opens: opens === undefined ? undefined : Date.parse(opens),
});

interface Case {
  readonly calendar: Partial<Calendar>;
  readonly classes?: readonly PolicyClass[];
  readonly at: string;
  readonly expected: object;
}

const cases: Readonly<Record<string, Case>> = {
  'without windows a change may begin at any time': { calendar: {}, at: '2026-11-25T12:00Z', expected: OPEN },
  'outside of its window a change waits for it': {
    calendar: { windows: [saturday] },
    at: '2026-11-25T12:00Z',
    expected: closed('outside-window', '2026-11-28T02:00Z'),
  },
  'in its window it may begin': {
    calendar: { windows: [saturday] },
    at: '2026-11-28T03:00Z',
    expected: OPEN,
  },
  'of overlapping windows one is enough': {
    calendar: { windows: [saturday, openAt('0 5 * * 6', '4h')] },
    at: '2026-11-28T08:00Z',
    expected: OPEN,
  },
  'a window for other classes neither holds nor admits': {
    calendar: { windows: [openAt('0 2 * * 6', '4h', 'UTC', ['client-ca'])] },
    classes: ['leaf'],
    at: '2026-11-25T12:00Z',
    expected: OPEN,
  },
  'a change of several classes needs a window of each, at the same time': {
    calendar: {
      windows: [
        openAt('0 2 * * *', '2h', 'UTC', ['client-ca']),
        openAt('0 3 * * 6', '4h', 'UTC', ['server-ca']),
      ],
    },
    classes: ['client-ca', 'server-ca'],
    at: '2026-11-25T02:30Z',
    expected: closed('outside-window', '2026-11-28T03:00Z'),
  },
  'a freeze outweighs an open window': {
    calendar: { windows: [saturday], freezes: [frozenFrom('2026-11-27T00:00Z', '2026-11-30T00:00Z')] },
    at: '2026-11-28T03:00Z',
    expected: closed('frozen', '2026-12-05T02:00Z'),
  },
  'a freeze that ends within a window opens it for the rest': {
    calendar: { windows: [saturday], freezes: [frozenFrom('2026-11-27T00:00Z', '2026-11-28T04:00Z')] },
    at: '2026-11-28T03:00Z',
    expected: closed('frozen', '2026-11-28T04:00Z'),
  },
  'a dated freeze is over at its end': {
    calendar: { freezes: [frozenFrom('2026-11-27T00:00+01:00', '2026-11-30T00:00+01:00')] },
    at: '2026-11-29T23:00Z',
    expected: OPEN,
  },
  'overlapping freezes are waited for one after the other': {
    calendar: {
      freezes: [frozenFrom('2026-11-24T00:00Z', '2026-11-26T00:00Z'), frozenAt('0 0 25 * *', '3d')],
    },
    at: '2026-11-25T12:00Z',
    expected: closed('frozen', '2026-11-28T00:00Z'),
  },
  'a recurring freeze at month-end moves the window by a week': {
    calendar: {
      windows: [openAt('0 2 * * 6', '4h', BERLIN)],
      freezes: [frozenAt('0 0 28 * *', '3d', BERLIN)],
    },
    at: '2026-11-25T12:00Z',
    expected: closed('outside-window', '2026-12-05T01:00Z'),
  },
  'a window that is always frozen never opens': {
    calendar: { windows: [saturday], freezes: [frozenAt('0 0 * * 6', '1d')] },
    at: '2026-11-25T12:00Z',
    expected: closed('outside-window', undefined),
  },
  'freezes without a gap never end': {
    calendar: { freezes: [frozenAt('0 0 * * *', '1d')] },
    at: '2026-11-25T12:00Z',
    expected: closed('frozen', undefined),
  },
};

describe('a change', () => {
  test.each(Object.entries(cases))('%s', (_, { calendar, classes, at, expected }) => {
    const whole = { windows: [], freezes: [], ...calendar };
    expect(standing(whole, classes ?? ['leaf'], Date.parse(at))).toMatchObject(expected);
  });
});

test('what is said to open opens then, and at no moment before', () => {
  const calendar: Calendar = {
    windows: [
      openAt('30 1 * * 0,3', '3h', BERLIN),
      openAt('0 22 * * *', '2h', 'America/New_York', ['client-ca', 'leaf']),
    ],
    freezes: [frozenAt('0 0 L * *', '2d', BERLIN), frozenFrom('2026-10-20T00:00Z', '2026-10-25T01:30Z')],
  };
  fc.assert(
    fc.property(
      fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
      fc.constantFrom(...POLICY_CLASSES),
      (at, changeClass) => {
        const opens = opening(calendar, [changeClass], at) ?? Number.NaN;
        expect(standing(calendar, [changeClass], opens)).toEqual(OPEN);
        for (let part = 1; part < 5 && opens > at; part += 1) {
          const before = at + ((opens - at) * part) / 5 - 1;
          expect(standing(calendar, [changeClass], before).open).toBe('no');
        }
        expect(opens - at).toBeLessThan(14 * 24 * HOUR);
      },
    ),
    { numRuns: 25 },
  );
});
