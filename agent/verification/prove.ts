/**
 * Dials every repo-server pod with every credential, a few at a time.
 *
 * **Invariant:** one proof for each pod given, whatever happens; a pod that can't be dialled has `unknown` calls, never none.
 */
import type { Call, Credential, PodProof } from '../model/evidence.ts';
import type { Duration } from '../model/terms.ts';
import type { Clock, DialCredential, Dialer } from '../ports.ts';

/** One repo-server process to ask. */
export interface PodToProve {
  readonly pod: string;
  readonly podUid: string;
  /** Empty while no process runs. */
  readonly containerId: string;
  readonly ip: string | undefined;
  readonly port: number;
}

export interface ProveOptions {
  /** Name that a client would dial, for SNI. */
  readonly serverName: string;
  /** For each call. */
  readonly timeout: Duration;
  /** Pods dialled at the same time; one pod's calls follow each other. At least 1. */
  readonly concurrency: number;
  /** Told of each pod as soon as its calls are done. */
  readonly onProof?: (proof: PodProof) => void;
}

/** The credential without what must not be kept: a proof carries no key. */
const named = (credential: DialCredential): Credential =>
  credential.as === 'leaf' ? { as: 'leaf', leaf: credential.leaf } : { as: credential.as };

const provePod = async (
  dialer: Dialer,
  clock: Clock,
  target: PodToProve,
  credentials: readonly DialCredential[],
  { serverName, timeout }: ProveOptions,
): Promise<PodProof> => {
  const calls: Call[] = [];
  for (const credential of credentials) {
    const at = clock.now();
    const answer =
      target.ip === undefined || target.containerId === ''
        ? {
            outcome: {
              result: 'unknown',
              why: 'the pod has no address or no running container yet',
            } as const,
            presented: undefined,
            duration: 0,
          }
        : await dialer.call({ host: target.ip, port: target.port, serverName }, credential, timeout);
    calls.push({ credential: named(credential), ...answer, at });
  }
  return { pod: target.pod, podUid: target.podUid, containerId: target.containerId, calls };
};

/** Asks every pod with every credential, in order. Takes at most `pods × credentials × timeout / concurrency`. */
export const provePods = async (
  dialer: Dialer,
  clock: Clock,
  targets: readonly PodToProve[],
  credentials: readonly DialCredential[],
  options: ProveOptions,
): Promise<readonly PodProof[]> => {
  const proofs = new Map<PodToProve, PodProof>();
  const queue = [...targets];
  const work = async (): Promise<void> => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      const proof = await provePod(dialer, clock, target, credentials, options);
      proofs.set(target, proof);
      options.onProof?.(proof);
    }
  };
  const workers = Math.min(Math.max(1, options.concurrency), targets.length);
  await Promise.all(Array.from({ length: workers }, work));
  return targets.flatMap((target) => proofs.get(target) ?? []);
};
