/**
 * Whether this pod has to be replaced, and whether it may be now.
 *
 * **Invariant:** a pod gives itself up only where its replacement can start at once, and only after the one before it is back and has told what it holds.
 */
import { hotReloads } from '../../argocd/reading.ts';
import type { FileRole } from '../../model/plan.ts';
import type { SidecarHold } from '../../model/sidecar-hold.ts';
import type { Component } from '../../model/terms.ts';
import { restartPending, restartWithoutApi, wouldNotComeBack } from './holds.ts';
import { type Action, type Others, type Peer, type Situation, sameBundle } from './situation.ts';

const trustRole = (component: Component): FileRole =>
  component === 'repo-server' ? 'client-ca' : 'server-ca';
const leafRole = (component: Component): FileRole =>
  component === 'repo-server' ? 'serving' : 'client-leaf';

/** True where the process may hold something that is not what is written, and would not notice. */
export const isStale = ({ component, trust, leaf, written, loaded }: Situation): boolean => {
  if (written === undefined) return false;
  const reads = (role: FileRole): boolean => !hotReloads(component, role, 'kubelet');
  return (
    (trust !== undefined &&
      reads(trustRole(component)) &&
      loaded.trusts.some((bundle) => !sameBundle(bundle, written.trust))) ||
    (leaf !== undefined && reads(leafRole(component)) && loaded.leafs.some((each) => each !== written.leaf))
  );
};

type Known = Extract<Others, { state: 'known' }>;

const replicasOf = ({ component }: Situation, { peers }: Known): readonly Peer[] =>
  peers.filter((peer) => peer.component === component);

/**
 * The pod whose turn it was is gone, and as many as before are there; {@link unsettled} sees to it that they are Ready and told what they
 * hold. Not that they hold what this pod wants: its source may have changed again since, and nobody's safety hangs on it.
 */
const isOver = (situation: Situation, others: Known): boolean => {
  const { turn, peers } = others;
  if (turn === undefined || turn.expired) return true;
  if (peers.some(({ uid }) => uid === turn.holder)) return false;
  const replicas = replicasOf(situation, others).filter(({ terminating }) => !terminating);
  return replicas.length + 1 >= turn.pods.length;
};

/** What keeps the others from being without one; `undefined`: nothing. */
const unsettled = (situation: Situation, others: Known): Action | undefined => {
  const { at, settle } = situation;
  const replicas = replicasOf(situation, others);
  const names = (peers: readonly Peer[]): string => peers.map(({ name }) => name).join(', ');
  const away = replicas.filter(({ readySince, terminating }) => terminating || readySince === undefined);
  if (away.length > 0)
    return { kind: 'wait', until: undefined, why: `${names(away)} is not Ready, or on its way out` };
  if (others.ready === 'not-ready')
    return { kind: 'wait', until: undefined, why: 'this pod itself is not Ready' };
  const silent = replicas.filter(({ trusts, shows }) => trusts === 'unknown' && shows === 'unknown');
  if (silent.length > 0) return { kind: 'wait', until: undefined, why: `${names(silent)} has told nothing` };
  const latest = Math.max(...replicas.map(({ readySince }) => readySince ?? 0), 0);
  return latest + settle > at
    ? { kind: 'wait', until: latest + settle, why: 'the replica before has just come up' }
    : undefined;
};

/**
 * The next thing to do about a restart; `undefined`: none is needed.
 *
 * @param unfinished what a replacement would begin with and may not: the pending leaf, or a source without sound material
 */
export const restartAction = (
  situation: Situation,
  unfinished: SidecarHold | undefined,
): Action | undefined => {
  const { others, restart, written, at, settle, uid } = situation;
  const isMine = others.state === 'known' && others.turn?.holder === uid && !others.turn.expired;
  if (written === undefined || !isStale(situation))
    return isMine ? { kind: 'give-turn-back', why: 'what is written is what was read' } : undefined;
  if (unfinished !== undefined)
    return isMine
      ? { kind: 'give-turn-back', why: 'a replacement could not start' }
      : { kind: 'hold', hold: wouldNotComeBack(unfinished) };
  if (restart === 'never') return { kind: 'hold', hold: restartPending() };
  if (others.state === 'none') return { kind: 'hold', hold: restartPending() };
  if (others.state === 'unreachable') return { kind: 'hold', hold: restartWithoutApi(others.why) };
  if (others.ready === 'leaving')
    return { kind: 'wait', until: undefined, why: 'this pod is on its way out' };
  if (written.changedAt + settle > at)
    return {
      kind: 'wait',
      until: written.changedAt + settle,
      why: 'files have just changed; more may follow',
    };
  if (!isMine && !isOver(situation, others))
    return { kind: 'wait', until: undefined, why: 'it is another replica’s turn' };
  const wait = unsettled(situation, others);
  if (wait !== undefined) return wait;
  return isMine
    ? { kind: 'evict', why: 'files have changed that are read at start only' }
    : { kind: 'take-turn', why: 'files have changed that are read at start only' };
};
