/**
 * Every state that can be reached from a first one, breadth first; each is visited once, known again by its canonical text.
 *
 * **Invariant:** the first broken rule that is found is one that no shorter path breaks.
 */
import { createHash } from 'node:crypto';
import { Agents, endOf } from './agent.ts';
import { canonical, textOf } from './canonical.ts';
import { type Event, environmentEvents } from './environment.ts';
import { type Allowance, type Broken, brokenIn, missingAtRest } from './rules.ts';
import type { ModelState } from './state.ts';
import type { Configured } from './turn.ts';

export interface Exploration {
  readonly start: ModelState;
  readonly configured: Configured;
  /** What the source may come to hold. */
  readonly sources: readonly string[];
  readonly allowance: Allowance;
  /** No more states than this; what is cut off by it is counted. */
  readonly maximumStates: number;
}

export interface Counterexample {
  readonly broken: Broken;
  /** Names of the events from the start, in order. */
  readonly path: readonly string[];
  readonly state: ModelState;
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** Turns of the shipped engine, and such as were known already. */
  readonly turns: number;
  readonly turnsRemembered: number;
  readonly depth: number;
  /** States whose successors were not looked at, since `maximumStates` was reached. */
  readonly cut: number;
  /** The longest way to rest where nothing but what must happen happens. */
  readonly longestWay: number;
  readonly ends: number;
  readonly counterexample: Counterexample | undefined;
}

/** More steps to rest than this are taken for no rest at all. */
export const MAXIMUM_WAY = 150;

const digest = (text: string): string => createHash('md5').update(text).digest('base64');

const NONE = -1;

class Graph {
  readonly #index = new Map<string, number>();
  readonly #parents: number[] = [];
  readonly #labels: number[] = [];
  readonly #names: string[] = [];
  readonly #known = new Map<string, number>();
  readonly depths: number[] = [];
  /** What follows where nothing happens by chance; `NONE` at rest, or where it was not looked at. */
  readonly fair: number[] = [];
  readonly ends = new Map<number, string>();

  get size(): number {
    return this.#parents.length;
  }

  /** @returns its number, and whether it is new. */
  add(
    text: string,
    parent: number,
    name: string,
  ): { readonly node: number; readonly isNew: 'new' | 'known' } {
    const key = digest(text);
    const known = this.#index.get(key);
    if (known !== undefined) return { node: known, isNew: 'known' };
    const node = this.#parents.length;
    this.#index.set(key, node);
    this.#parents.push(parent);
    this.#labels.push(this.#nameId(name));
    this.depths.push(parent === NONE ? 0 : (this.depths[parent] ?? 0) + 1);
    this.fair.push(NONE);
    return { node, isNew: 'new' };
  }

