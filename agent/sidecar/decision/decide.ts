/**
 * Decide, then do: everything that is known goes in, exactly one next action comes out.
 *
 * ```
 *  nothing written ─► tell what it will trust ─► tell what it will show ─► write
 *  written         ─► add CAs ─► tell, then show the new leaf ─► tell, then drop CAs ─► tell ─► restart in turn
 * ```
 *
 * **Invariant:** what could put another pod's calls at risk (another leaf, a CA less) is told before it is done, and decided anew with
 * everybody's records read after that. Of two pods that do so at the same time at least one sees the other.
 */
import type { Fingerprint } from '../../model/fingerprint.ts';
import type { SidecarHold } from '../../model/sidecar-hold.ts';
import { begunUnproven, leafHold } from './holds.ts';
import { mayShow, underTheSameCas } from './leaf-permission.ts';
import { restartAction } from './restart.ts';
import {
  type Action,
  type Bundle,
  distinctBundles,
  type Holdings,
  includes,
  type Situation,
  sameBundle,
  sameHoldings,
  union,
} from './situation.ts';
import { trustGoal } from './trust-goal.ts';

/** What this pod may hold as things are, and after `next` if that is about to be written. */
export const holdingsOf = (
  { component, trust, leaf, written, loaded }: Situation,
  next: { readonly trust?: Bundle | undefined; readonly leaf?: Fingerprint | undefined } = {},
): Holdings => {
  const leafs = [written?.leaf, next.leaf].filter((each) => each !== undefined);
  const bundles = [
    ...loaded.trusts,
    ...(written === undefined ? [] : [written.trust]),
    ...(next.trust === undefined ? [] : [next.trust]),
  ];
  const untold = component === 'repo-server' ? 'unknown' : 'anything';
  return {
    shows: leaf === undefined ? 'unknown' : union(loaded.leafs, leafs),
    trusts: trust === undefined ? untold : bundles.length === 0 ? 'unknown' : distinctBundles(bundles),
  };
};

/** Told first where there is somebody to tell. */
const afterTelling = (situation: Situation, holdings: Holdings, action: Action, why: string): Action => {
  const { others } = situation;
  if (others.state !== 'known' || sameHoldings(others.told, holdings)) return action;
  return { kind: 'tell', holdings, why };
};

const heldSource = ({ trust, leaf }: Situation): SidecarHold | undefined =>
  [trust, leaf].flatMap((wanted) => (wanted?.state === 'held' ? [wanted.hold] : []))[0];

/** The first files of a pod: nothing runs yet, so nothing can be broken but by what is begun with. */
const begin = (situation: Situation): Action => {
  const { others, at, waitUntil, leaf, component } = situation;
  const held = heldSource(situation);
  if (held !== undefined) return { kind: 'hold', hold: held };
  const trust = trustGoal(situation);
  const shown = leaf?.state === 'ready' ? leaf.value : undefined;
  const write = { kind: 'write', trust, leaf: shown, why: 'the first files of this pod' } as const;
  if (others.state === 'none') return write;
  if (others.state === 'unreachable')
    return at < waitUntil
      ? { kind: 'wait', until: waitUntil, why: `the API can't be reached: ${others.why}` }
      : { ...write, warning: begunUnproven(component, others, []) };
  // What it is about to trust is told at once: a pod on the other side may be waiting for just that before it starts.
  const trusting: Holdings = {
    shows: others.told?.shows ?? 'unknown',
    trusts: holdingsOf(situation, { trust }).trusts,
  };
  return afterTelling(situation, trusting, beginShowing(situation, write), 'what this pod is about to trust');
};

/** The leaf of a pod that is about to begin: told, then written, where the other side accepts it. */
const beginShowing = (situation: Situation, write: Extract<Action, { kind: 'write' }>): Action => {
  const { others, at, waitUntil, component } = situation;
  const shown = write.leaf;
  if (shown === undefined) return write;
  const told = (action: Action): Action =>
    afterTelling(
      situation,
      holdingsOf(situation, { trust: write.trust, leaf: shown }),
      action,
      'what this pod is about to begin with',
    );
  const permission = mayShow(situation, shown);
  switch (permission.verdict) {
    case 'yes':
      return told(write);
    case 'no':
      return { kind: 'hold', hold: leafHold(shown, component, permission, others, 'none') };
    case 'unknown':
      return at < waitUntil
        ? { kind: 'wait', until: waitUntil, why: `${permission.because.join(', ')} has told nothing yet` }
        : told({ ...write, warning: begunUnproven(component, others, permission.because) });
  }
};

/** Another leaf, if one is wanted: an action, or why there is none. */
const leafAction = (
  situation: Situation,
  written: NonNullable<Situation['written']>,
): Action | { readonly kind: 'none'; readonly hold: SidecarHold | undefined } => {
  const { leaf, component, others } = situation;
  if (leaf === undefined) return { kind: 'none', hold: undefined };
  if (leaf.state === 'held') return { kind: 'none', hold: leaf.hold };
  if (leaf.value === written.leaf) return { kind: 'none', hold: undefined };
  const permission = mayShow(situation, leaf.value);
  if (permission.verdict !== 'yes')
    return { kind: 'none', hold: leafHold(leaf.value, component, permission, others, 'another') };
  return afterTelling(
    situation,
    holdingsOf(situation, { leaf: leaf.value }),
    {
      kind: 'write',
      trust: written.trust,
      leaf: leaf.value,
      why: underTheSameCas(situation, leaf.value)
        ? 'a leaf under the same CAs'
        : 'every pod on the other side accepts the new leaf',
    },
    'the leaf that this pod is about to show',
  );
};

const goOn = (situation: Situation, written: NonNullable<Situation['written']>): Action => {
  const { others } = situation;
  const goal = trustGoal(situation);
  if (goal !== undefined && !includes(written.trust, goal))
    return {
      kind: 'write',
      trust: union(written.trust, goal),
      leaf: written.leaf,
      why: 'CAs come in beside those that are there',
    };
  const leaf = leafAction(situation, written);
  if (leaf.kind !== 'none') return leaf;
  if (goal !== undefined && !sameBundle(goal, written.trust))
    return afterTelling(
      situation,
      holdingsOf(situation, { trust: goal }),
      { kind: 'write', trust: goal, leaf: written.leaf, why: 'nobody needs the CAs that go' },
      'the CAs that this pod is about to drop',
    );
  const holdings = holdingsOf(situation);
  if (others.state === 'known' && !sameHoldings(others.told, holdings))
    return { kind: 'tell', holdings, why: 'what this pod holds' };
  const unfinished = leaf.hold ?? heldSource(situation);
  const restart = restartAction(situation, unfinished);
  if (restart !== undefined) return restart;
  return unfinished === undefined ? { kind: 'rest' } : { kind: 'hold', hold: unfinished };
};

export const decide = (situation: Situation): Action =>
  situation.written === undefined ? begin(situation) : goOn(situation, situation.written);
