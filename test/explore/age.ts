/**
 * Time passes in a state: every instant in it moves away from now, and what is long ago becomes equally long ago.
 *
 * **Invariant:** the order of all instants stays, and so does every distance that is shorter than the longest wait; so nothing that is
 * decided by comparing instants is decided otherwise.
 */
import { ANNOTATION, ANNOTATION_PREFIX } from '../../agent/model/product.ts';
import type { Duration } from '../../agent/model/terms.ts';
import { type Ago, FOREVER, LONG_GAP, type ModelPod, type ModelState, type StoredData } from './state.ts';

type Move = (ago: Ago) => Ago;

export const KEPT_AT = `${ANNOTATION_PREFIX}/kept-at`;
/** Names under which texts hold instants. */
const TIMES = new Set(['since', 'startedAt']);

/** The instants inside of JSON that the agent wrote, moved. */
export const moveTimes = (value: unknown, move: Move): unknown => {
  if (Array.isArray(value)) return value.map((each) => moveTimes(each, move));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      TIMES.has(key) && typeof inner === 'number' ? move(inner) : moveTimes(inner, move),
    ]),
  );
};

const inText = (text: string, move: Move): string => JSON.stringify(moveTimes(JSON.parse(text), move));

const optional = (ago: Ago | undefined, move: Move): Ago | undefined =>
  ago === undefined ? undefined : move(ago);

const objectAged = (stored: StoredData, move: Move): StoredData => ({
  ...stored,
  createdAt: move(stored.createdAt),
  writtenAt: move(stored.writtenAt),
  annotations: Object.fromEntries(
    Object.entries(stored.annotations).map(([name, text]) => [
      name,
      name === ANNOTATION.history ? inText(text, move) : name === KEPT_AT ? String(move(Number(text))) : text,
    ]),
  ),
  data: Object.fromEntries(
    Object.entries(stored.data).map(([key, text]) => [key, key === 'journal' ? inText(text, move) : text]),
  ),
});

const podAged = (pod: ModelPod, move: Move): ModelPod => ({
  ...pod,
  askedAt: optional(pod.askedAt, move),
  createdAt: move(pod.createdAt),
  startedAt: optional(pod.startedAt, move),
  readySince: optional(pod.readySince, move),
  behindSince: optional(pod.behindSince, move),
});

type Timed = Pick<ModelState, 'objects' | 'workloads' | 'pods'>;

const timedAged = ({ objects, workloads, pods }: Timed, move: Move): Timed => ({
  objects: Object.fromEntries(
    Object.entries(objects).map(([name, stored]) => [name, objectAged(stored, move)]),
  ),
  workloads: workloads.map((workload) => ({ ...workload, askedAt: optional(workload.askedAt, move) })),
  pods: pods.map((pod) => podAged(pod, move)),
});

const moved = (state: ModelState, move: Move): ModelState => ({
  ...state,
  ...timedAged(state, move),
  former: state.former.map((each) => ({ ...each, until: move(each.until) })),
  look:
    state.look === undefined
      ? undefined
      : {
          ...state.look,
          seen: {
            ...state.look.seen,
            ...timedAged(state.look.seen, move),
            since: move(state.look.seen.since),
          },
        },
});

/** Every instant of a state, each once, in order; now among them. */
const instantsOf = (state: ModelState): readonly Ago[] => {
  const found = new Set<Ago>([0]);
  moved(state, (ago) => {
    if (ago !== FOREVER) found.add(ago);
    return ago;
  });
  return [...found].sort((a, b) => a - b);
};

/** Long gaps between neighbours shortened; now stays where it is. */
const shortened = (instants: readonly Ago[]): ReadonlyMap<Ago, Ago> => {
  const nearer = new Map<Ago, Ago>([[0, 0]]);
  const now = instants.indexOf(0);
  for (let index = now - 1; index >= 0; index -= 1) {
    const [later = 0, own = 0] = [instants[index + 1], instants[index]];
    nearer.set(own, (nearer.get(later) ?? 0) - Math.min(LONG_GAP, later - own));
  }
  for (let index = now + 1; index < instants.length; index += 1) {
    const [earlier = 0, own = 0] = [instants[index - 1], instants[index]];
    nearer.set(own, (nearer.get(earlier) ?? 0) + Math.min(LONG_GAP, own - earlier));
  }
  return nearer;
};

/** The state after some time in which nothing happens. */
export const aged = (state: ModelState, by: Duration): ModelState => {
  const older = moved(state, (ago) => (ago === FOREVER ? FOREVER : ago - by));
  const nearer = shortened(instantsOf(older));
  return moved(older, (ago) => (ago === FOREVER ? FOREVER : (nearer.get(ago) ?? ago)));
};
