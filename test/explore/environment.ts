/**
 * What happens by itself: controllers, kubelets, chance, the source, and time.
 *
 * Every event that may happen in a state is offered, in every order. A kubelet is late by anything up to what the agent's settings presume,
 * and never by more.
 *
 * **Invariant:** nothing here is decided by what the agent knows or wants.
 */
import type { ClientComponent, Component } from '../../agent/model/terms.ts';
import { aged } from './age.ts';
import { AGES, LEAFS, MATERIALS } from './identities.ts';
import { failures } from './oracle.ts';
import {
  ABSENT,
  CA_PATH_KEY,
  contentOf,
  type Data,
  JOURNAL,
  type ModelPod,
  type ModelState,
  type ModelWorkload,
  MTLS,
  OPENED,
  PARAMS,
  SERVING,
  side,
  TIMING,
} from './state.ts';

export interface Event {
  /** `progress`: bound to happen sooner or later; `mend`: somebody's doing; `chance`: may as well not happen; `time`: it passes. */
  readonly kind: 'progress' | 'chance' | 'mend' | 'time' | 'agent';
  readonly name: string;
  readonly to: ModelState;
}

/** What a component's volumes would show, were they refreshed now. */
export const visibleTo = (component: Component, objects: ModelState['objects']): Data =>
  Object.fromEntries(OPENED[side(component)].map(([object, key]) => [key, contentOf(objects, object, key)]));

const isSame = (a: Data, b: Data): boolean => Object.keys(a).every((key) => a[key] === b[key]);

/** What a process of this component reads when it starts with these volumes. */
const loadedFrom = (component: Component, sees: Data, params: Data): Data => {
  if (component === 'repo-server') return sees;
  const key = CA_PATH_KEY[component as ClientComponent];
  return {
    // Whether there was one; which one it was is looked up on each call. Only one of the four remembers it (docs/argocd-facts.md).
    ...(component === 'notifications-controller' && {
      'client.crt': sees['client.crt'] === ABSENT ? ABSENT : 'there',
    }),
    'server-ca.crt': sees['server-ca.crt'] ?? ABSENT,
    [key]: params[key] ?? ABSENT,
  };
};

/** What a component's at-start files hold now: if that is what its restart was asked for, another one is for nothing. */
export const loadedForNow = (component: Component, objects: ModelState['objects']): string =>
  JSON.stringify(loadedFrom(component, visibleTo(component, objects), objects[PARAMS]?.data ?? {}));

/** After a write, or a restart of the clock: who is behind, and since when. */
export const withViews = (state: ModelState): ModelState => ({
  ...state,
  pods: state.pods.map((pod) => {
    if (pod.startedAt === undefined) return pod;
    if (isSame(pod.sees, visibleTo(pod.of, state.objects)))
      return pod.behindSince === undefined ? pod : { ...pod, behindSince: undefined };
    return pod.behindSince === undefined ? { ...pod, behindSince: 0 } : pod;
  }),
});

const withPod = (
  state: ModelState,
  id: number,
  change: (pod: ModelPod) => ModelPod | undefined,
): ModelState => ({
  ...state,
  pods: state.pods.flatMap((pod) => (pod.id === id ? (change(pod) ?? []) : [pod])),
});

const spent = (state: ModelState, chance: string): ModelState => ({
  ...state,
  chances: { ...state.chances, [chance]: (state.chances[chance] ?? 0) - 1 },
});

const may = (state: ModelState, chance: string): boolean => (state.chances[chance] ?? 0) > 0;

const freshId = (state: ModelState): number => {
  const used = new Set([...state.pods, ...(state.look?.seen.pods ?? [])].map(({ id }) => id));
  let id = 0;
  while (used.has(id)) id += 1;
  return id;
};

const created = (state: ModelState, workload: ModelWorkload): ModelState => ({
  ...state,
  pods: [
    ...state.pods,
    {
      id: freshId(state),
      container: 0,
      of: workload.component,
      restart: workload.restart,
      askedAt: workload.askedAt,
      createdAt: 0,
      startedAt: undefined,
      readySince: undefined,
      ready: false,
      terminating: false,
      crashed: false,
      stuck: false,
      sees: {},
      behindSince: undefined,
      loaded: {},
      proof: {},
    },
  ],
});

