/**
 * A few inputs for every reader, always the same kinds of change; `npm run fuzz` is the same for as long as one likes.
 */
import { describe, expect, test } from '@jest/globals';
import { RotatorError } from '../../agent/model/errors.ts';
import { attempt, tried } from './campaign.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets.ts';

const INPUTS = 20;

describe('changed input is answered or refused, and nothing else', () => {
  test.each(TARGETS)('$name', async (target) => {
    for (let number = 1; number <= INPUTS; number += 1) {
      const finding = await attempt(target, 1, number);
      expect(finding === undefined ? '' : `${finding.why}\n${finding.input.toString('base64')}`).toBe('');
    }
  });

  test('what the readers are given unchanged is sound for most of them', async () => {
    for (const target of TARGETS) expect(target.seeds().length).toBeGreaterThan(0);
  });
});

describe('a finding', () => {
  const target = (read: Target['read']): Target => ({
    name: 'made up',
    seeds: () => [Buffer.from('seed')],
    form: 'text',
    words: [],
    read,
  });

  test('is whatever is thrown but our own refusals', async () => {
    const refusal = new RotatorError('refused', { what: 'w', effect: 'e', next: 'n' });
    const input = Buffer.from('x');
    expect(
      await tried(
        target(() => Promise.reject(refusal)),
        input,
      ),
    ).toBeUndefined();
    expect(
      await tried(
        target(() => undefined),
        input,
      ),
    ).toBeUndefined();
    expect(
      await tried(
        target(() => Promise.reject(new RangeError('stack'))),
        input,
      ),
    ).toMatchObject({ input });
  });

  test('is had again by its seed and number', async () => {
    const inputs: string[] = [];
    const noting = target((input) => void inputs.push(input.toString('base64')));
    for (const number of [1, 2, 3, 1, 2, 3]) await attempt(noting, 7, number);
    expect(inputs.slice(3)).toEqual(inputs.slice(0, 3));
  });
});
