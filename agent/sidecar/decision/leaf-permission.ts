/**
 * Whether this pod may show another leaf.
 *
 * **Invariant:** `yes` only where every live pod on the other side is known to accept it, whichever of the bundles that it may hold
 * it judges by; or where it accepts the leaf of today and cannot tell the two apart.
 */
import type { Fingerprint } from '../../model/fingerprint.ts';
import type { Verdict } from '../../plan/compatibility.ts';
import { meet, type Peer, type Situation, showsOn, union } from './situation.ts';

export interface Permission {
  readonly verdict: Verdict;
  /** Names of the pods that say otherwise or nothing, the decisive ones. */
  readonly because: readonly string[];
}

/**
 * Whoever accepts the leaf in use accepts this one too: every CA that vouches for that one vouches for this one. For want of anything
 * better known: a pod may trust the one by a CA that was never named here.
 */
export const underTheSameCas = ({ relations, component, written }: Situation, leaf: Fingerprint): boolean => {
  const used = written?.leaf;
  if (used === undefined) return false;
  const side = showsOn(component);
  const cas = relations.vouchers(used, side);
  return cas.length > 0 && cas.every((ca) => relations.accepts([ca], leaf, side) === 'yes');
};

const verdictOf = (situation: Situation, leaf: Fingerprint, peer: Peer): Verdict => {
  const { relations, component, written, loaded } = situation;
  const side = showsOn(component);
  const { trusts } = peer;
  if (trusts === 'anything') return 'yes';
  if (trusts === 'unknown')
    return peer.accepted.includes(leaf) || underTheSameCas(situation, leaf) ? 'yes' : 'unknown';
  const verdicts = trusts.map((bundle) => relations.accepts(bundle, leaf, side));
  if (verdicts.every((verdict) => verdict === 'yes')) return 'yes';
  const shown = union(loaded.leafs, written?.leaf === undefined ? [] : [written.leaf]);
  const brokenAlready =
    shown.length > 0 &&
    trusts.every((bundle) => shown.every((each) => relations.accepts(bundle, each, side) === 'no'));
  // What no call can get through now can't be made worse.
  if (brokenAlready) return 'yes';
  return verdicts.includes('no') ? 'no' : 'unknown';
};

export const mayShow = (situation: Situation, leaf: Fingerprint): Permission => {
  const { others, component } = situation;
  if (others.state !== 'known')
    return { verdict: underTheSameCas(situation, leaf) ? 'yes' : 'unknown', because: [] };
  const judged = others.peers
    .filter((peer) => meet(component, peer.component))
    .map((peer) => ({ name: peer.name, verdict: verdictOf(situation, leaf, peer) }));
  for (const verdict of ['no', 'unknown'] as const) {
    const because = judged.filter((one) => one.verdict === verdict).map(({ name }) => name);
    if (because.length > 0) return { verdict, because };
  }
  return { verdict: 'yes', because: [] };
};
