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
import type { Action, Bundle, Holdings, Peer, Situation } from '../../agent/sidecar/decision/situation.ts';
import { cas, LETTERS, leaf, ready } from './letters.ts';

export interface ModelPod {
  readonly slot: string;
  readonly component: Component;
  /** Which life of this slot it is. */
  readonly life: number;
  /** How far its mounts have followed the source. */
  readonly version: number;
  readonly written: { readonly trust: Bundle; readonly leaf: Fingerprint | undefined } | undefined;
  readonly loaded: Bundle | undefined;
  readonly running: 'yes' | 'no';
  readonly told: Holdings | undefined;
  readonly about: Action | undefined;
}

export interface Fleet {
  readonly pods: readonly ModelPod[];
  readonly vouched: Bundle;
  readonly turn: { readonly holder: string; readonly pods: readonly string[] } | undefined;
  /** Crashes and foreign evictions that may still happen. */
  readonly mishaps: number;
}

/** The letters that trust file and leaf come from, one for each version of the source. */
export type Course = readonly string[];

const uidOf = (pod: ModelPod): string => `${pod.slot}.${pod.life}`;
const isServer = (pod: ModelPod): boolean => pod.component === 'repo-server';

export const startFleet = (servers: number, clients: number, mishaps: number, first: string): Fleet => ({
  vouched: cas(first),
  turn: undefined,
  mishaps,
  pods: [
    ...Array.from({ length: servers }, (_, index): ModelPod => settled(`r${index}`, 'repo-server', first)),
    ...Array.from({ length: clients }, (_, index): ModelPod => settled(`c${index}`, 'server', first)),
  ],
});

const settled = (slot: string, component: Component, letter: string): ModelPod => {
  const server = component === 'repo-server';
  const written = {
    trust: server ? cas(letter) : [],
    leaf: server ? undefined : leaf(letter.toLowerCase()),
  };
  return {
    slot,
    component,
    life: 0,
    version: 0,
    written,
    loaded: server ? written.trust : undefined,
    running: 'yes',
    told: server
      ? { shows: 'unknown', trusts: [written.trust] }
      : { shows: written.leaf === undefined ? [] : [written.leaf], trusts: 'anything' },
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
  const letter = course[pod.version] ?? '';
  const server = isServer(pod);
  return {
    at: 1_000,
    uid: uidOf(pod),
    component: pod.component,
    restart: 'evict',
    settle: 0,
    waitUntil: Number.POSITIVE_INFINITY,
    trust: server ? ready(cas(letter)) : undefined,
    leaf: server ? undefined : ready(leaf(letter.toLowerCase())),
    written: pod.written === undefined ? undefined : { ...pod.written, changedAt: 0 },
    loaded: { trusts: pod.loaded === undefined ? [] : [pod.loaded], leafs: [] },
    others: {
      state: 'known',
      peers: fleet.pods.filter((other) => other.slot !== pod.slot).map(asPeer),
      told: pod.told,
      vouched: server ? fleet.vouched : [],
      turn: fleet.turn === undefined ? undefined : { ...fleet.turn, expired: false },
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
        isServer(pod) && typeof holdings.trusts !== 'string'
          ? [...new Set([...fleet.vouched, ...holdings.trusts.flat()])].toSorted()
          : fleet.vouched;
      return withPod({ ...fleet, vouched }, { ...pod, told: holdings });
    }
    case 'take-turn':
      return {
        ...fleet,
        turn: {
          holder: uidOf(pod),
          pods: fleet.pods.filter(({ component }) => component === pod.component).map(uidOf),
        },
      };
    case 'give-turn-back':
      return { ...fleet, turn: undefined };
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
  loaded: isServer(pod) ? pod.written?.trust : undefined,
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
export const refusals = (fleet: Fleet): readonly string[] =>
  fleet.pods.flatMap((server) =>
    isServer(server) && server.running === 'yes'
      ? fleet.pods
          .filter((client) => !isServer(client) && client.running === 'yes')
          .filter(({ written }) => {
            const shown = written?.leaf;
            return shown === undefined || LETTERS.accepts(server.loaded ?? [], shown, 'client') !== 'yes';
          })
          .map((client) => `${uidOf(server)} refuses ${uidOf(client)}`)
      : [],
  );

/** True where everybody runs, has followed the source, and holds nothing else. */
export const isDone = (fleet: Fleet, course: Course): boolean => {
  const last = course.at(-1) ?? '';
  return fleet.pods.every(
    (pod) =>
      pod.version === course.length - 1 &&
      pod.running === 'yes' &&
      (isServer(pod) ? pod.loaded?.join() === last : pod.written?.leaf === last.toLowerCase()),
  );
};

const podKey = (pod: ModelPod): string => JSON.stringify({ ...pod, slot: '', life: 0 });

/** Lives are counted only in so far as the turn knows them; pods of one component are interchangeable. */
export const keyOf = ({ pods, vouched, turn, mishaps }: Fleet): string => {
  const keys = pods.map((pod) => {
    const uid = uidOf(pod);
    return `${podKey(pod)}${turn?.holder === uid ? 'H' : ''}${turn?.pods.includes(uid) === true ? 'T' : ''}`;
  });
  return `${keys.toSorted().join('|')}#${vouched.join()}#${turn === undefined ? '' : turn.pods.length}#${mishaps}`;
};
