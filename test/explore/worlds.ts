/**
 * The worlds that are explored, as a table.
 *
 * `quick` is what `npm test` goes through; `npm run explore` goes through all of it.
 *
 * **Invariant:** every bound is here or in `state.ts`, and is printed with what came of it.
 */
import type { Component } from '../../agent/model/terms.ts';
import type { Scenario } from './scenarios.ts';
import type { Chances } from './state.ts';

type Pods = Readonly<Partial<Record<Component, number>>>;

const ONE: Pods = { 'repo-server': 1, server: 1 };
const TWO: Pods = { 'repo-server': 2, server: 1 };
const THREE: Pods = { 'repo-server': 3, server: 1 };
const MANY_CLIENTS: Pods = { 'repo-server': 1, server: 2, 'notifications-controller': 1 };
const SLOW_READER: Pods = { 'repo-server': 1, server: 1, 'notifications-controller': 1 };

const A1 = { client: 'a1' } as const;
const S1 = { client: 'a1', serving: 's1' } as const;

/** The change classes, each with what the facts table has restarted for it. */
const CLASSES = {
  enable: {
    configured: 'client',
    before: undefined,
    now: A1,
    allowance: { 'repo-server': 1, 'notifications-controller': 1 },
  },
  leaf: { configured: 'client', before: A1, now: { client: 'a2' }, allowance: {} },
  'client CA': { configured: 'client', before: A1, now: { client: 'b1' }, allowance: { 'repo-server': 2 } },
  'client CA renewed': {
    configured: 'client',
    before: A1,
    now: { client: "a2 under A'" },
    allowance: { 'repo-server': 1 },
  },
  'verification on': {
    configured: 'verifying',
    configuredBefore: 'client',
    before: A1,
    now: S1,
    allowance: { 'repo-server': 1, server: 1, 'notifications-controller': 1 },
  },
  serving: {
    configured: 'verifying',
    before: S1,
    now: { client: 'a1', serving: 's2' },
    allowance: { 'repo-server': 1 },
  },
  'server CA': {
    configured: 'verifying',
    before: S1,
    now: { client: 'a1', serving: 't1' },
    allowance: { 'repo-server': 1, server: 2, 'notifications-controller': 2 },
  },
  'both CAs': {
    configured: 'verifying',
    before: S1,
    now: { client: 'b1', serving: 't1' },
    allowance: { 'repo-server': 2, server: 2, 'notifications-controller': 2 },
  },
  disable: {
    configured: 'disabled',
    configuredBefore: 'client',
    before: A1,
    now: A1,
    allowance: { 'repo-server': 1 },
  },
} as const satisfies Readonly<
  Record<string, Pick<Scenario, 'configured' | 'before' | 'now' | 'allowance' | 'configuredBefore'>>
>;

type ClassName = keyof typeof CLASSES;

const world = (
  className: ClassName,
  pods: Pods,
  chances: Chances = {},
  over: Partial<Scenario> = {},
): Scenario => {
  const chosen = Object.entries(chances).map(([chance, times]) =>
    times === 1 ? chance : `${chance} ×${times}`,
  );
  const size = Object.entries(pods)
    .map(([component, count]) => `${count} ${component}`)
    .join(', ');
  return {
    name: `${className}${chosen.length === 0 ? '' : ` | ${chosen.join(' | ')}`} | ${size}`,
    ...CLASSES[className],
    pods,
    chances,
    ...over,
  };
};

const KILLED = { 'the agent is killed': 1 };
const CRASH = { 'a container crashes': 1 };
const SLOW = { 'a rollout takes long': 1 };
const CHANGES = { 'the source changes': 1 };
const SECOND = { 'a second agent looks': 1 };
const STUCK = { 'a pod that never gets ready': 1 };
const EVICTED = { 'a pod is evicted': 1 };
const AGES_PASS = { 'an age passes': 3 };
const LOST = { 'the journal is lost': 1 };
const SKEWED = { 'skewed clocks': 1 };

