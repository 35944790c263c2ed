/**
 * Several pods with sidecars, as one value that can be copied: what each has written, loaded and told, and what its sidecar is about to do.
 *
 * A sidecar looks and decides in one move and acts in another, so that anything may happen in between; what it tells and the turn it takes are
 * compare-and-swap, so they fail where the record changed meanwhile.
 *
 * **Invariant:** a process loads what is written when its container starts, and a client shows what is written now.
 */
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { Component } from '../../agent/model/terms.ts';
import { decide } from '../../agent/sidecar/decision/decide.ts';
import {
  type Action,
  type Bundle,
  type Holdings,
  type Peer,
  type Situation,
  union,
} from '../../agent/sidecar/decision/situation.ts';
import { cas, LETTERS, leaf, ready } from './letters.ts';

export interface ModelPod {
  readonly slot: string;
  readonly component: Component;
  /** Which life of this slot it is. */
  readonly life: number;
  /** How far its mounts have followed the source. */
  readonly version: number;
  readonly written: { readonly trust: Bundle; readonly leaf: Fingerprint | undefined } | undefined;
  /** What its process read at start; a client's leaf is read on every call. */
  readonly loaded: { readonly trust: Bundle; readonly leaf: Fingerprint | undefined } | undefined;
  readonly running: 'yes' | 'no';
  readonly told: Holdings | undefined;
  readonly about: Action | undefined;
}

interface ModelTurn {
  readonly holder: string;
  readonly pods: readonly string[];
}

export interface Fleet {
  readonly pods: readonly ModelPod[];
  readonly vouched: Readonly<Partial<Record<Component, Bundle>>>;
  readonly turn: Readonly<Partial<Record<Component, ModelTurn>>>;
  /** Crashes and foreign evictions that may still happen. */
  readonly mishaps: number;
}

/**
 * The CAs of each version of the source, by letters: the clients' first, then repo-server's where clients verify it (`AT`).
 */
export type Course = readonly string[];

const uidOf = (pod: ModelPod): string => `${pod.slot}.${pod.life}`;
const isServer = (pod: ModelPod): boolean => pod.component === 'repo-server';

/** What a component's source holds: the CA that it trusts, if any, and its leaf, if it is given one. */
const sourceOf = (component: Component, letters: string) => {
  const [clients = '', servers = ''] = letters;
  const [trust, own] = component === 'repo-server' ? [clients, servers] : [servers, clients];
  return {
    trust: trust === '' ? undefined : cas(trust),
    leaf: own === '' ? undefined : leaf(own.toLowerCase()),
  };
};

export const startFleet = (servers: number, clients: number, mishaps: number, first: string): Fleet => ({
  vouched: {
    'repo-server': sourceOf('repo-server', first).trust ?? [],
    server: sourceOf('server', first).trust ?? [],
  },
  turn: {},
  mishaps,
  pods: [
    ...Array.from({ length: servers }, (_, index) => settled(`r${index}`, 'repo-server', first)),
    ...Array.from({ length: clients }, (_, index) => settled(`c${index}`, 'server', first)),
  ],
});

const settled = (slot: string, component: Component, letters: string): ModelPod => {
  const source = sourceOf(component, letters);
  const written = { trust: source.trust ?? [], leaf: source.leaf };
  const untold = component === 'repo-server' ? 'unknown' : 'anything';
  return {
    slot,
    component,
    life: 0,
    version: 0,
    written,
    loaded: written,
    running: 'yes',
    told: {
      shows: source.leaf === undefined ? 'unknown' : [source.leaf],
      trusts: source.trust === undefined ? untold : [source.trust],
    },
    about: undefined,
  };
};

const asPeer = (pod: ModelPod): Peer => ({
  uid: uidOf(pod),
  name: uidOf(pod),
  component: pod.component,
  readySince: pod.running === 'yes' ? 0 : undefined,
  terminating: false,
  accepted: [],
  ...(pod.told ?? { shows: 'unknown', trusts: 'unknown' }),
});

export const situationOf = (fleet: Fleet, pod: ModelPod, course: Course): Situation => {
  const { trust, leaf: own } = sourceOf(pod.component, course[pod.version] ?? '');
  const turn = fleet.turn[pod.component];
  return {
    at: 1_000,
    uid: uidOf(pod),
    component: pod.component,
    restart: 'evict',
    settle: 0,
    waitUntil: Number.POSITIVE_INFINITY,
    trust: trust === undefined ? undefined : ready(trust),
    leaf: own === undefined ? undefined : ready(own),
    written: pod.written === undefined ? undefined : { ...pod.written, changedAt: 0 },
    loaded: {
      trusts: pod.loaded === undefined || trust === undefined ? [] : [pod.loaded.trust],
      leafs: isServer(pod) && pod.loaded?.leaf !== undefined ? [pod.loaded.leaf] : [],
    },
    others: {
      state: 'known',
      peers: fleet.pods.filter((other) => other.slot !== pod.slot).map(asPeer),
      told: pod.told,
      vouched: fleet.vouched[pod.component] ?? [],
      turn: turn === undefined ? undefined : { ...turn, expired: false },
      ready: pod.running === 'yes' ? 'ready' : 'not-ready',
    },
    relations: LETTERS,
  };
};

