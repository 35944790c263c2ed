/**
 * The cheapest safe way from a world to its goal: uniform-cost search over the actions of `actions.ts`.
 *
 * The space is small (a few thousand worlds at the most), so the plan is the smallest one by construction, not by skill:
 * "leaf renewal restarts nothing" and "client CA: repo-server twice, clients never" are results, written down nowhere.
 *
 * **Invariant:** every step of the answer is admissible in the world that the steps before it lead to.
 */
import { type Action, apply, type Candidates, type Goal, isReached } from './actions.ts';
import { admissible } from './admissible.ts';
import type { Compatibility } from './compatibility.ts';
import { type World, worldKey } from './world.ts';

/** A restart outweighs every wait, a wait every write, a write every proof. Restarts that were asked for already cost nothing more. */
const cost = (action: Action, world: World): number => {
  switch (action.kind) {
    case 'roll': {
      const rolling =
        action.component === 'repo-server'
          ? world.server.rolling
          : world.clients.some((client) => client.component === action.component && client.rolling);
      if (rolling) return 1;
      // repo-server loses its cache, so of two ways with as many restarts the one that spares it is taken.
      return action.component === 'repo-server' ? 110_000 : 100_000;
    }
    case 'wait':
      return 1_000;
    case 'publish-mtls':
    case 'publish-serving':
    case 'set-paths':
      return 10;
    case 'prove':
      return 1;
  }
};

/** More worlds than this means that the model is wrong, not that the plan is long. */
const MAXIMUM_WORLDS = 50_000;

export interface Path {
  readonly actions: readonly Action[];
  /** Worlds looked at; for benchmarks and tests. */
  readonly explored: number;
}

interface Entry {
  readonly world: World;
  readonly key: string;
  readonly cost: number;
  readonly order: number;
  /** How it was come by; `undefined` at the start. */
  readonly by: { readonly from: Entry; readonly action: Action } | undefined;
}

const actionsTo = (entry: Entry): readonly Action[] => {
  const actions: Action[] = [];
  for (let at = entry; at.by !== undefined; at = at.by.from) actions.unshift(at.by.action);
  return actions;
};

/** A binary heap; ties go to whoever was found first, so that plans are stable. */
class Frontier {
  readonly #entries: Entry[] = [];

  push(entry: Entry): void {
    const heap = this.#entries;
    heap.push(entry);
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!Frontier.#before(heap[index], heap[parent])) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): Entry | undefined {
    const heap = this.#entries;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last !== undefined) {
      heap[0] = last;
      let index = 0;
      for (;;) {
        let smallest = index;
        for (const child of [2 * index + 1, 2 * index + 2]) {
          if (child < heap.length && Frontier.#before(heap[child], heap[smallest])) smallest = child;
        }
        if (smallest === index) break;
        this.#swap(index, smallest);
        index = smallest;
      }
    }
    return first;
  }

  #swap(a: number, b: number): void {
    const heap = this.#entries;
    const [left, right] = [heap[a], heap[b]];
    if (left === undefined || right === undefined) return;
    heap[a] = right;
    heap[b] = left;
  }

  static #before(a: Entry | undefined, b: Entry | undefined): boolean {
    if (a === undefined || b === undefined) return false;
    return a.cost !== b.cost ? a.cost < b.cost : a.order < b.order;
  }
}

/** The cheapest path, or `undefined` where no safe one exists. */
export const search = (
  start: World,
  goal: Goal,
  candidates: Candidates,
  compatibility: Compatibility,
): Path | undefined => {
  const frontier = new Frontier();
  const settled = new Set<string>();
  const cheapest = new Map<string, number>();
  let order = 0;
  frontier.push({ world: start, key: worldKey(start), cost: 0, order, by: undefined });
  for (;;) {
    const entry = frontier.pop();
    if (entry === undefined || settled.size > MAXIMUM_WORLDS) return undefined;
    if (settled.has(entry.key)) continue;
    settled.add(entry.key);
    if (isReached(entry.world, goal, candidates.covers))
      return { actions: actionsTo(entry), explored: settled.size };
    for (const action of admissible(entry.world, goal, candidates, compatibility)) {
      const world = apply(entry.world, action);
      const key = worldKey(world);
      const total = entry.cost + cost(action, entry.world);
      // Ties go to whoever was found first, so that a way which is as dear as a known one is none.
      if (total >= (cheapest.get(key) ?? Number.POSITIVE_INFINITY)) continue;
      cheapest.set(key, total);
      order += 1;
      frontier.push({
        world,
        key,
        cost: total,
        order,
        by: { from: entry, action },
      });
    }
  }
};
