/** One next action for each situation: the rules of a sidecar, row by row. */
import { describe, expect, test } from '@jest/globals';
import { decide } from '../../agent/sidecar/decision/decide.ts';
import type { Situation } from '../../agent/sidecar/decision/situation.ts';
import { cas, leaf, ready } from './letters.ts';
import {
  aClient,
  aServer,
  client,
  held,
  known,
  peer,
  server,
  summary,
  told,
  trusting,
} from './situations.ts';

describe('a running client', () => {
  test.each<readonly [string, Partial<Situation>, string]>([
    ['with nothing new rests', {}, 'rest'],
    [
      'shows a leaf under the same CA at once without any API',
      { leaf: ready(leaf('a2')), others: { state: 'none' } },
      'write a2',
    ],
    [
      'shows a leaf under the same CA at once while the API is away',
      { leaf: ready(leaf('a2')), others: { state: 'unreachable', why: 'x' } },
      'write a2',
    ],
    [
      'holds a leaf of a new CA without any API',
      { leaf: ready(leaf('b')), others: { state: 'none' } },
      'hold leaf-unproven',
    ],
    [
      'holds a leaf of a new CA while one repo-server may judge by the old one',
      {
        leaf: ready(leaf('b')),
        others: known([server('r1', 'AB'), server('r2', 'A', 'AB')], told(['a'])),
      },
      'hold leaf-not-trusted',
    ],
    [
      'holds a leaf of a new CA while one repo-server has told nothing',
      { leaf: ready(leaf('b')), others: known([server('r1', 'AB'), peer('r2', {})], told(['a'])) },
      'hold leaf-unproven',
    ],
    [
      'counts a real call that was accepted for a repo-server that tells nothing',
      {
        leaf: ready(leaf('b')),
        others: known([peer('r2', { accepted: [leaf('b')] })], told(['a', 'b'])),
      },
      'write b',
    ],
    [
      'tells the new leaf before it shows it',
      { leaf: ready(leaf('b')), others: known([server('r1', 'AB')], told(['a'])) },
      'tell {"shows":["a","b"],"trusts":"anything"}',
    ],
    [
      'shows the new leaf once every repo-server trusts its CA and it was told',
      { leaf: ready(leaf('b')), others: known([server('r1', 'AB'), server('r2', 'B')], told(['a', 'b'])) },
      'write b',
    ],
    [
      'may change what no repo-server accepts anyway',
      { leaf: ready(leaf('b')), others: known([server('r1', 'C')], told(['a', 'b'])) },
      'write b',
    ],
    [
      'leaves everything as it is when its source is refused',
      { leaf: { state: 'held', hold: held } },
      'hold material-refused',
    ],
    [
      'takes a told leaf back when it may not be shown any more',
      { leaf: ready(leaf('b')), others: known([server('r1', 'A')], told(['a', 'b'])) },
      'tell {"shows":["a"],"trusts":"anything"}',
    ],
  ])('%s', (_, rest, expected) => {
    expect(summary(decide(aClient(rest)))).toBe(expected);
  });
});

describe('a running repo-server', () => {
  test.each<readonly [string, Partial<Situation>, string]>([
    ['with nothing new rests', {}, 'rest'],
    [
      'takes a new CA in beside the old one, whoever is there',
      { trust: ready(cas('B')), others: known([client('c', 'a')], trusting('A')) },
      'write AB',
    ],
    [
      'takes a new CA in without any API, and drops none',
      { trust: ready(cas('B')), others: { state: 'none' } },
      'write AB',
    ],
    [
      'keeps the old CA while one client may show a leaf of it',
      {
        trust: ready(cas('B')),
        written: { trust: cas('AB'), leaf: undefined, changedAt: 0 },
        loaded: { trusts: [cas('AB')], leafs: [] },
        others: known([client('c1', 'b'), client('c2', 'a', 'b')], trusting('AB')),
      },
      'rest',
    ],
    [
      'keeps the old CA while one client has told nothing',
      {
        trust: ready(cas('B')),
        written: { trust: cas('AB'), leaf: undefined, changedAt: 0 },
        loaded: { trusts: [cas('AB')], leafs: [] },
        others: known(
          [client('c1', 'b'), peer('c2', { component: 'application-controller' })],
          trusting('AB'),
        ),
      },
      'rest',
    ],
    [
      'tells that a CA goes before it goes',
      {
        trust: ready(cas('B')),
        written: { trust: cas('AB'), leaf: undefined, changedAt: 0 },
        loaded: { trusts: [cas('AB')], leafs: [] },
        others: known([client('c1', 'b')], trusting('AB')),
      },
      'tell {"shows":"unknown","trusts":[["A","B"],["B"]]}',
    ],
    [
      'drops the old CA when nobody shows a leaf of it',
      {
        trust: ready(cas('B')),
        written: { trust: cas('AB'), leaf: undefined, changedAt: 0 },
        loaded: { trusts: [cas('AB')], leafs: [] },
        others: known([client('c1', 'b')], trusting('AB', 'B')),
      },
      'write B',
    ],
    [
      'trusts no CA just because a client shows a leaf of it',
      { others: known([client('c1', 'x')], { ...trusting('A'), vouched: cas('A') }) },
      'rest',
    ],
    [
      'changes nothing when its source is refused',
      { trust: { state: 'held', hold: held } },
      'hold material-refused',
    ],
  ])('%s', (_, rest, expected) => {
    expect(summary(decide(aServer(rest)))).toBe(expected);
  });
});

