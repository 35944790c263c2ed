/**
 * The order of every change class, derived by search and held against ARGOCD-MTLS facts: R restarts of repo-server, C of each client.
 */
import { describe, expect, test } from '@jest/globals';
import { CLIENT_COMPONENTS } from '../../agent/model/terms.ts';
import { type Action, apply } from '../../agent/plan/actions.ts';
import { newRisks } from '../../agent/plan/compatibility.ts';
import { search } from '../../agent/plan/search.ts';
import { leafIn, type PublishedState, serverCaIn, type World } from '../../agent/plan/world.ts';
import {
  bundle,
  candidatesBetween,
  goalOf,
  leaf,
  letters,
  MTLS,
  published,
  SHARED,
  settledWorld,
} from '../kit/plan/letters.ts';

const everyone = [...CLIENT_COMPONENTS];
const off = published({ clientCa: 'off', leaf: 'none' });

const text = (action: Action): string => {
  switch (action.kind) {
    case 'publish-mtls':
      return `publish ca=${action.published.clientCa} leaf=${leafIn(action.published, SHARED)} server-ca=${serverCaIn(action.published, MTLS)}`;
    case 'publish-serving':
      return `publish serving=${action.serving}`;
    case 'set-paths':
      return `set paths ${action.verifying.length}`;
    case 'roll':
      return `roll ${action.component}`;
    default:
      return action.kind;
  }
};

interface Case {
  readonly why: string;
  readonly from: PublishedState | World;
  readonly to: PublishedState;
  readonly order: readonly string[];
}

const clientsRolled = everyone.map((component) => `roll ${component}`);

const cases: readonly Case[] = [
  {
    why: 'enable: leafs first, client-ca.crt and repo-server last, no client restarted but the one that looks for the file at start',
    from: off,
    to: published(),
    order: [
      'publish ca=off leaf=a1 server-ca=absent',
      'wait',
      'roll notifications-controller',
      'publish ca=A leaf=a1 server-ca=absent',
      'roll repo-server',
      'prove',
    ],
  },
  {
    why: 'enable where notifications-controller started after the leafs appeared: no client restarted',
    from: settledWorld(published({ clientCa: 'off' })),
    to: published(),
    order: ['publish ca=A leaf=a1 server-ca=absent', 'roll repo-server', 'prove'],
  },
  {
    why: 'leaf renewed under the same CA: nothing restarted',
    from: published(),
    to: published({ leaf: leaf('a2') }),
    order: ['publish ca=A leaf=a2 server-ca=absent', 'wait'],
  },
  {
    why: 'client CA replaced: repo-server twice, clients never',
    from: published(),
    to: published({ clientCa: bundle('B'), leaf: leaf('b1') }),
    order: [
      'publish ca=A+B leaf=a1 server-ca=absent',
      'roll repo-server',
      'prove',
      'publish ca=A+B leaf=b1 server-ca=absent',
      'wait',
      'publish ca=B leaf=b1 server-ca=absent',
      'roll repo-server',
      'prove',
    ],
  },
  {
    why: 'client CA renewed with the same key: repo-server once',
    from: published(),
    to: published({ clientCa: bundle("A'"), leaf: leaf('a2') }),
    order: ["publish ca=A' leaf=a2 server-ca=absent", 'roll repo-server', 'prove', 'wait'],
  },
  {
    why: 'serving certificate renewed: repo-server once',
    from: published({ serverCa: bundle('S'), serving: leaf('s1'), verifying: everyone }),
    to: published({ serverCa: bundle('S'), serving: leaf('s2'), verifying: everyone }),
    order: ['publish serving=s2', 'roll repo-server', 'prove'],
  },
  {
    why: 'verification switched on: serving certificate first, then the pool, the paths and each client once',
    from: published(),
    to: published({ serverCa: bundle('S'), serving: leaf('s1'), verifying: everyone }),
    order: [
      'publish serving=s1',
      'roll repo-server',
      'prove',
      'publish ca=A leaf=a1 server-ca=S',
      'set paths 4',
      ...clientsRolled,
    ],
  },
  {
    why: 'server CA replaced under verifying clients: clients twice, repo-server once',
    from: published({ serverCa: bundle('S'), serving: leaf('s1'), verifying: everyone }),
    to: published({ serverCa: bundle('T'), serving: leaf('t1'), verifying: everyone }),
    order: [
      'publish ca=A leaf=a1 server-ca=S+T',
      ...clientsRolled,
      'publish serving=t1',
      'roll repo-server',
      'prove',
      'publish ca=A leaf=a1 server-ca=T',
      ...clientsRolled,
    ],
  },
  {
    why: 'server CA replaced where nobody verifies: repo-server once, clients never',
    from: published({ serverCa: bundle('S'), serving: leaf('s1') }),
    to: published({ serverCa: bundle('T'), serving: leaf('t1') }),
    order: ['publish serving=t1', 'roll repo-server', 'prove', 'publish ca=A leaf=a1 server-ca=T'],
  },
  {
    why: 'disable: the reverse order, no client restarted',
    from: published(),
    to: off,
    order: [
      'publish ca=off leaf=a1 server-ca=absent',
      'roll repo-server',
      'prove',
      'publish ca=off leaf=none server-ca=absent',
      'wait',
    ],
  },
  { why: 'a settled world plans to nothing', from: published(), to: published(), order: [] },
];

