/**
 * One form, and one text, for all states that differ only in what can never matter: numbers of pods, counters, views that nobody opens,
 * and how long ago something was that is long over.
 *
 * Of an instant the text tells as much as any comparison with it can still ask: its age up to the longest wait that counts from it, and for
 * each process which of the contents published it may have started with.
 *
 * **Invariant:** two states of one text have the same future.
 */
import { ANNOTATION } from '../../agent/model/product.ts';
import { visibleTo, withViews } from './environment.ts';
import {
  type Ago,
  FOREVER,
  JOURNAL,
  type ModelPod,
  type ModelState,
  PREVIOUS,
  type StoredData,
  TIMING,
} from './state.ts';

const sortedObject = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));

const mayCrash = ({ chances }: Pick<ModelState, 'chances'>): boolean =>
  (chances['a container crashes'] ?? 0) > 0;

/**
 * Volumes of a process that reads at its start only are opened again only where a container crashes in its pod: without that chance
 * they may as well be up to date.
 */
const withoutIdleViews = (state: ModelState): ModelState => {
  if (mayCrash(state)) return state;
  return withViews({
    ...state,
    pods: state.pods.map((pod) => {
      if (pod.startedAt === undefined) return pod;
      const visible = visibleTo(pod.of, state.objects);
      const sees =
        pod.of === 'repo-server' ? visible : { ...visible, 'client.crt': pod.sees['client.crt'] ?? '-' };
      return { ...pod, sees };
    }),
  });
};

const counted = (stored: StoredData): StoredData => ({ ...stored, version: 1, uid: 1 });

/** How long ago a pod got ready is asked until the settle time is over. */
const withoutOldReadiness = (state: ModelState): ModelState => ({
  ...state,
  pods: state.pods.map((pod) =>
    pod.readySince === undefined || pod.readySince >= -TIMING.settle
      ? pod
      : { ...pod, readySince: -TIMING.settle },
  ),
});

const numbered = (pods: readonly ModelPod[]): readonly ModelPod[] =>
  pods
    .map((pod) => ({ pod, text: JSON.stringify({ ...pod, id: 0, container: 0 }) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ pod }, id) => ({ ...pod, id, container: 0 }));

export const canonical = (given: ModelState): ModelState => {
  const state = withoutOldReadiness(withoutIdleViews(given));
  const former = state.former
    .filter(({ until }) => until > -TIMING.propagationWait)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const objects = sortedObject(state.objects);
  // A second agent's look refers to pods and versions as they are: they keep their numbers until it has acted.
  if (state.look !== undefined)
    return { ...state, former, objects, pods: state.pods.toSorted((a, b) => a.id - b.id) };
  return {
    ...state,
    former,
    objects: Object.fromEntries(Object.entries(objects).map(([name, stored]) => [name, counted(stored)])),
    workloads: state.workloads.map((workload) => ({ ...workload, version: 1 })),
    pods: numbered(state.pods),
  };
};

/** Clocks that differ, as far as the agent allows for it (agent/plan/eras.ts). */
const SKEW = 2_000;
/** What a process that starts now may find is at most as old as this. */
const MOUNT_AGE = TIMING.mountMargin + SKEW + 1_000;

const upTo = (limit: number, ago: Ago | undefined): Ago | undefined =>
  ago === undefined ? undefined : Math.max(ago, -limit);

interface Era {
  readonly since: Ago;
}

const histories = new Map<string, readonly (readonly [string, readonly Era[]])[]>();

/** Every list of contents in an annotation, by name. */
const listsIn = (text: string): readonly (readonly [string, readonly Era[]])[] => {
  const known = histories.get(text);
  if (known !== undefined) return known;
  const lists = Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(
    ([name, value]): readonly (readonly [string, readonly Era[]])[] =>
      Array.isArray(value)
        ? [[name, value as Era[]]]
        : Object.entries(value as Record<string, Era[]>).map(([key, eras]) => [key, eras] as const),
  );
  if (histories.size > 100_000) histories.clear();
  histories.set(text, lists);
  return lists;
};

type Seen = Pick<ModelState, 'objects' | 'workloads' | 'pods'>;

const allLists = ({ objects }: Seen) =>
  Object.values(objects).flatMap(({ annotations }) => {
    const history = annotations[ANNOTATION.history];
    return history === undefined ? [] : listsIn(history);
  });

/** Which contents of each list a process may have found at its start: first and last, as the agent's windows have it. */
const rangesOf = (pod: ModelPod, lists: ReturnType<typeof allLists>): string => {
  if (pod.startedAt === undefined) return '';
  const asked = pod.askedAt ?? FOREVER;
  const mounted = pod.crashed ? pod.startedAt - TIMING.propagationWait : pod.createdAt - TIMING.mountMargin;
  const from = Math.max(mounted - SKEW, asked - TIMING.mountMargin - SKEW);
  const to = Math.max(pod.startedAt + SKEW, asked);
  return lists
    .map(([, eras]) => {
      const next = eras.findIndex(({ since }) => since > from);
      const last = eras.findLastIndex(({ since }) => since <= to);
      return `${next}:${last}`;
    })
    .join();
};

const textOfSeen = (seen: Seen, eraAge: number): unknown => {
  const lists = allLists(seen);
  return [
    Object.entries(seen.objects).map(([name, stored]) => {
      const isOwn = name === JOURNAL || name === PREVIOUS;
      const history = stored.annotations[ANNOTATION.history];
      return [
        name,
        stored.version,
        stored.uid,
        isOwn ? 0 : upTo(eraAge, stored.writtenAt),
        history === undefined
          ? ''
          : listsIn(history).map(([list, eras]) => [
              list,
              eras.map((era) => ({ ...era, since: upTo(eraAge, era.since) })),
            ]),
        name === JOURNAL ? journalText(stored.data.journal ?? '') : stored.data,
      ];
    }),
    seen.workloads.map((workload) => ({
      ...workload,
      askedAt: upTo(TIMING.rolloutDeadline, workload.askedAt),
    })),
    seen.pods.map((pod) => ({
      ...pod,
      askedAt: upTo(MOUNT_AGE, pod.askedAt),
      createdAt: upTo(pod.startedAt === undefined ? TIMING.rolloutDeadline : MOUNT_AGE, pod.createdAt),
      startedAt: upTo(MOUNT_AGE, pod.startedAt),
      ranges: rangesOf(pod, lists),
    })),
  ];
};

/** When a step was begun counts only for the patience of a closing proof. */
const journalText = (journal: string): string =>
  journal.includes('"key":"prove closing"')
    ? journal.replace(/"startedAt":-?\d+/g, (all) => {
        const ago = Number(all.slice('"startedAt":'.length));
        return `"startedAt":${upTo(TIMING.rolloutDeadline + 1_000, ago)}`;
      })
    : journal.replace(/"startedAt":-?\d+/g, '');

/** The text of a canonical state. */
export const textOf = (state: ModelState): string => {
  const eraAge = mayCrash(state) ? TIMING.propagationWait + SKEW : TIMING.propagationWait;
  return JSON.stringify([
    textOfSeen(state, eraAge),
    state.former,
    state.source,
    state.age,
    state.chances,
    state.look === undefined
      ? ''
      : [
          textOfSeen(state.look.seen, eraAge),
          state.look.seen.source,
          state.look.seen.since,
          state.look.patience,
        ],
  ]);
};