describe('the first files of a pod', () => {
  const begins = (rest: Partial<Situation>): Situation => aClient({ written: undefined, at: 1_000, ...rest });

  test.each<readonly [string, Situation, string]>([
    ['are written at once without any API', begins({ others: { state: 'none' } }), 'write a'],
    ['wait for the API', begins({ others: { state: 'unreachable', why: 'x' } }), 'wait until 60000'],
    [
      'are what the source says when the API stays away, with a warning',
      begins({ others: { state: 'unreachable', why: 'x' }, at: 60_000 }),
      'write a (begun-unproven)',
    ],
    [
      'wait for a repo-server that has told nothing yet',
      begins({ others: known([peer('r', {})], told([])) }),
      'wait until 60000',
    ],
    [
      'do without certainty in the end, with a warning',
      begins({ others: known([peer('r', {})], told(['a'])), at: 60_000 }),
      'write a (begun-unproven)',
    ],
    [
      'are never a leaf that is known to be refused',
      begins({ others: known([server('r', 'B')], told([])), at: 900_000 }),
      'hold leaf-not-trusted',
    ],
    [
      'come after telling what it is about to trust: the other side may wait for just that',
      begins({ others: known([peer('r', {})]) }),
      'tell {"shows":"unknown","trusts":"anything"}',
    ],
    [
      'are told before they are written',
      begins({ others: known([server('r', 'A')], told([])) }),
      'tell {"shows":["a"],"trusts":"anything"}',
    ],
    [
      'hold the old CA too, which a new pod learns from the others',
      aServer({
        written: undefined,
        loaded: { trusts: [], leafs: [] },
        trust: ready(cas('B')),
        others: known([server('r2', 'AB'), client('c', 'a')], {
          vouched: cas('AB'),
          ...trusting('AB'),
        }),
      }),
      'write AB',
    ],
    [
      'hold no CA that nobody needs any more',
      aServer({
        written: undefined,
        loaded: { trusts: [], leafs: [] },
        trust: ready(cas('B')),
        others: known([server('r2', 'AB'), client('c', 'b')], {
          vouched: cas('AB'),
          ...trusting('B'),
        }),
      }),
      'write B',
    ],
    [
      'are not written while a source is not sound',
      begins({ leaf: { state: 'held', hold: held }, others: { state: 'none' } }),
      'hold material-refused',
    ],
  ])('%s', (_, situation, expected) => {
    expect(summary(decide(situation))).toBe(expected);
  });
});

describe('a client that verifies repo-server', () => {
  const verifying = (rest: Partial<Situation>): Situation =>
    aClient({
      trust: ready(cas('T')),
      written: { trust: cas('T'), leaf: leaf('a'), changedAt: 0 },
      loaded: { trusts: [cas('T')], leafs: [] },
      others: known([peer('r', { trusts: [cas('A')], shows: [leaf('t1')] })], {
        told: { shows: [leaf('a')], trusts: [cas('T')] },
        vouched: cas('T'),
      }),
      ...rest,
    });

  test('takes a new server CA in, then has to be replaced', () => {
    const situation = verifying({ trust: ready(cas('U')) });
    expect(summary(decide(situation))).toBe('write TUa');
    const written = { trust: cas('TU'), leaf: leaf('a'), changedAt: 0 };
    const next = verifying({ trust: ready(cas('U')), written });
    expect(summary(decide(next))).toBe('tell {"shows":["a"],"trusts":[["T"],["T","U"]]}');
  });

  test('keeps the old server CA while a repo-server may show a certificate of it', () => {
    expect(
      summary(
        decide(
          verifying({
            trust: ready(cas('U')),
            written: { trust: cas('TU'), leaf: leaf('a'), changedAt: 0 },
            loaded: { trusts: [cas('TU')], leafs: [] },
            others: known([peer('r', { trusts: [cas('A')], shows: [leaf('t1'), leaf('u1')] })], {
              told: { shows: [leaf('a')], trusts: [cas('TU')] },
              vouched: cas('TU'),
            }),
          }),
        ),
      ),
    ).toBe('rest');
  });

  test('both CAs replaced at once can begin on neither side, and it is said why', () => {
    const action = decide(
      verifying({
        trust: ready(cas('U')),
        leaf: ready(leaf('b')),
        written: { trust: cas('TU'), leaf: leaf('a'), changedAt: 0 },
        others: known([peer('r', { trusts: [cas('A')], shows: [leaf('t1')] })], {
          told: { shows: [leaf('a')], trusts: [cas('T'), cas('TU')] },
          vouched: cas('TU'),
        }),
      }),
    );
    expect(summary(action)).toBe('hold restart-would-not-come-back');
    expect(action).toMatchObject({
      hold: { next: expect.stringContaining('put the old pair of one side back') },
    });
  });
});