  pathTo(node: number): readonly string[] {
    const path: string[] = [];
    for (let at = node; at > 0; at = this.#parents[at] ?? 0)
      path.unshift(this.#names[this.#labels[at] ?? 0] ?? '');
    return path;
  }

  #nameId(name: string): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#names.push(name);
    this.#known.set(name, this.#names.length - 1);
    return this.#names.length - 1;
  }
}

/** A look is slept on for a bounded time only. */
export const patient = (from: ModelState, to: ModelState): ModelState => {
  if (from.look === undefined || to.look === undefined) return to;
  const patience = from.look.patience - 1;
  return { ...to, look: patience < 0 ? undefined : { ...to.look, patience } };
};

interface Successor extends Event {
  readonly broken?: readonly Broken[];
}

/** Events of one name are told apart by their number. */
export const namesApart = (events: readonly Successor[]): readonly Successor[] => {
  const counts = new Map<string, number>();
  return events.map((event) => {
    const count = (counts.get(event.name) ?? 0) + 1;
    counts.set(event.name, count);
    return count === 1 ? event : { ...event, name: `${event.name} (${count})` };
  });
};

/** Which of the successors is taken where nothing happens by chance. */
const fairOf = (events: readonly Successor[], texts: readonly string[], own: string): number => {
  for (const kind of ['progress', 'agent', 'time', 'mend'] as const) {
    const found = events.findIndex((event, index) => event.kind === kind && texts[index] !== own);
    if (found >= 0) return found;
  }
  return NONE;
};

/** Follows the fair successors of every node. @returns a node from which no rest is reached, or another one than from others. */
const judgeEnds = (
  graph: Graph,
): { readonly bad: { node: number; what: string } | undefined; readonly longest: number } => {
  const ways = new Int32Array(graph.size).fill(NONE);
  const lasts = new Int32Array(graph.size).fill(NONE);
  let longest = 0;
  const first = new Map<string, { end: string; node: number }>();
  for (let start = 0; start < graph.size; start += 1) {
    const chain: number[] = [];
    let at = start;
    while (ways[at] === NONE && (graph.fair[at] ?? NONE) !== NONE && chain.length <= MAXIMUM_WAY) {
      chain.push(at);
      at = graph.fair[at] ?? NONE;
    }
    if (chain.length > MAXIMUM_WAY)
      return { bad: { node: start, what: `no rest after ${MAXIMUM_WAY} steps` }, longest: MAXIMUM_WAY };
    if (ways[at] === NONE) {
      ways[at] = 0;
      lasts[at] = at;
    }
    let way = ways[at] ?? 0;
    for (const node of chain.reverse()) {
      way += 1;
      ways[node] = way;
      lasts[node] = lasts[at] ?? NONE;
    }
    longest = Math.max(longest, way);
    const last = lasts[at] ?? NONE;
    const end = graph.ends.get(last);
    if (end === undefined) continue;
    const [about = '', text = ''] = end.split('\n');
    const known = first.get(about);
    if (known === undefined) first.set(about, { end: text, node: start });
    else if (known.end !== text)
      return {
        bad: { node: start, what: `ends otherwise than others do: ${text}\n  others: ${known.end}` },
        longest,
      };
    const leftOver = /^\[\[.*?\],\[("[^\]]*)\],"/.exec(text)?.[1];
    if (text.includes('"open"') || leftOver !== undefined)
      return {
        bad: { node: start, what: `rests with something left over: ${leftOver ?? 'an open rotation'}` },
        longest,
      };
  }
  return { bad: undefined, longest };
};

export const explore = async ({
  start,
  configured,
  sources,
  allowance,
  maximumStates,
}: Exploration): Promise<Explored> => {
  const graph = new Graph();
  const agents = new Agents(configured, allowance);
  const first = canonical(start);
  const firstText = textOf(first);
  graph.add(firstText, NONE, '');
  let layer: { node: number; state: ModelState; text: string }[] = [
    { node: 0, state: first, text: firstText },
  ];
  let transitions = 0;
  let cut = 0;
  const result = (longestWay: number, counterexample: Counterexample | undefined): Explored => ({
    states: graph.size,
    transitions,
    turns: agents.taken,
    turnsRemembered: agents.remembered,
    depth: graph.depths.at(-1) ?? 0,
    cut,
    longestWay,
    ends: new Set(graph.ends.values()).size,
    counterexample,
  });
  const startBroken = brokenIn(first)[0];
  if (startBroken !== undefined) return result(0, { broken: startBroken, path: [], state: first });
  while (layer.length > 0) {
    const next: typeof layer = [];
    for (const { node, state, text } of layer) {
      if (graph.size >= maximumStates) {
        cut += 1;
        continue;
      }
      const events = namesApart([...environmentEvents(state, sources), ...(await agents.events(state))]);
      const states = events.map((event) => canonical(patient(state, event.to)));
      const texts = states.map(textOf);
      const fair = fairOf(events, texts, text);
      const missing = fair === NONE ? missingAtRest(state, configured) : [];
      if (missing.length > 0)
        return result(0, {
          broken: { rule: 'end', what: missing.join('; ') },
          path: graph.pathTo(node),
          state,
        });
      if (fair === NONE)
        graph.ends.set(node, `${JSON.stringify([state.source, state.age])}\n${endOf(state)}`);
      for (const [index, event] of events.entries()) {
        const to = states[index];
        const own = texts[index];
        if (to === undefined || own === undefined) continue;
        transitions += 1;
        const failed = event.broken?.[0];
        if (failed !== undefined)
          return result(0, { broken: failed, path: [...graph.pathTo(node), event.name], state: to });
        const added = graph.add(own, node, event.name);
        if (index === fair) graph.fair[node] = added.node;
        if (added.isNew === 'known') continue;
        const brokenNow = brokenIn(to)[0];
        if (brokenNow !== undefined)
          return result(0, { broken: brokenNow, path: graph.pathTo(added.node), state: to });
        next.push({ node: added.node, state: to, text: own });
      }
    }
    layer = next;
  }
  const { bad, longest } = judgeEnds(graph);
  return result(
    longest,
    bad === undefined
      ? undefined
      : { broken: { rule: 'end', what: bad.what }, path: graph.pathTo(bad.node), state: first },
  );
};

/** Goes on from a state until it is at rest, by what must happen alone. */
export const settled = async (
  start: ModelState,
  configured: Configured,
  told?: (name: string) => void,
): Promise<ModelState> => {
  const agents = new Agents(configured, {});
  let state = canonical(start);
  for (let step = 0; step < MAXIMUM_WAY; step += 1) {
    const own = textOf(state);
    const events: readonly Successor[] = [...environmentEvents(state, []), ...(await agents.events(state))];
    const states = events.map((event) => canonical(event.to));
    const fair = fairOf(events, states.map(textOf), own);
    const next = states[fair];
    if (next === undefined) return state;
    told?.(events[fair]?.name ?? '');
    state = next;
  }
  throw new Error(`not at rest after ${MAXIMUM_WAY} steps`);
};
