/**
 * A notation for planner tests: CAs are capital letters, bundles are `A` or `A+B`, leafs are their CA's letter in lower case and a number.
 *
 * `a1` is accepted by `A` and by `A+B`; `A'` is `A` renewed with the same key and accepts what `A` accepts.
 */

import type { BundleFingerprint, Fingerprint } from '../../../agent/model/fingerprint.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../../../agent/model/terms.ts';
import type { Candidates, Goal } from '../../../agent/plan/actions.ts';
import type { Compatibility } from '../../../agent/plan/compatibility.ts';
import {
  type ClientState,
  type PublishedState,
  poolAtStart,
  possible,
  type World,
} from '../../../agent/plan/world.ts';

export const bundle = (letters: string): BundleFingerprint => letters as BundleFingerprint;
export const leaf = (name: string): Fingerprint => name as Fingerprint;

const members = (id: string): readonly string[] => id.split('+');
const accepts = (pool: string, certificate: string) =>
  members(pool).some((ca) => ca.replace("'", '').toLowerCase() === certificate.charAt(0));

export const letters: Compatibility = {
  trusts: (trust, shown) => {
    if (trust === 'off') return 'yes';
    if (trust === 'unknown' || trust === 'unproven' || shown === 'unknown') return 'unknown';
    if (shown === 'none') return 'no';
    return accepts(trust, shown) ? 'yes' : 'no';
  },
  verifies: (pool, serving) => {
    if (pool === 'unverified') return 'yes';
    if (pool === 'unknown' || serving === 'unknown') return 'unknown';
    if (pool === 'empty' || serving === 'self-signed') return 'no';
    return accepts(pool, serving) ? 'yes' : 'no';
  },
};

const union = (a: string, b: string): string => [...new Set([...members(a), ...members(b)])].sort().join('+');

export const candidatesBetween = (from: PublishedState, to: PublishedState): Candidates => {
  const real = (id: string) => id !== 'off' && id !== 'absent' && id !== 'unknown';
  const clientCa = new Set([from.clientCa, to.clientCa]);
  if (real(from.clientCa) && real(to.clientCa)) clientCa.add(bundle(union(from.clientCa, to.clientCa)));
  const serverCa = new Set([from.serverCa, to.serverCa]);
  if (real(from.serverCa) && real(to.serverCa)) serverCa.add(bundle(union(from.serverCa, to.serverCa)));
  return {
    clientCa: [...clientCa],
    serverCa: [...serverCa],
    covers: (larger, smaller) => real(larger) && members(smaller).every((ca) => members(larger).includes(ca)),
  };
};

export const published = (over: Partial<PublishedState> = {}): PublishedState => ({
  clientCa: bundle('A'),
  leaf: leaf('a1'),
  serverCa: 'absent',
  serving: 'self-signed',
  verifying: [],
  ...over,
});

/** Everything that runs has loaded what is published. */
export const settledWorld = (
  state: PublishedState,
  over: { readonly clients?: Partial<Record<ClientComponent, Partial<ClientState>>> } = {},
): World => ({
  published: state,
  server: { trust: possible(state.clientCa), serving: possible(state.serving), rolling: false },
  clients: CLIENT_COMPONENTS.map((component) => ({
    component,
    reading:
      component === 'notifications-controller' ? ('existence-at-start' as const) : ('per-call' as const),
    leaf: possible(state.leaf),
    pool: possible(poolAtStart(state, component)),
    verification: 'by-path' as const,
    rolling: false,
    ...over.clients?.[component],
  })),
});

export const goalOf = (state: PublishedState): Goal => ({ published: state, distrust: 'immediately' });
