/**
 * What calls showed, kept for as long as the process that answered lives.
 *
 * **Invariant:** a proof is keyed by container id: what a process read at its start can't change, and a new process has proved nothing.
 */
import type { Call, Credential, PodProof } from '../model/evidence.ts';

const nameOf = (credential: Credential): string =>
  credential.as === 'leaf' ? `leaf ${credential.leaf}` : credential.as;

/** A conclusive answer outweighs any later one that concludes nothing. */
const outweighs = (older: Call | undefined, newer: Call): boolean =>
  older === undefined || newer.outcome.result !== 'unknown' || older.outcome.result === 'unknown';

export class ProofMemory {
  readonly #proofs = new Map<string, Map<string, Call>>();
  readonly #pods = new Map<string, { readonly pod: string; readonly podUid: string }>();

  remember(proof: PodProof): void {
    const calls = this.#proofs.get(proof.containerId) ?? new Map<string, Call>();
    for (const call of proof.calls) {
      const name = nameOf(call.credential);
      if (outweighs(calls.get(name), call)) calls.set(name, call);
    }
    this.#proofs.set(proof.containerId, calls);
    this.#pods.set(proof.containerId, { pod: proof.pod, podUid: proof.podUid });
  }

  /** Everything known of the containers named; all others are forgotten. */
  of(containerIds: readonly string[]): readonly PodProof[] {
    const alive = new Set(containerIds);
    for (const id of this.#proofs.keys()) {
      if (alive.has(id)) continue;
      this.#proofs.delete(id);
      this.#pods.delete(id);
    }
    return containerIds.flatMap((containerId) => {
      const calls = this.#proofs.get(containerId);
      const pod = this.#pods.get(containerId);
      return calls === undefined || pod === undefined
        ? []
        : [{ ...pod, containerId, calls: [...calls.values()] }];
    });
  }
}