const withPod = (fleet: Fleet, pod: ModelPod): Fleet => ({
  ...fleet,
  pods: fleet.pods.map((other) => (other.slot === pod.slot ? pod : other)),
});

const replaced = (pod: ModelPod): ModelPod => ({
  ...pod,
  life: pod.life + 1,
  written: undefined,
  loaded: undefined,
  running: 'no',
  told: undefined,
  about: undefined,
});

/** What the sidecar decides, done where it is compare-and-swap, else kept for later. */
const look = (fleet: Fleet, pod: ModelPod, course: Course): Fleet | undefined => {
  const action = decide(situationOf(fleet, pod, course));
  switch (action.kind) {
    case 'tell': {
      const { holdings } = action;
      const vouched =
        typeof holdings.trusts === 'string'
          ? fleet.vouched
          : {
              ...fleet.vouched,
              [pod.component]: union(fleet.vouched[pod.component] ?? [], ...holdings.trusts),
            };
      return withPod({ ...fleet, vouched }, { ...pod, told: holdings });
    }
    case 'take-turn':
      return {
        ...fleet,
        turn: {
          ...fleet.turn,
          [pod.component]: {
            holder: uidOf(pod),
            pods: fleet.pods.filter(({ component }) => component === pod.component).map(uidOf),
          },
        },
      };
    case 'give-turn-back':
      return { ...fleet, turn: { ...fleet.turn, [pod.component]: undefined } };
    case 'write':
    case 'evict':
      return withPod(fleet, { ...pod, about: action });
    default:
      return undefined;
  }
};

const act = (fleet: Fleet, pod: ModelPod, action: Action): Fleet => {
  if (action.kind === 'evict') return withPod(fleet, replaced(pod));
  if (action.kind !== 'write') return fleet;
  return withPod(fleet, {
    ...pod,
    about: undefined,
    written: { trust: action.trust ?? [], leaf: action.leaf },
  });
};

const started = (pod: ModelPod): ModelPod => ({
  ...pod,
  running: 'yes',
  loaded: pod.written,
});

/** Every state that one move of one pod leads to. */
export const movesOf = (fleet: Fleet, course: Course): readonly Fleet[] =>
  fleet.pods.flatMap((pod) => {
    const moves: Fleet[] = [];
    if (pod.about === undefined) {
      const looked = look(fleet, pod, course);
      if (looked !== undefined) moves.push(looked);
    } else moves.push(act(fleet, pod, pod.about));
    if (pod.written !== undefined && pod.running === 'no') moves.push(withPod(fleet, started(pod)));
    if (pod.version + 1 < course.length) moves.push(withPod(fleet, { ...pod, version: pod.version + 1 }));
    if (fleet.mishaps > 0) {
      const rest = { ...fleet, mishaps: fleet.mishaps - 1 };
      moves.push(withPod(rest, replaced(pod)));
      if (pod.running === 'yes') moves.push(withPod(rest, started(pod)));
    }
    return moves;
  });

/** Pairs of running pods of which one would refuse the other. */
export const refusals = (
  fleet: Fleet,
  verified: 'verified' | 'not-verified' = 'not-verified',
): readonly string[] => {
  const running = fleet.pods.filter((pod) => pod.running === 'yes');
  const accepts = (bundle: Bundle | undefined, shown: Fingerprint | undefined): boolean =>
    shown !== undefined && LETTERS.accepts(bundle ?? [], shown, 'client') === 'yes';
  return running.filter(isServer).flatMap((server) =>
    running
      .filter((pod) => !isServer(pod))
      .filter(
        (client) =>
          !accepts(server.loaded?.trust, client.written?.leaf) ||
          (verified === 'verified' && !accepts(client.loaded?.trust, server.loaded?.leaf)),
      )
      .map((client) => `${uidOf(server)} and ${uidOf(client)}`),
  );
};

/** True where everybody runs, has followed the source, and holds nothing else. */
export const isDone = (fleet: Fleet, course: Course): boolean =>
  fleet.pods.every((pod) => {
    const { trust = [], leaf: own } = sourceOf(pod.component, course.at(-1) ?? '');
    return (
      pod.version === course.length - 1 &&
      pod.running === 'yes' &&
      pod.loaded?.trust.join() === trust.join() &&
      (isServer(pod) ? pod.loaded.leaf : pod.written?.leaf) === own
    );
  });

const podKey = (pod: ModelPod): string => {
  // A client's leaf is what is written: what was written at its start says nothing more.
  const loaded = isServer(pod) ? pod.loaded : pod.loaded?.trust;
  return JSON.stringify({ ...pod, loaded, slot: '', life: 0 });
};

/** Lives are counted only in so far as the turn knows them; pods of one component are interchangeable. */
export const keyOf = ({ pods, vouched, turn, mishaps }: Fleet): string => {
  const keys = pods.map((pod) => {
    const uid = uidOf(pod);
    const taken = turn[pod.component];
    return `${podKey(pod)}${taken?.holder === uid ? 'H' : ''}${taken?.pods.includes(uid) === true ? 'T' : ''}`;
  });
  const turns = Object.entries(turn).map(([component, taken]) => `${component}${taken?.pods.length ?? ''}`);
  return `${keys.toSorted().join('|')}#${JSON.stringify(vouched)}#${turns.toSorted().join()}#${mishaps}`;
};