const terminated = (state: ModelState, id: number): ModelState =>
  withPod(state, id, (pod) => (pod.startedAt === undefined ? undefined : { ...pod, terminating: true }));

/** Pods of the same state are interchangeable: one of each kind is offered. */
const distinct = (pods: readonly ModelPod[]): readonly ModelPod[] => [
  ...new Map(pods.map((pod) => [JSON.stringify({ ...pod, id: 0 }), pod])).values(),
];

/** The workload's controller: one old pod after another, one more than wanted at a time, or all at once where it recreates. */
const controllerEvents = (state: ModelState, workload: ModelWorkload): readonly Event[] => {
  const { component, replicas } = workload;
  const who = component;
  if (!workload.takenUp) {
    const workloads = state.workloads.map((each) => (each === workload ? { ...each, takenUp: true } : each));
    return [{ kind: 'progress', name: `the controller takes up ${who}`, to: { ...state, workloads } }];
  }
  const own = state.pods.filter((pod) => pod.of === component);
  const staying = own.filter((pod) => !pod.terminating);
  const old = staying.filter((pod) => pod.restart !== workload.restart);
  const ready = staying.filter((pod) => pod.ready);
  const events: Event[] = [];
  if (component === 'notifications-controller') {
    if (old.length > 0)
      return [
        {
          kind: 'progress',
          name: `the controller stops ${who}`,
          to: old.reduce((next, pod) => terminated(next, pod.id), state),
        },
      ];
    return own.length < replicas && own.every((pod) => !pod.terminating)
      ? [{ kind: 'progress', name: `a pod of ${who} is made`, to: created(state, workload) }]
      : [];
  }
  const wanted = old.length > 0 ? replicas + 1 : replicas;
  if (staying.length < wanted)
    events.push({ kind: 'progress', name: `a pod of ${who} is made`, to: created(state, workload) });
  if (staying.length > replicas && ready.length > replicas)
    for (const pod of distinct(old))
      events.push({
        kind: 'progress',
        name: `an old pod of ${who} is stopped`,
        to: terminated(state, pod.id),
      });
  // One that never came up may be taken away as soon as another one has.
  if (staying.length > replicas && old.length === 0)
    for (const pod of distinct(staying.filter((each) => !each.ready)))
      events.push({
        kind: 'progress',
        name: `a surplus pod of ${who} is stopped`,
        to: terminated(state, pod.id),
      });
  return events;
};

interface Content {
  readonly data: Data;
  readonly behindSince: number | undefined;
}

/** What a mount that is made now may show of an object: what is published, or what was within the kubelet's margin. */
const mountable = (state: ModelState, object: string): readonly Content[] => [
  { data: state.objects[object]?.data ?? {}, behindSince: undefined },
  ...state.former
    .filter((former) => former.object === object && former.until > -TIMING.mountMargin)
    .map((former) => ({ data: former.data, behindSince: former.until })),
];

const mounts = (
  state: ModelState,
  component: Component,
): readonly { sees: Data; behindSince: number | undefined }[] =>
  mountable(state, MTLS).flatMap((mtls) =>
    (component === 'repo-server' ? mountable(state, SERVING) : [{ data: {}, behindSince: undefined }]).map(
      (serving) => {
        const sees = Object.fromEntries(
          OPENED[side(component)].map(([object, key]) => [
            key,
            (object === MTLS ? mtls : serving).data[key] ?? ABSENT,
          ]),
        );
        const times = [mtls.behindSince, serving.behindSince].filter((each) => each !== undefined);
        return {
          sees,
          behindSince: isSame(sees, visibleTo(component, state.objects)) ? undefined : Math.min(0, ...times),
        };
      },
    ),
  );

/** How wrong a node's clock may be. */
const skews = (state: ModelState): readonly number[] =>
  may(state, 'skewed clocks') ? [0, -2_000, 2_000] : [0];

