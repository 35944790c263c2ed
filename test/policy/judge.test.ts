/** May a change begin, and may a CA that is still valid be taken away? */
import { describe, expect, test } from '@jest/globals';
import { type Admission, NO_ORDERS, type Orders, type Policy } from '../../agent/model/policy.ts';
import { mayBegin, mayDistrust, type Question } from '../../agent/policy/judge.ts';
import { DAY, HOUR } from '../../agent/policy/zone.ts';
import { frozenFrom, openAt, policyOf } from './recurrences.ts';

/** A Wednesday. */
const NOW = Date.parse('2026-11-25T12:00Z');
const PLAN = 'a'.repeat(32);
const GOAL = 'b'.repeat(32);

const saturday = openAt('0 2 * * 6', '4h');
const sale = frozenFrom('2026-11-20T00:00Z', '2026-12-10T00:00Z');
const given = (digest: string): Orders => ({
  ...NO_ORDERS,
  approval: { state: 'given', digest, by: 'Ada', change: 'CHG-1' },
});
const APPROVAL = { digest: PLAN, by: 'Ada', change: 'CHG-1' };

const question = (policy: Partial<Policy>, over: Partial<Question> = {}): Question => ({
  policy: policyOf(policy),
  orders: NO_ORDERS,
  at: NOW,
  classes: ['client-ca'],
  digest: PLAN,
  goal: GOAL,
  deadline: NOW + 30 * DAY,
  admitted: undefined,
  ...over,
});

const admitted = (over: Partial<Admission> = {}): Admission => ({
  goal: GOAL,
  by: 'policy',
  approval: undefined,
  ...over,
});

const NEAR = { deadline: NOW + 10 * HOUR };
const URGENT = { urgentBefore: 2 * DAY, urgentOverrides: ['windows', 'freezes'] as const };
const ALL = ['windows', 'freezes', 'approval'] as const;

