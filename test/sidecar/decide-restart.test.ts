/** When a sidecar has its own pod replaced, and when it waits. */
import { describe, expect, test } from '@jest/globals';
import { decide } from '../../agent/sidecar/decision/decide.ts';
import type { Peer, Situation } from '../../agent/sidecar/decision/situation.ts';
import { cas, leaf, ready } from './letters.ts';
import { aClient, aServer, type Known, known, peer, server, summary, trusting } from './situations.ts';

describe('a restart of its own pod', () => {
  /** What it read is not what is written. */
  const stale = (rest: Partial<Situation> = {}): Situation =>
    aServer({
      trust: ready(cas('AB')),
      written: { trust: cas('AB'), leaf: undefined, changedAt: 0 },
      others: known([server('r2', 'AB')], trusting('A', 'AB')),
      ...rest,
    });
  const others = (peers: readonly Peer[], rest: Partial<Known> = {}): Known =>
    known(peers, { ...trusting('A', 'AB'), ...rest });
  const taken = (holder: string, pods: readonly string[], expired = false) => ({
    turn: { holder, pods, expired },
  });

  test.each<readonly [string, Situation, string]>([
    ['waits until files have settled', stale({ at: 5_000 }), 'wait until 10000'],
    ['is pending where it may not be made', stale({ restart: 'never' }), 'hold restart-pending'],
    [
      'is pending without any API',
      stale({ others: { state: 'none' }, restart: 'never' }),
      'hold restart-pending',
    ],
    ['waits for the API', stale({ others: { state: 'unreachable', why: 'x' } }), 'hold api-unreachable'],
    ['takes the turn first', stale(), 'take-turn'],
    [
      'follows once the turn is its own',
      stale({ others: others([server('r2', 'AB')], taken('me', ['me', 'r2'])) }),
      'evict',
    ],
    [
      'is asked for once: a pod that is being deleted waits',
      stale({ others: others([server('r2', 'AB')], { ...taken('me', ['me', 'r2']), ready: 'leaving' }) }),
      'wait',
    ],
    [
      "waits for another's turn",
      stale({ others: others([server('r2', 'AB')], taken('r2', ['me', 'r2'])) }),
      'wait',
    ],
    [
      'waits while the replacement of the last one is not there',
      stale({ others: others([], taken('r2', ['me', 'r2'])) }),
      'wait',
    ],
    [
      'waits while the replacement of the last one has told nothing',
      stale({ others: others([peer('r3', {})], taken('r2', ['me', 'r2'])) }),
      'wait',
    ],
    [
      'waits while another replica is not Ready',
      stale({ others: others([{ ...server('r3', 'AB'), readySince: undefined }]) }),
      'wait',
    ],
    [
      'waits while another replica is on its way out',
      stale({ others: others([{ ...server('r3', 'AB'), terminating: true }]) }),
      'wait',
    ],
    [
      'waits while the replica before has just come up',
      stale({ others: others([{ ...server('r3', 'AB'), readySince: 95_000 }], taken('r2', ['me', 'r2'])) }),
      'wait until 105000',
    ],
    [
      'goes on when the replacement is back',
      stale({ others: others([server('r3', 'AB')], taken('r2', ['me', 'r2'])) }),
      'take-turn',
    ],
    [
      'goes on when a turn came to nothing for too long',
      stale({ others: others([server('r2', 'AB')], taken('r2', ['me', 'r2'], true)) }),
      'take-turn',
    ],
    [
      'is not made where a replacement could not start, and the turn goes back',
      stale({
        leaf: ready(leaf('s2')),
        written: { trust: cas('AB'), leaf: leaf('t1'), changedAt: 0 },
        others: known([peer('c', { component: 'server', trusts: [cas('T')], shows: [leaf('a')] })], {
          told: { shows: [leaf('t1')], trusts: [cas('A'), cas('AB')] },
          ...taken('me', ['me']),
        }),
      }),
      'give-turn-back',
    ],
    [
      'is needed no more: the turn goes back',
      aServer({ others: known([], { ...trusting('A'), ...taken('me', ['me']) }) }),
      'give-turn-back',
    ],
  ])('%s', (_, situation, expected) => {
    expect(summary(decide(situation))).toBe(expected);
  });

  test('is never needed for a leaf that is read on every call', () => {
    const situation = aClient({ loaded: { trusts: [], leafs: [leaf('a0')] } });
    expect(
      summary(
        decide({
          ...situation,
          others: known([], { told: { shows: [leaf('a'), leaf('a0')], trusts: 'anything' } }),
        }),
      ),
    ).toBe('rest');
  });
});
