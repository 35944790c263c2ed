/**
 * What the running repo-servers ask of their clients, and whom they let in: by real calls, never by what is mounted.
 *
 * **Invariant:** a pod that gave no conclusive answer makes the whole answer `unknown`.
 */
import { mainContainer } from '../../argocd/container.ts';
import type { Call } from '../../model/evidence.ts';
import type { Fingerprint } from '../../model/fingerprint.ts';
import type { Observation } from '../../model/observation.ts';

const callsByPod = ({ repoServer, proofs }: Observation): readonly (readonly Call[])[] =>
  (repoServer?.pods ?? []).map((pod) => {
    const id = mainContainer(pod, 'repo-server')?.id;
    return proofs.find(({ containerId }) => containerId === id)?.calls ?? [];
  });

const together = (
  observation: Observation,
  concerns: (call: Call) => boolean,
): 'accepted' | 'refused' | 'unknown' => {
  const pods = callsByPod(observation);
  const answers = pods.map((calls) => calls.findLast(concerns)?.outcome.result ?? 'unknown');
  if (answers.length === 0) return 'unknown';
  if (answers.every((answer) => answer === 'accepted')) return 'accepted';
  return answers.every((answer) => answer === 'refused') ? 'refused' : 'unknown';
};

/** Whether repo-server requires certificates. */
export const mtlsNow = (observation: Observation): 'on' | 'off' | 'unknown' => {
  const answer = together(observation, ({ credential }) => credential.as === 'nobody');
  return answer === 'unknown' ? 'unknown' : answer === 'refused' ? 'on' : 'off';
};

/** How the running repo-servers answered who showed this leaf. */
export const answerTo = (observation: Observation, leaf: Fingerprint): 'accepted' | 'refused' | 'unknown' =>
  together(observation, ({ credential }) => credential.as === 'leaf' && credential.leaf === leaf);