const startEvents = (state: ModelState, pod: ModelPod): readonly Event[] => {
  const params = pod.of === 'repo-server' ? [{ data: {} }] : mountable(state, PARAMS);
  const started = mounts(state, pod.of).flatMap(({ sees, behindSince }) =>
    params.flatMap(({ data }) =>
      skews(state).map((skew): Event => {
        const next = {
          ...pod,
          startedAt: skew,
          ready: true,
          readySince: skew,
          sees,
          behindSince,
          loaded: loadedFrom(pod.of, sees, data),
        };
        return {
          kind: 'progress',
          name: `a pod of ${pod.of} starts${skew === 0 ? '' : `, its clock ${skew} ms off`}, reading ${read(next)}`,
          to: withPod(state, pod.id, () => next),
        };
      }),
    ),
  );
  const [first] = started;
  if (first === undefined || !may(state, 'a pod that never gets ready') || pod.of !== 'repo-server')
    return started;
  const stuck = withPod(first.to, pod.id, () => undefined);
  return [
    ...started,
    {
      kind: 'chance',
      name: `a pod of ${pod.of} starts and never gets ready`,
      to: spent(
        {
          ...stuck,
          pods: first.to.pods.map((each) =>
            each.id === pod.id ? { ...each, ready: false, readySince: undefined, stuck: true } : each,
          ),
        },
        'a pod that never gets ready',
      ),
    },
  ];
};

const read = ({ loaded }: ModelPod): string => Object.values(loaded).join(' ');

const podEvents = (state: ModelState, pod: ModelPod): readonly Event[] => {
  const events: Event[] = [];
  if (pod.startedAt === undefined) return pod.terminating ? [] : startEvents(state, pod);
  if (pod.terminating)
    events.push({
      kind: 'progress',
      name: `a pod of ${pod.of} is gone`,
      to: withPod(state, pod.id, () => undefined),
    });
  if (pod.behindSince !== undefined) {
    const sees = visibleTo(pod.of, state.objects);
    events.push({
      kind: 'progress',
      name: `the kubelet shows a pod of ${pod.of} what is published`,
      to: withPod(state, pod.id, () => ({ ...pod, sees, behindSince: undefined })),
    });
  }
  if (pod.stuck)
    events.push({
      kind: 'mend',
      name: `somebody mends the pod of ${pod.of}`,
      to: withPod(state, pod.id, () => ({ ...pod, stuck: false, ready: true, readySince: 0 })),
    });
  if (may(state, 'a container crashes') && !pod.stuck) {
    const params = state.objects[PARAMS]?.data ?? {};
    events.push({
      kind: 'chance',
      name: `a container of ${pod.of} crashes and starts again in its pod`,
      to: spent(
        withPod(state, pod.id, () => ({
          ...pod,
          container: pod.container + 1,
          crashed: true,
          startedAt: 0,
          readySince: 0,
          loaded: loadedFrom(pod.of, pod.sees, params),
          proof: {},
        })),
        'a container crashes',
      ),
    });
  }
  if (may(state, 'a pod is evicted') && !pod.terminating)
    events.push({
      kind: 'chance',
      name: `a pod of ${pod.of} is evicted`,
      to: spent(terminated(state, pod.id), 'a pod is evicted'),
    });
  return events;
};

/** What an age may bring only once nobody depends on what ends in it: a certificate that runs out in use fails, whoever looks on. */
const olderWorld = (state: ModelState): ModelState | undefined => {
  if (!may(state, 'an age passes') || AGES[state.age + 1] === undefined) return undefined;
  const older = spent({ ...aged(state, 0), age: state.age + 1 }, 'an age passes');
  return failures(older).length === 0 && state.look === undefined ? older : undefined;
};

const sourceEvents = (state: ModelState, sources: readonly string[]): readonly Event[] =>
  may(state, 'the source changes')
    ? sources
        .filter((name) => name !== state.source.client && name !== state.source.serving)
        .map(
          (name): Event => ({
            kind: 'chance',
            name: `the source holds ${name}`,
            to: spent(
              {
                ...state,
                source: /^[st]/.test(name)
                  ? { ...state.source, serving: name }
                  : { ...state.source, client: name },
                workloads: state.workloads.map((workload) => ({ ...workload, restarts: 0 })),
              },
              'the source changes',
            ),
          }),
        )
    : [];