const worldOf = (from: PublishedState | World): World => ('published' in from ? from : settledWorld(from));

describe('the cheapest safe order', () => {
  test.each(cases)('$why', ({ from, to, order }) => {
    const start = worldOf(from);
    const path = search(start, goalOf(to), candidatesBetween(start.published, to), letters);
    expect(path?.actions.map(text)).toEqual(order);
  });

  test('both CAs replaced at once: repo-server twice, each verifying client twice', () => {
    const from = published({ serverCa: bundle('S'), serving: leaf('s1'), verifying: everyone });
    const to = published({
      clientCa: bundle('B'),
      leaf: leaf('b1'),
      serverCa: bundle('T'),
      serving: leaf('t1'),
      verifying: everyone,
    });
    const start = settledWorld(from);
    const path = search(start, goalOf(to), candidatesBetween(from, to), letters);
    const rolls = (component: string) =>
      path?.actions.filter((action) => action.kind === 'roll' && action.component === component).length;
    expect(rolls('repo-server')).toBe(2);
    for (const client of everyone) expect(rolls(client)).toBe(2);
  });

  test('every step of every order leaves every pair working', () => {
    for (const { from, to } of cases) {
      let world = worldOf(from);
      const path = search(world, goalOf(to), candidatesBetween(world.published, to), letters);
      for (const action of path?.actions ?? []) {
        const next = apply(world, action);
        if (action.kind.startsWith('publish') || action.kind === 'set-paths') {
          expect(newRisks(world, next, letters)).toEqual([]);
        }
        world = next;
      }
    }
  });

  test('a strict-tls client is left alone by a client CA replacement, and holds a new serving certificate back', () => {
    const from = published({ serverCa: bundle('S'), serving: leaf('s1') });
    const start = settledWorld(from, {
      clients: { server: { pool: ['unknown'], verification: 'beyond-reach' } },
    });
    const replaced = published({ ...from, clientCa: bundle('B'), leaf: leaf('b1') });
    const path = search(start, goalOf(replaced), candidatesBetween(from, replaced), letters);
    expect(path?.actions.map(text).filter((step) => step.startsWith('roll'))).toEqual([
      'roll repo-server',
      'roll repo-server',
    ]);
    const renewed = published({ ...from, serving: leaf('s2') });
    expect(search(start, goalOf(renewed), candidatesBetween(from, renewed), letters)).toBeUndefined();
  });

  test('a client that mounts nothing is never cut off: enabling finds no safe order', () => {
    const start = settledWorld(off, {
      clients: { 'application-controller': { reading: 'never', leaf: ['none'] } },
    });
    expect(search(start, goalOf(published()), candidatesBetween(off, published()), letters)).toBeUndefined();
  });

  test('old trust is not dropped while a process that cannot be dialled may hold something else', () => {
    const world = settledWorld(published({ clientCa: bundle('A+B'), leaf: leaf('b1') }));
    const start: World = { ...world, server: { ...world.server, trust: [bundle('A'), 'unproven'] } };
    const path = search(
      start,
      goalOf(published({ clientCa: bundle('B'), leaf: leaf('b1') })),
      candidatesBetween(start.published, published({ clientCa: bundle('B') })),
      letters,
    );
    expect(path?.actions[0]).not.toEqual(expect.objectContaining({ kind: 'publish-mtls' }));
  });
});
