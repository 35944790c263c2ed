/**
 * What must hold, whatever happens: each rule a question to a state, or to a write and the state it was made in.
 *
 * **Invariant:** a rule asks what is, and what Kubernetes or calls have shown; never what the planner thought.
 */
import { loadedForNow } from './environment.ts';
import { AGES, AUTHORITIES, MATERIALS, membersOf } from './identities.ts';
import { answerTo, failures, shownBy } from './oracle.ts';
import { ABSENT, contentOf, type ModelPod, type ModelState, MTLS, SERVING, TIMING } from './state.ts';
import type { Configured, Write } from './turn.ts';

export interface Broken {
  readonly rule: Rule;
  readonly what: string;
}

export const RULES = {
  calls: 'every living client completes a handshake with every living repo-server',
  evidence: 'no trust is dropped without its evidence',
  restarts: 'nothing is restarted that the facts table does not require',
  material: 'nothing refused or torn is published',
  end: 'from every state the same end is reached, in a bounded number of steps',
  sound: 'no turn fails but by a lost race',
} as const;
export type Rule = keyof typeof RULES;

const broken = (rule: Rule, what: string): Broken => ({ rule, what });

/** How often the facts table has a component restarted for one change of its source, whatever that change is. */
export interface Allowance {
  readonly [component: string]: number;
}

const GOOD_PAIRS = new Set(
  Object.values(MATERIALS)
    .filter(({ bad }) => bad === undefined)
    .map(({ leaf, key }) => `${leaf} ${key}.key`),
);
const NEVER = new Set(
  Object.values(MATERIALS).flatMap(({ leaf, bad }) =>
    bad === undefined || leaf === 'a2' || leaf === 'b1' ? [] : [leaf],
  ),
);
const KNOWN = new Set(
  Object.values(MATERIALS).flatMap(({ leaf, anchors }) => [leaf, `${leaf}.key`, ...membersOf(anchors)]),
);

const pairsOf = ({ objects }: Pick<ModelState, 'objects'>) => [
  [contentOf(objects, MTLS, 'client.crt'), contentOf(objects, MTLS, 'client.key')] as const,
  [contentOf(objects, SERVING, 'tls.crt'), contentOf(objects, SERVING, 'tls.key')] as const,
];

const materialRule = (state: ModelState): readonly Broken[] => {
  const pairs = pairsOf(state).flatMap(([leaf, key]) =>
    (leaf === ABSENT && key === ABSENT) || (GOOD_PAIRS.has(`${leaf} ${key}`) && !NEVER.has(leaf))
      ? []
      : [broken('material', `a pair is published that no source vouches for: ${leaf} with ${key}`)],
  );
  const foreign = [MTLS, SERVING].flatMap((name) =>
    Object.entries(state.objects[name]?.data ?? {}).flatMap(([key, value]) =>
      value.split('+').every((one) => KNOWN.has(one))
        ? []
        : [broken('material', `${name} holds ${value} under ${key}`)],
    ),
  );
  return [...pairs, ...foreign];
};

/** Rules about a state as it is. */
export const brokenIn = (state: ModelState): readonly Broken[] => [
  ...failures(state).map((what) => broken('calls', what)),
  ...materialRule(state),
];

const dropped = (before: string, after: string): readonly string[] => {
  if (before === ABSENT || after === ABSENT) return [];
  const left = membersOf(after);
  return membersOf(before).filter((member) => !left.includes(member));
};

/** What this client's file held within the time that its kubelet may take. */
const recentLeafs = (state: ModelState): readonly string[] => [
  contentOf(state.objects, MTLS, 'client.crt'),
  ...state.former
    .filter(({ object, until }) => object === MTLS && until > -TIMING.propagationWait)
    .map(({ data }) => data['client.crt'] ?? ABSENT),
];

const hasProof = (pod: ModelPod, trust: string, now: number): boolean => {
  const conclusive = Object.entries(pod.proof).filter(([, { outcome }]) => outcome !== 'unknown');
  const letsIn = conclusive.some(
    ([name, { outcome }]) => outcome === 'accepted' && answerTo(trust, name, now) === 'accepted',
  );
  return conclusive.some(([name]) => name === 'nobody') && letsIn;
};

/**
 * A CA is taken out of `client-ca.crt` only when each process of repo-server has itself let in a leaf of what stays, and when no client
 * can still be shown one that only the dropped CA vouches for.
 *
 * @param remembered what the agent that writes knows of calls; a second one knows less than is known.
 */
