/**
 * A notation for planner tests: CAs are capital letters, bundles are `A` or `A+B`, leafs are their CA's letter in lower case and a number.
 *
 * `a1` is accepted by `A` and by `A+B`; `A'` is `A` renewed with the same key and accepts what `A` accepts.
 */

import type { BundleFingerprint, Fingerprint } from '../../../agent/model/fingerprint.ts';
import type { SlotId } from '../../../agent/model/slot.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../../../agent/model/terms.ts';
import type { Candidates, Goal } from '../../../agent/plan/actions.ts';
import type { Compatibility } from '../../../agent/plan/compatibility.ts';
import {
  type ClientState,
  type LeafId,
  leafIn,
  type PublishedState,
  poolAtStart,
  possible,
  type ServerCaId,
  serverCaIn,
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
  const overlap: Record<string, ServerCaId> = {};
  for (const secret of new Set([...Object.keys(from.serverCas), ...Object.keys(to.serverCas)])) {
    const [a, b] = [serverCaIn(from, secret), serverCaIn(to, secret)];
    overlap[secret] = real(a) && real(b) ? bundle(union(a, b)) : real(b) ? b : a;
  }
  const serverCas = [from.serverCas, to.serverCas, overlap];
  return {
    clientCa: [...clientCa],
    serverCas: [...new Map(serverCas.map((each) => [JSON.stringify(each), each])).values()],
    covers: (larger, smaller) => real(larger) && members(smaller).every((ca) => members(larger).includes(ca)),
  };
};

/** The one place of the shared layout, and the Secret it is in. */
export const SHARED = 'mtls/client.crt' as SlotId;
export const MTLS = 'mtls';

/** `leaf` and `serverCa`: what the shared layout's one place and one Secret hold. */
export type Shorthand = Partial<PublishedState> & { readonly leaf?: LeafId; readonly serverCa?: ServerCaId };

export const published = ({ leaf: shared, serverCa, ...over }: Shorthand = {}): PublishedState => ({
  clientCa: bundle('A'),
  serving: 'self-signed',
  verifying: [],
  ...over,
  leafs: shared === undefined ? (over.leafs ?? { [SHARED]: leaf('a1') }) : { [SHARED]: shared },
  serverCas: serverCa === undefined ? (over.serverCas ?? { [MTLS]: 'absent' }) : { [MTLS]: serverCa },
});

/** A client's places; the shared ones by default. */
export const placesAt = (slot: SlotId | undefined, pool: string | undefined): ClientState['places'] => ({
  slot,
  slots: slot === undefined ? [] : [slot],
  pool,
  pools: pool === undefined ? [] : [pool],
});

/** Everything that runs has loaded what is published. */
export const settledWorld = (
  state: PublishedState,
  over: { readonly clients?: Partial<Record<ClientComponent, Partial<ClientState>>> } = {},
): World => ({
  published: state,
  server: { trust: possible(state.clientCa), serving: possible(state.serving), rolling: false },
  clients: CLIENT_COMPONENTS.map((component): ClientState => {
    const changed = over.clients?.[component];
    const places =
      changed?.places ??
      (changed?.reading === 'never' ? placesAt(undefined, undefined) : placesAt(SHARED, MTLS));
    return {
      component,
      reading: component === 'notifications-controller' ? 'existence-at-start' : 'per-call',
      leaf: possible(places.slot === undefined ? 'none' : leafIn(state, places.slot)),
      pool: possible(poolAtStart(state, { component, places })),
      verification: 'by-path',
      rolling: false,
      ...changed,
      places,
    };
  }),
});

export const goalOf = (state: PublishedState): Goal => ({ published: state, distrust: 'immediately' });
