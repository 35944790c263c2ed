/**
 * What calls prove about the trust that one repo-server process has loaded. Pure.
 *
 * **Invariant:** absence is never evidence: a call without a result neither proves nor disproves, and nothing is proven
 * without both a refusal of nobody and an acceptance of a leaf that were really seen.
 */
import { type Shown, shown } from '../argocd/answers.ts';
import type { Call, PodProof } from '../model/evidence.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Pod } from '../model/workload.ts';

/** What a repo-server process may have loaded at its start. */
export type CandidateTrust =
  /** Client certificates are not asked for: everybody is let in. */
  | { readonly kind: 'off' }
  /** `accepts`: whether a leaf chains to a CA of the bundle, whatever the time is. */
  | { readonly kind: 'bundle'; readonly accepts: (leaf: Fingerprint) => boolean };

/** What a complete proof shows, beyond the refusal of nobody. */
export interface ProofGoal {
  readonly trust: CandidateTrust;
  /** Leafs that must have been let in: the ones that clients show or are about to show. */
  readonly mustAccept: readonly Fingerprint[];
  /** Leafs that must have been refused: the ones of a CA whose trust was dropped. */
  readonly mustRefuse: readonly Fingerprint[];
}

export type ProofGrade = 'proven' | 'disproven' | 'unknown';

const wouldAccept = (trust: CandidateTrust, { credential }: Call): boolean => {
  if (trust.kind === 'off') {
    return true;
  }
  return credential.as === 'leaf' && trust.accepts(credential.leaf);
};

/** Whether a process with this trust could have answered as it did. Calls without a result exclude nothing. */
export const consistent = (trust: CandidateTrust, calls: readonly Call[]): boolean =>
  calls.every((call) => {
    const seen = shown(call);
    return seen === 'nothing' || (seen === 'accepted') === wouldAccept(trust, call);
  });

/** Those candidates that the calls don't exclude. None: the process trusts something that isn't known. */
export const remaining = <T extends { readonly trust: CandidateTrust }>(
  candidates: readonly T[],
  calls: readonly Call[],
): readonly T[] => candidates.filter((candidate) => consistent(candidate.trust, calls));

const saw = (calls: readonly Call[], what: Shown, who: (call: Call) => boolean): boolean =>
  calls.some((call) => who(call) && shown(call) === what);

const nobody = ({ credential }: Call): boolean => credential.as === 'nobody';

const withLeaf =
  (leaf: Fingerprint) =>
  ({ credential }: Call): boolean =>
    credential.as === 'leaf' && credential.leaf === leaf;

/**
 * How well the calls show that a process has reached the goal.
 *
 * Off is proven by nobody being let in. A bundle is proven by nobody being refused, every leaf of `mustAccept` (at least one)
 * let in and every leaf of `mustRefuse` refused; a stranger that was let in, like any other contradiction, disproves it.
 */
export const grade = (goal: ProofGoal, calls: readonly Call[]): ProofGrade => {
  if (
    !consistent(goal.trust, calls) ||
    goal.mustAccept.some((leaf) => saw(calls, 'refused', withLeaf(leaf))) ||
    goal.mustRefuse.some((leaf) => saw(calls, 'accepted', withLeaf(leaf)))
  ) {
    return 'disproven';
  }
  if (goal.trust.kind === 'off') {
    return saw(calls, 'accepted', nobody) ? 'proven' : 'unknown';
  }
  const complete =
    goal.mustAccept.length > 0 &&
    saw(calls, 'refused', nobody) &&
    goal.mustAccept.every((leaf) => saw(calls, 'accepted', withLeaf(leaf))) &&
    goal.mustRefuse.every((leaf) => saw(calls, 'refused', withLeaf(leaf)));
  return complete ? 'proven' : 'unknown';
};

/** The proofs that still stand: their container lives, and its pod is not another one of the same name. */
export const stillStanding = (
  proofs: readonly PodProof[],
  pods: readonly Pod[],
  containerName: string,
): readonly PodProof[] =>
  proofs.filter((proof) =>
    pods.some(
      (pod) =>
        pod.uid === proof.podUid &&
        pod.containers.some(({ name, id }) => name === containerName && id === proof.containerId),
    ),
  );
