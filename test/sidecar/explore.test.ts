/**
 * Every interleaving of several pods with sidecars, exhaustively: looking and acting apart, mounts that lag, container crashes, foreign evictions,
 * and a source that changes again before the first change is through.
 */
import { expect, test } from '@jest/globals';
import { type Fleet, isDone, keyOf, movesOf, refusals, startFleet } from './fleet.ts';

/** All states that can be reached, each with those that it leads to. */
const explore = (first: Fleet, course: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const leads = new Map<string, readonly string[]>();
  const waiting = [first];
  for (let fleet = waiting.pop(); fleet !== undefined; fleet = waiting.pop()) {
    const key = keyOf(fleet);
    if (leads.has(key)) continue;
    expect(refusals(fleet, course[0]?.length === 2 ? 'verified' : 'not-verified')).toEqual([]);
    const moves = movesOf(fleet, course);
    if (moves.length === 0) expect(isDone(fleet, course)).toBe(true);
    leads.set(key, moves.map(keyOf));
    waiting.push(...moves);
  }
  return leads;
};

/** States from which no end can be reached. */
const endless = (leads: ReadonlyMap<string, readonly string[]>): number => {
  const from = new Map<string, string[]>();
  for (const [key, next] of leads) for (const one of next) from.set(one, [...(from.get(one) ?? []), key]);
  const waiting = [...leads].filter(([, next]) => next.length === 0).map(([key]) => key);
  const ending = new Set(waiting);
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop())
    for (const before of from.get(key) ?? [])
      if (!ending.has(before)) {
        ending.add(before);
        waiting.push(before);
      }
  return leads.size - ending.size;
};

test.each([
  ['a CA is replaced while one pod crashes or is evicted', 2, 2, 1, 'A,B'],
  ['a CA is replaced and put back half-way', 2, 2, 0, 'A,B,A'],
  ["repo-server's own CA is replaced, which clients verify", 2, 1, 0, 'AT,AU'],
  ["the clients' CA is replaced where they verify repo-server", 1, 2, 1, 'AT,BT'],
  ['one repo-server alone, a CA replaced and put back, and a mishap', 1, 2, 1, 'A,B,A'],
])(
  '%s: no running pair is ever at odds, and it ends',
  (_, servers, clients, mishaps, letters) => {
    const course = letters.split(',');
    const leads = explore(startFleet(servers, clients, mishaps, course[0] ?? ''), course);
    expect(leads.size).toBeGreaterThan(300);
    expect(endless(leads)).toBe(0);
  },
  60_000,
);