const evidenceRule = (
  state: ModelState,
  write: Write,
  remembered: readonly ModelPod[],
): readonly Broken[] => {
  if (write.kind !== 'apply' || write.name !== MTLS) return [];
  const before = contentOf(state.objects, MTLS, 'client-ca.crt');
  const after = write.data['client-ca.crt'] ?? ABSENT;
  const gone = dropped(before, after);
  if (gone.length === 0) return [];
  const now = AGES[state.age] ?? 0;
  const servers = state.pods.filter((pod) => pod.of === 'repo-server' && pod.startedAt !== undefined);
  const uncalled = servers.filter((pod) => {
    const known = remembered.find((each) => each.id === pod.id && each.container === pod.container);
    return known === undefined || !hasProof(known, after, now);
  });
  const shown = recentLeafs(state).filter(
    (leaf) =>
      leaf !== ABSENT &&
      answerTo(before, leaf, now) === 'accepted' &&
      answerTo(after, leaf, now) !== 'accepted',
  );
  return [
    ...uncalled.map(() =>
      broken('evidence', `${gone.join()} leaves client-ca.crt before each repo-server let in what stays`),
    ),
    ...shown.map((leaf) =>
      broken('evidence', `${gone.join()} leaves client-ca.crt while clients may show ${leaf}`),
    ),
  ];
};

const restartRule = (state: ModelState, write: Write, allowance: Allowance): readonly Broken[] => {
  if (write.kind !== 'restart') return [];
  const workload = state.workloads.find(({ component }) => component === write.component);
  if (workload === undefined) return [broken('restarts', `${write.component} is not part of this world`)];
  const again = workload.loadedFor === loadedForNow(write.component, state.objects);
  // A container that crashes soon after a write starts with what its volume shows by then, which may be either.
  const excused = state.pods.some(
    (pod) => pod.of === write.component && (pod.crashed || pod.restart !== workload.restart),
  );
  const most = allowance[write.component] ?? 0;
  return [
    ...(again && !excused
      ? [
          broken(
            'restarts',
            `${write.component} is restarted, and none of its files changed since the last time`,
          ),
        ]
      : []),
    ...(workload.restarts >= most
      ? [broken('restarts', `${write.component} is restarted more than ${most} times for one change`)]
      : []),
  ];
};

/** Rules about a write, in the state in which it is made. */
export const brokenBy = (
  state: ModelState,
  write: Write,
  remembered: readonly ModelPod[],
  allowance: Allowance,
): readonly Broken[] => [...evidenceRule(state, write, remembered), ...restartRule(state, write, allowance)];

const wrong = (what: string, is: string | undefined, shall: string): readonly string[] =>
  is === shall ? [] : [`${what} is ${is ?? ABSENT} and shall be ${shall}`];

/** What is missing of the end that the source and the configuration ask for. Asked of a world at rest. */
export const missingAtRest = (state: ModelState, configured: Configured): readonly string[] => {
  const client = MATERIALS[state.source.client];
  const serving = MATERIALS[state.source.serving];
  if (client === undefined || client.bad !== undefined || inForce(client.anchors, state.age) === '')
    return [];
  const isOn = configured !== 'disabled';
  const trust = isOn ? inForce(client.anchors, state.age) : ABSENT;
  const leaf = isOn ? client.leaf : ABSENT;
  const verifies = configured === 'verifying' && serving !== undefined;
  const published = (key: string) => contentOf(state.objects, MTLS, key);
  const missing = [
    ...wrong('client-ca.crt', published('client-ca.crt'), trust),
    ...wrong('client.crt', published('client.crt'), leaf),
  ];
  for (const pod of state.pods) {
    if (pod.of === 'repo-server') {
      missing.push(...wrong('what repo-server trusts', pod.loaded['client-ca.crt'], trust));
      if (verifies) missing.push(...wrong('what repo-server presents', pod.loaded['tls.crt'], serving.leaf));
      continue;
    }
    missing.push(...wrong(`what ${pod.of} shows`, shownBy(pod), isOn ? client.leaf : 'none'));
    if (verifies)
      missing.push(...wrong(`what ${pod.of} verifies with`, pod.loaded['server-ca.crt'], serving.anchors));
  }
  return missing;
};

/** A bundle without what has run out, or does so at this very moment. */
const inForce = (bundle: string, age: number): string =>
  membersOf(bundle)
    .filter((member) => (AUTHORITIES[member]?.certificate.notAfter ?? 0) > (AGES[age] ?? 0))
    .join('+');
