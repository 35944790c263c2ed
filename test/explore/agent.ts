/**
 * What agents may do in a state: a whole turn, a turn cut off at any of its writes, a look that is acted on later.
 *
 * Turns are dear and equal ones come to the same: one that was taken is remembered by everything that it could see.
 *
 * **Invariant:** what is remembered of a turn is what the shipped engine did when it was given exactly these answers.
 */
import { type Event, loadedForNow, withViews } from './environment.ts';
import { type Allowance, type Broken, brokenBy } from './rules.ts';
import { type ModelPod, type ModelState, MTLS, PARAMS, SERVING, type Seen } from './state.ts';
import { type Configured, type Turn, takeTurn, type Write } from './turn.ts';

/** Two rounds of a whole second agent's turn fit into as many other events. */
export const PATIENCE = 3;

const MOUNTED = [MTLS, SERVING, PARAMS];

export const seenNow = (state: ModelState): Seen => ({
  objects: state.objects,
  workloads: state.workloads,
  pods: state.pods,
  source: state.source,
  age: state.age,
  since: 0,
});

const written = (state: ModelState, write: Write): ModelState => {
  switch (write.kind) {
    case 'apply': {
      const before = state.objects[write.name];
      const stored = {
        version: (before?.version ?? 0) + 1,
        uid: before?.uid ?? 1,
        createdAt: before?.createdAt ?? 0,
        writtenAt: 0,
        data: write.data,
        annotations: write.annotations,
      };
      const former = MOUNTED.includes(write.name)
        ? [...state.former, { object: write.name, data: before?.data ?? {}, until: 0 }]
        : state.former;
      return withViews({ ...state, former, objects: { ...state.objects, [write.name]: stored } });
    }
    case 'delete': {
      const { [write.name]: _, ...objects } = state.objects;
      return { ...state, objects };
    }
    case 'restart':
      return {
        ...state,
        workloads: state.workloads.map((workload) =>
          workload.component === write.component
            ? {
                ...workload,
                version: workload.version + 1,
                restart: write.restart,
                askedAt: 0,
                takenUp: false,
                loadedFor: loadedForNow(workload.component, state.objects),
                restarts: workload.restarts + 1,
              }
            : workload,
        ),
      };
  }
};

const forgetful = (state: ModelState): ModelState => ({
  ...state,
  pods: state.pods.map((pod) => (Object.keys(pod.proof).length === 0 ? pod : { ...pod, proof: {} })),
});

const knowing = (state: ModelState, { proofs }: Turn): ModelState => ({
  ...state,
  pods: state.pods.map((pod) => ({ ...pod, proof: proofs[pod.id] ?? {} })),
});

export interface AgentEvent extends Event {
  readonly broken: readonly Broken[];
}

/** What the agent can see of a pod, and what a call to it would show. */
const visible = ({ id, sees, loaded, behindSince, stuck, ...shown }: ModelPod) => ({
  ...shown,
  answers: shown.of === 'repo-server' ? loaded : {},
});

/** The same look with its pods in an order, and under numbers, that what nobody can see has no part in. */
const inVisibleOrder = (seen: Seen): { readonly seen: Seen; readonly ids: readonly number[] } => {
  const pods = seen.pods
    .map((pod) => ({ pod, text: JSON.stringify(visible(pod)) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ pod }) => pod);
  return {
    seen: { ...seen, pods: pods.map((pod, id) => ({ ...pod, id })) },
    ids: pods.map(({ id }) => id),
  };
};

const textOfLook = (seen: Seen): string =>
  JSON.stringify([
    seen.objects,
    seen.workloads.map(({ loadedFor, restarts, ...shown }) => shown),
    seen.pods.map((pod) => [pod.id, visible(pod)]),
    seen.source,
    seen.age,
    seen.since,
  ]);

/** Of what is there when a turn acts, it notices which versions its writes meet, and what its calls are answered. */
const textOfMeeting = (present: Seen): string =>
  JSON.stringify([
    Object.entries(present.objects).map(([name, { version, uid }]) => [name, version, uid]),
    present.workloads.map(({ component, version }) => [component, version]),
    present.pods
      .filter(({ of }) => of === 'repo-server')
      .map(({ id, container, ready, startedAt, loaded }) => [
        id,
        container,
        ready,
        startedAt !== undefined,
        loaded,
      ]),
    present.age,
  ]);

export class Agents {
  readonly #turns = new Map<string, Turn>();
  readonly #configured: Configured;
  readonly #allowance: Allowance;
  taken = 0;
  remembered = 0;

