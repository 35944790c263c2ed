/**
 * The pace of sources that issue.
 */
import { expect, test } from '@jest/globals';
import { NOTHING_PUBLISHED, type SourceReading } from '../../agent/model/material.ts';
import { paced } from '../../integrations/paced.ts';
import type { Source } from '../../integrations/source.ts';
import { ManualClock } from '../kit/manual-clock.ts';

const MINUTE = 60_000;

/** A source that always finds that it is time, until it is told otherwise. */
const make = () => {
  const clock = new ManualClock();
  const state = { due: true, asked: 0 };
  const source: Source = {
    describe: 'a source',
    poll: undefined,
    watches: [],
    rights: [],
    read: async (): Promise<SourceReading> => ({
      state: 'waiting',
      source: 'a source',
      why: 'Nothing was issued yet.',
      next: 'Wait.',
      due: state.due ? { why: 'it is time', urgency: 'routine' } : undefined,
    }),
    issue: async () => {
      state.asked += 1;
    },
  };
  const slow = paced(source, clock);
  const isDue = async () => {
    const reading = await slow.read(NOTHING_PUBLISHED);
    return reading.state === 'waiting' && reading.due !== undefined;
  };
  return { clock, state, slow, isDue };
};

test('what is due at every look is asked for less and less often: 24 times in a day, not with each look', async () => {
  const { clock, state, slow, isDue } = make();
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    if (await isDue()) await slow.issue?.('it is time', NOTHING_PUBLISHED);
    clock.advance(MINUTE);
  }
  expect(state.asked).toBeGreaterThan(20);
  expect(state.asked).toBeLessThan(32);
});

test('after ten quiet minutes the next one is asked for at once', async () => {
  const { clock, state, slow, isDue } = make();
  await slow.issue?.('it is time', NOTHING_PUBLISHED);
  expect(await isDue()).toBe(false);
  state.due = false;
  clock.advance(11 * MINUTE);
  expect(await isDue()).toBe(false);
  state.due = true;
  expect(await isDue()).toBe(true);
});

test('a source that does not issue is handed on as it is', () => {
  const { slow } = make();
  const plain: Source = { ...slow, issue: undefined };
  expect(paced(plain, new ManualClock())).toBe(plain);
});
