import { describe, expect, test } from '@jest/globals';
import { apiError } from '../../agent/kube/errors.ts';
import { backoff, jittered, withRetry, worthRetrying } from '../../agent/kube/retry.ts';
import type { ApiError, ApiReason } from '../../agent/model/errors.ts';
import type { Random } from '../../agent/ports.ts';
import { manualClock } from '../kit/api-server/clock.ts';

const call = { verb: 'get', resource: 'secrets', namespace: 'argocd', name: 'mtls' };
const failing = (reason: ApiReason, extra: { retryAfter?: number; cause?: unknown } = {}): ApiError =>
  apiError(call, reason, 'it failed', extra);
const middle: Random = { hex: () => '8000' };
const policy = { attempts: 3, first: 100, longest: 1_000 };
const refused = new TypeError('fetch failed', {
  cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
});

/** Lets everything that is ready run, then moves the clock, until nothing waits. */
const drive = async (clock: ReturnType<typeof manualClock>): Promise<void> => {
  for (let idle = 0; idle < 5; ) {
    await new Promise((resolve) => setImmediate(resolve));
    idle = clock.advanceToNext() ? 0 : idle + 1;
  }
};

const run = async (failures: readonly ApiError[], safe: boolean) => {
  const clock = manualClock();
  const start = clock.now();
  const left = [...failures];
  const times: number[] = [];
  const result = withRetry(
    async () => {
      times.push(clock.now() - start);
      const next = left.shift();
      if (next !== undefined) throw next;
      return 'done';
    },
    safe,
    { clock, random: middle },
    policy,
  ).catch((error: unknown) => error);
  await drive(clock);
  return { result: await result, times };
};

describe('trying again', () => {
  test('a read is made again after time-outs, server errors, broken connections and 429', async () => {
    for (const reason of ['timeout', 'server-error', 'unreachable', 'too-many-requests'] as const) {
      expect((await run([failing(reason), failing(reason)], true)).result).toBe('done');
    }
  });

  test('a write is made again only where the server certainly didn’t take it on', () => {
    expect(worthRetrying(failing('too-many-requests'), false)).toBe(true);
    expect(worthRetrying(failing('unreachable', { cause: refused }), false)).toBe(true);
    expect(worthRetrying(failing('unreachable'), false)).toBe(false);
    expect(worthRetrying(failing('timeout'), false)).toBe(false);
    expect(worthRetrying(failing('server-error'), false)).toBe(false);
  });

  test('nothing is made again that would fail again', () => {
    for (const reason of [
      'unauthorized',
      'forbidden',
      'not-found',
      'conflict',
      'field-conflict',
      'gone',
      'invalid',
      'unexpected',
    ] as const) {
      expect(worthRetrying(failing(reason), true)).toBe(false);
    }
  });

  test('the last failure is thrown after the last attempt', async () => {
    const last = failing('server-error');
    const { result, times } = await run([failing('timeout'), failing('timeout'), last], true);
    expect(result).toBe(last);
    expect(times).toHaveLength(3);
  });

  test('the server’s Retry-After is honoured to the millisecond', async () => {
    const { times } = await run([failing('too-many-requests', { retryAfter: 700 })], true);
    expect(times).toEqual([0, 700]);
  });

  test('a Retry-After beyond the limit goes to the caller at once', async () => {
    const error = failing('too-many-requests', { retryAfter: 60_000 });
    const { result, times } = await run([error], true);
    expect(result).toBe(error);
    expect(times).toEqual([0]);
  });

  test('delays double up to the limit, give or take a quarter', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoff(policy, attempt))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(jittered(100, { hex: () => '0000' })).toBe(75);
    expect(jittered(100, { hex: () => 'ffff' })).toBe(125);
  });

  test('what is no API failure is not made again', async () => {
    const clock = manualClock();
    let calls = 0;
    const defect = new Error('a defect');
    const result = withRetry(
      async () => {
        calls += 1;
        throw defect;
      },
      true,
      { clock, random: middle },
      policy,
    );
    await expect(result).rejects.toBe(defect);
    expect(calls).toBe(1);
  });
});