/** What a source holds once somebody has seen to it. */
const MENDED = 'a2';

/** A source that holds nothing usable is mended in the end; until then nothing is asked for but that what is published stays. */
const mendedSource = (state: ModelState): readonly Event[] => {
  const held = MATERIALS[state.source.client];
  const dates = held === undefined ? undefined : LEAFS[held.leaf]?.certificate;
  const now = AGES[state.age] ?? 0;
  if (held === undefined || dates === undefined) return [];
  if (held.bad === undefined && now >= dates.notBefore && now < dates.notAfter) return [];
  return [
    {
      kind: 'mend',
      name: `somebody mends the source: it holds ${MENDED}`,
      to: {
        ...state,
        source: { ...state.source, client: MENDED },
        workloads: state.workloads.map((workload) => ({ ...workload, restarts: 0 })),
      },
    },
  ];
};

/** Moments at which something may become true by waiting alone: each wait of the agent's, counted from what it counts from. */
const boundaries = (state: ModelState): readonly number[] => {
  const ends: number[] = [];
  const { mountMargin, propagationWait, settle, rolloutDeadline } = TIMING;
  for (const name of [MTLS, SERVING, PARAMS]) {
    const at = state.objects[name]?.writtenAt;
    if (at !== undefined) ends.push(at + mountMargin, at + mountMargin + 3_000, at + propagationWait);
  }
  for (const { askedAt, component } of state.workloads) {
    const isOpen = state.pods.some((pod) => pod.of === component && !pod.ready);
    if (askedAt !== undefined && isOpen) ends.push(askedAt + rolloutDeadline);
  }
  for (const { readySince, of } of state.pods)
    if (readySince !== undefined && of !== undefined) ends.push(readySince + settle);
  const step = /"step":\{[^}]*"startedAt":(-?\d+)/.exec(state.objects[JOURNAL]?.data.journal ?? '')?.[1];
  if (step !== undefined) ends.push(Number(step) + rolloutDeadline + 1_000);
  return ends.filter((end) => end > 0);
};

/** Time passes until something may have become true by it. A kubelet that would be too late by then has to show what it has first. */
export const passing = (state: ModelState): Event | undefined => {
  const ends = boundaries(state);
  if (ends.length === 0) return undefined;
  const by = Math.min(...ends);
  const isLate = state.pods.some(
    (pod) => pod.behindSince !== undefined && by - pod.behindSince >= TIMING.propagationWait,
  );
  if (isLate) return undefined;
  const isRolling =
    state.workloads.some((workload) => controllerEvents(state, workload).length > 0) ||
    state.pods.some((pod) => pod.startedAt === undefined || pod.terminating);
  if (!isRolling) return { kind: 'time', name: `${by / 1_000} s pass`, to: aged(state, by) };
  return may(state, 'a rollout takes long')
    ? {
        kind: 'chance',
        name: `${by / 1_000} s pass in a rollout`,
        to: spent(aged(state, by), 'a rollout takes long'),
      }
    : undefined;
};

/** Everything that may happen now, the agent aside. What brings the world to rest comes first. */
export const environmentEvents = (state: ModelState, sources: readonly string[]): readonly Event[] => {
  const older = olderWorld(state);
  return [
    ...state.workloads.flatMap((workload) => controllerEvents(state, workload)),
    ...distinct(state.pods).flatMap((pod) => podEvents(state, pod)),
    ...sourceEvents(state, sources),
    ...mendedSource(state),
    ...(may(state, 'the journal is lost') && state.objects[JOURNAL] !== undefined
      ? [
          {
            kind: 'chance' as const,
            name: 'the journal is lost',
            to: spent(
              {
                ...state,
                objects: Object.fromEntries(
                  Object.entries(state.objects).filter(([name]) => name !== JOURNAL),
                ),
              },
              'the journal is lost',
            ),
          },
        ]
      : []),
    ...(older === undefined ? [] : [{ kind: 'chance' as const, name: 'an age passes', to: older }]),
    ...[passing(state)].flatMap((event) => event ?? []),
  ];
};