/** A pod that is stuck or a source that changes its mind in the middle may cost one more restart, by the facts: what it loaded changed. */
const oneMore = (className: ClassName): Scenario['allowance'] =>
  Object.fromEntries(
    (['repo-server', 'server', 'notifications-controller'] as const).map((component) => [
      component,
      ((CLASSES[className].allowance as Scenario['allowance'])[component] ?? 0) +
        (component === 'repo-server' || className.includes('server') || className.includes('both') ? 1 : 0),
    ]),
  );

const withSources = (
  className: ClassName,
  pods: Pods,
  chances: Chances,
  ...sources: readonly string[]
): Scenario =>
  world(className, pods, chances, {
    name: `${world(className, pods, chances).name} | source: ${sources.join(', ')}`,
    sources,
    allowance: oneMore(className),
  });

export const QUICK: readonly Scenario[] = [
  world('enable', SLOW_READER),
  world('leaf', ONE),
  world('client CA', ONE, KILLED),
  world('client CA renewed', ONE),
  world('verification on', ONE),
  world('serving', ONE),
  world('server CA', ONE),
  world('disable', ONE),
];

/** Small ones in which each kind of defect shows: what mutations are tried in, in this order. */
export const TELLING: readonly Scenario[] = [
  ...QUICK,
  withSources('leaf', ONE, CHANGES, 'e1', 'torn a2', 'b1 without B', 'u1'),
  world('enable', SLOW_READER, SLOW),
  world('client CA', ONE, SECOND),
  world('client CA', ONE, SLOW),
  world('client CA', ONE, STUCK, { allowance: oneMore('client CA') }),
  world('client CA renewed', TWO, EVICTED),
  world('client CA renewed', ONE, CRASH),
  world('client CA', ONE, SKEWED),
  world('client CA', ONE, CRASH),
  world('server CA', ONE, SLOW),
];

export const ALL: readonly Scenario[] = [
  ...(Object.keys(CLASSES) as ClassName[]).flatMap((name) => [
    world(name, SLOW_READER, { ...KILLED, ...SLOW }),
    world(name, TWO, KILLED),
    world(name, ONE, { ...SECOND, ...KILLED }),
    world(name, ONE, LOST),
  ]),
  world('client CA', THREE),
  world('client CA', MANY_CLIENTS, KILLED),
  world('client CA', TWO, { ...CRASH, ...KILLED }),
  world('client CA', TWO, { ...SLOW, ...SECOND }),
  world('client CA', ONE, { ...SKEWED, ...SLOW }),
  world('client CA', TWO, { ...EVICTED, ...KILLED }),
  world('client CA', TWO, { ...STUCK, ...KILLED }, { allowance: oneMore('client CA') }),
  world('client CA', ONE, { ...AGES_PASS, ...KILLED }),
  withSources('client CA', TWO, { ...CHANGES }, 'a1', 'a2', 'a3', 'b1', 'c1'),
  withSources('client CA', ONE, { 'the source changes': 2 }, 'a1', 'a2', 'b1', 'c1'),
  withSources('client CA', ONE, { ...CHANGES, ...KILLED, ...SLOW }, 'a1', 'a3'),
  withSources(
    'leaf',
    ONE,
    { 'the source changes': 2, ...KILLED },
    'a1',
    'a3',
    'torn a2',
    'b1 without B',
    'u1',
  ),
  withSources('leaf', ONE, { ...CHANGES, ...AGES_PASS }, 'e1', 'x1', 'a1 with X'),
  withSources('enable', SLOW_READER, CHANGES, 'a2', 'b1', 'torn a2'),
  withSources('server CA', ONE, CHANGES, 's1', 's2', 't1'),
  withSources('both CAs', ONE, CHANGES, 'a1', 's1'),
  world('server CA', ONE, CRASH),
  world('server CA', ONE, { ...SKEWED, ...SLOW }),
  world('both CAs', SLOW_READER),
];
