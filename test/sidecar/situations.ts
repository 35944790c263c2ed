/**
 * Situations of a sidecar to begin a row from: a client that shows `a`, a repo-server that trusts A, and what others told.
 *
 * **Invariant:** as they stand, nothing is left to do.
 */
import type { SidecarHold } from '../../agent/model/sidecar-hold.ts';
import type { Action, Others, Peer, Situation } from '../../agent/sidecar/decision/situation.ts';
import { cas, LETTERS, leaf, ready } from './letters.ts';

export type Known = Extract<Others, { state: 'known' }>;

export const peer = (name: string, rest: Partial<Peer>): Peer => ({
  uid: name,
  name,
  component: 'repo-server',
  readySince: 0,
  terminating: false,
  accepted: [],
  shows: 'unknown',
  trusts: 'unknown',
  ...rest,
});
export const server = (name: string, ...bundles: string[]): Peer => peer(name, { trusts: bundles.map(cas) });
export const client = (name: string, ...leafs: string[]): Peer =>
  peer(name, { component: 'server', shows: leafs.map(leaf), trusts: 'anything' });

export const known = (peers: readonly Peer[], rest: Partial<Known> = {}): Known => ({
  state: 'known',
  peers,
  told: undefined,
  vouched: cas('A'),
  turn: undefined,
  ready: 'ready',
  ...rest,
});

/** A client that shows `a` and has told so. */
export const aClient = (rest: Partial<Situation> = {}): Situation => ({
  at: 100_000,
  uid: 'me',
  component: 'server',
  restart: 'evict',
  settle: 10_000,
  waitUntil: 60_000,
  trust: undefined,
  leaf: ready(leaf('a')),
  written: { trust: [], leaf: leaf('a'), changedAt: 0 },
  loaded: { trusts: [], leafs: [] },
  others: known([], { told: { shows: [leaf('a')], trusts: 'anything' } }),
  relations: LETTERS,
  ...rest,
});
/** A repo-server that trusts A and has told so. */
export const aServer = (rest: Partial<Situation> = {}): Situation =>
  aClient({
    component: 'repo-server',
    trust: ready(cas('A')),
    leaf: undefined,
    written: { trust: cas('A'), leaf: undefined, changedAt: 0 },
    loaded: { trusts: [cas('A')], leafs: [] },
    others: known([], { told: { shows: 'unknown', trusts: [cas('A')] } }),
    ...rest,
  });

export const held: SidecarHold = { code: 'material-refused', what: 'x', effect: 'x', next: 'x' };
export const told = (shows: string[]) => ({ told: { shows: shows.map(leaf), trusts: 'anything' as const } });
export const trusting = (...bundles: string[]) => ({
  told: { shows: 'unknown' as const, trusts: bundles.map(cas) },
});
export const summary = (action: Action): string => {
  switch (action.kind) {
    case 'write':
      return `write ${action.trust?.join('') ?? ''}${action.leaf ?? ''}${action.warning === undefined ? '' : ` (${action.warning.code})`}`;
    case 'tell':
      return `tell ${JSON.stringify(action.holdings)}`;
    case 'hold':
      return `hold ${action.hold.code}`;
    case 'wait':
      return `wait${action.until === undefined ? '' : ` until ${action.until}`}`;
    default:
      return action.kind;
  }
};
