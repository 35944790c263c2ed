/** What people say by annotations, and what of it is understood. */
import { describe, expect, test } from '@jest/globals';
import { ANNOTATION } from '../../agent/model/product.ts';
import { digestOf } from '../../agent/policy/digest.ts';
import { ordersOf } from '../../agent/policy/orders.ts';

const PLAN = '0123456789abcdef'.repeat(2);
const approval = (digest: string, by?: string, change?: string) => ({
  [ANNOTATION.approvedPlan]: digest,
  ...(by === undefined ? {} : { [ANNOTATION.approvedBy]: by }),
  ...(change === undefined ? {} : { [ANNOTATION.change]: change }),
});

describe('an approval', () => {
  test.each([
    ['that nobody gave', {}, 'none'],
    ['that was taken back', approval('', 'Ada'), 'none'],
    ['with who gave it', approval(PLAN, 'Ada'), 'given'],
    ['with the id of its change', approval(PLAN, 'Ada', 'CHG-1'), 'given'],
    ['with an empty id', approval(PLAN, 'Ada', ''), 'given'],
    ['by nobody', approval(PLAN), 'unreadable'],
    ['by somebody without a name', approval(PLAN, ' '), 'unreadable'],
    ['of a short digest', approval(PLAN.slice(0, 12), 'Ada'), 'unreadable'],
    ['of a digest in capitals', approval(PLAN.toUpperCase(), 'Ada'), 'unreadable'],
    ['in JSON', approval(`{"plan":"${PLAN}"}`, 'Ada'), 'unreadable'],
    ['"true"', approval('true', 'Ada'), 'unreadable'],
    ['by a name of two lines', approval(PLAN, 'Ada\nGrace'), 'unreadable'],
    ['with an endless change id', approval(PLAN, 'Ada', 'x'.repeat(129)), 'unreadable'],
  ])('%s', (_, annotations, state) => {
    expect(ordersOf(annotations, []).approval.state).toBe(state);
  });

  test('that a rotation was begun with is spent: the same change once more needs another', () => {
    expect(ordersOf(approval(PLAN, 'Ada'), [PLAN]).approval).toEqual({ state: 'none' });
  });
});

test.each([
  [{}, undefined],
  [{ [ANNOTATION.paused]: '', [ANNOTATION.pausedBy]: 'Ada' }, undefined],
  [
    { [ANNOTATION.paused]: 'move', [ANNOTATION.pausedBy]: 'Ada' },
    { why: 'move', by: 'Ada' },
  ],
  [{ [ANNOTATION.paused]: 'false' }, { why: 'false', by: 'nobody named' }],
  [{ [ANNOTATION.paused]: 'two\nlines' }, { why: 'two lines', by: 'nobody named' }],
])('%j pauses as %j: whatever stands there', (annotations, pause) => {
  expect(ordersOf(annotations, []).pause).toEqual(pause);
});

test('the digest is the same whatever order things were found in, and another for anything else', () => {
  const one = digestOf({ a: 1, b: { c: ['x', 'y'], d: undefined } });
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(digestOf({ b: { c: ['x', 'y'] }, a: 1 })).toBe(one);
  expect(digestOf({ b: { c: ['y', 'x'] }, a: 1 })).not.toBe(one);
  expect(digestOf({ b: { c: ['x', 'y'], d: null }, a: 1 })).not.toBe(one);
});