  constructor(configured: Configured, allowance: Allowance) {
    this.#configured = configured;
    this.#allowance = allowance;
  }

  async #remembered(key: string, take: () => Promise<Turn>): Promise<Turn> {
    const known = this.#turns.get(key);
    if (known !== undefined) {
      this.remembered += 1;
      return known;
    }
    const turn = await take();
    this.taken += 1;
    // One that looks again at what it saw depends on more than its key says.
    if (turn.looks === 'once') this.#turns.set(key, turn);
    return turn;
  }

  async #turn(state: ModelState): Promise<Turn> {
    const { seen, ids } = inVisibleOrder(seenNow(state));
    const turn = await this.#remembered(textOfLook(seen), () => takeTurn(seen, seen, this.#configured));
    return {
      ...turn,
      proofs: Object.fromEntries(Object.entries(turn.proofs).map(([id, proof]) => [ids[Number(id)], proof])),
    };
  }

  /** The states after each of a turn's writes, and the rules that they break. */
  #course(from: ModelState, turn: Turn, remembered: readonly ModelPod[]) {
    const broken: Broken[] = turn.broken === undefined ? [] : [{ rule: 'sound', what: turn.broken }];
    const states: ModelState[] = [];
    let state = from;
    for (const write of turn.writes) {
      broken.push(...brokenBy(state, write, remembered, this.#allowance));
      state = written(state, write);
      states.push(state);
    }
    return { broken, states, end: state };
  }

  async events(state: ModelState): Promise<readonly AgentEvent[]> {
    const events: AgentEvent[] = [];
    const turn = await this.#turn(state);
    const { broken, states, end } = this.#course(state, turn, state.pods);
    events.push({
      kind: 'agent',
      name: `the agent: ${turn.did}${this.#words(turn.writes)}`,
      to: knowing(end, turn),
      broken,
    });
    if ((state.chances['the agent is killed'] ?? 0) > 0) {
      for (const [index, cut] of [state, ...states].entries())
        events.push({
          kind: 'chance',
          name: `the agent is killed ${index === 0 ? 'before it wrote anything' : `after write ${index}`} of: ${turn.did}`,
          to: forgetful(cut),
          broken: [],
        });
    }
    return [...events, ...(await this.#secondAgent(state))];
  }

  async #secondAgent(state: ModelState): Promise<readonly AgentEvent[]> {
    const left = state.chances['a second agent looks'] ?? 0;
    if (state.look === undefined) {
      if (left === 0) return [];
      return [
        {
          kind: 'chance',
          name: 'a second agent looks',
          to: {
            ...state,
            chances: { ...state.chances, 'a second agent looks': left - 1 },
            look: { seen: seenNow(state), patience: PATIENCE },
          },
          broken: [],
        },
      ];
    }
    const { seen } = state.look;
    const present = seenNow(state);
    const turn = await this.#remembered(`${textOfLook(seen)} ${textOfMeeting(present)}`, () =>
      takeTurn(seen, present, this.#configured),
    );
    const { broken, end } = this.#course(state, turn, seen.pods);
    return [
      {
        kind: 'chance',
        name: `the second agent acts on what it saw: ${turn.did}${this.#words(turn.writes)}`,
        // What it learned of calls, it learned for itself.
        to: { ...end, look: undefined },
        broken,
      },
    ];
  }

  #words(writes: readonly Write[]): string {
    const made = writes.map((write) =>
      write.kind === 'restart'
        ? `restart ${write.component}`
        : write.kind === 'delete'
          ? `delete ${write.name}`
          : write.name === MTLS
            ? `${write.name} ${JSON.stringify(write.data)}`
            : write.name,
    );
    return made.length === 0 ? '' : ` [writes ${made.join(', ')}]`;
  }
}

/** What a world comes to, without what may differ from one way to another. */
export const endOf = (state: ModelState): string => {
  const { objects } = state;
  const published = [MTLS, SERVING, PARAMS].map((name) => objects[name]?.data ?? {});
  const kept = Object.keys(objects).filter((name) => !MOUNTED.includes(name));
  const journal = Object.entries(objects).find(([name]) => name.endsWith('-test'))?.[1].data.journal;
  const open = /"rotation":|"closing":/.test(journal ?? '') ? 'open' : 'at rest';
  const held = state.pods
    .map(({ of, loaded, sees, ready, terminating }) =>
      JSON.stringify([of, loaded, of === 'repo-server' ? '' : sees['client.crt'], ready, terminating]),
    )
    .sort();
  return JSON.stringify([
    published,
    kept.filter((name) => !name.endsWith('-test')),
    open,
    [...new Set(held)],
  ]);
};