describe('a change', () => {
  test.each<[string, Question, object]>([
    ['begins at any time without a policy', question({}), { may: 'yes', admission: admitted() }],
    [
      'waits for its window',
      question({ windows: [saturday] }),
      { may: 'no', reason: 'outside-window', opens: Date.parse('2026-11-28T02:00Z') },
    ],
    [
      'waits for the first window after a freeze',
      question({ windows: [saturday], freezes: [sale] }),
      { may: 'no', reason: 'frozen', opens: Date.parse('2026-12-12T02:00Z') },
    ],
    [
      'that has begun goes on outside of its window',
      question({ windows: [saturday] }, { admitted: admitted() }),
      { may: 'yes' },
    ],
    [
      'that leads to another end by now is asked anew',
      question({ windows: [saturday] }, { admitted: admitted({ goal: 'c'.repeat(32) }) }),
      { may: 'no', reason: 'outside-window' },
    ],
    [
      'of which nothing expires soon is not urgent',
      question({ windows: [saturday], ...URGENT }),
      { may: 'no', reason: 'outside-window' },
    ],
    [
      'is urgent from the first moment on',
      question({ windows: [saturday], ...URGENT }, { deadline: NOW + 2 * DAY }),
      { may: 'yes', admission: admitted({ by: 'urgency' }) },
    ],
    [
      'is not urgent a moment earlier',
      question({ windows: [saturday], ...URGENT }, { deadline: NOW + 2 * DAY + 1 }),
      { may: 'no' },
    ],
    [
      'is urgent when what it replaces has expired',
      question({ freezes: [sale], ...URGENT }, { deadline: NOW - DAY }),
      { may: 'yes', admission: { by: 'urgency' } },
    ],
    [
      'is never urgent where nothing expires',
      question({ windows: [saturday], ...URGENT }, { deadline: undefined }),
      { may: 'no' },
    ],
    ['is never urgent without urgentBefore', question({ windows: [saturday] }, NEAR), { may: 'no' }],
    [
      'in its window is no matter of urgency',
      question({ windows: [openAt('0 12 * * 3', '1h')], ...URGENT }, NEAR),
      { may: 'yes', admission: { by: 'policy' } },
    ],
    [
      'that is urgent waits for what urgency may not override',
      question({ windows: [saturday], freezes: [sale], ...URGENT, urgentOverrides: ['windows'] }, NEAR),
      { may: 'no', reason: 'frozen' },
    ],
    [
      'that needs an approval waits for it',
      question({ approval: ['client-ca'] }),
      { may: 'no', reason: 'approval-missing' },
    ],
    [
      'of another class needs none',
      question({ approval: ['disable'] }),
      { may: 'yes', admission: { approval: undefined } },
    ],
    [
      'of several classes needs one if one of them does',
      question({ approval: ['server-ca'] }, { classes: ['client-ca', 'server-ca'] }),
      { may: 'no', reason: 'approval-missing' },
    ],
    [
      'that is approved begins, and says by whom',
      question({ approval: ['client-ca'] }, { orders: given(PLAN) }),
      { may: 'yes', admission: admitted({ approval: APPROVAL }) },
    ],
    [
      'approved as another plan does not',
      question({ approval: ['client-ca'] }, { orders: given('d'.repeat(32)) }),
      { may: 'no', reason: 'approval-of-another-plan' },
    ],
    [
      'whose approval is not understood does not',
      question(
        { approval: ['client-ca'] },
        { orders: { ...NO_ORDERS, approval: { state: 'unreadable', why: 'why' } } },
      ),
      { may: 'no', reason: 'approval-unreadable', why: 'why' },
    ],
    [
      'that is approved still waits for its window',
      question({ approval: ['client-ca'], windows: [saturday] }, { orders: given(PLAN) }),
      { may: 'no', reason: 'outside-window' },
    ],
    [
      'that is urgent still needs its approval',
      question({ approval: ['client-ca'], ...URGENT }, NEAR),
      { may: 'no', reason: 'approval-missing' },
    ],
    [
      'that is urgent needs none where that is configured',
      question({ approval: ['client-ca'], ...URGENT, urgentOverrides: ALL }, NEAR),
      { may: 'yes', admission: admitted({ by: 'urgency' }) },
    ],
  ])('%s', (_, asked, expected) => {
    expect(mayBegin(asked)).toMatchObject(expected);
  });
});

describe('a CA that is still valid', () => {
  const urgent = admitted({ by: 'urgency' });
  test.each<[string, Question, Admission, object]>([
    ['goes in the course of the change', question({ windows: [saturday] }), admitted(), { may: 'yes' }],
    [
      'waits for the next window where that is configured',
      question({ windows: [saturday], distrust: 'in-window' }),
      admitted(),
      { may: 'no', reason: 'outside-window' },
    ],
    [
      'goes in that window',
      question({ windows: [saturday], distrust: 'in-window' }, { at: Date.parse('2026-11-28T03:00Z') }),
      admitted(),
      { may: 'yes' },
    ],
    [
      'is never taken away by urgency',
      question({ windows: [saturday], ...URGENT }, NEAR),
      urgent,
      { may: 'no', reason: 'outside-window' },
    ],
    [
      'nor by an urgency that overrides everything',
      question({ approval: ['client-ca'], ...URGENT, urgentOverrides: ALL }, NEAR),
      urgent,
      { may: 'no', reason: 'approval-missing' },
    ],
    [
      'goes after an urgent beginning once windows allow it',
      question({ windows: [saturday] }, { at: Date.parse('2026-11-28T03:00Z') }),
      urgent,
      { may: 'yes', admission: admitted() },
    ],
    [
      'needs no second approval where the change was approved',
      question({ approval: ['client-ca'] }),
      admitted({ by: 'urgency', approval: APPROVAL }),
      { may: 'yes' },
    ],
  ])('%s', (_, asked, admission, expected) => {
    expect(mayDistrust(asked, admission)).toMatchObject(expected);
  });
});
