/**
 * What can't be observed and must outlive the process. Versioned, bounded, without keys.
 *
 * **Invariant:** losing it costs a rotation's trace and counters, never safety: everything that decides is observed.
 */
import type { Fingerprint } from './fingerprint.ts';
import type { Admission } from './policy.ts';
import type { ChangeClass, Instant } from './terms.ts';

export const JOURNAL_VERSION = 1;

/** How many finished rotations are remembered. */
export const JOURNAL_HISTORY = 20;

export interface RestartRecord {
  readonly workload: string;
  readonly component: string;
  readonly fingerprint: string;
  readonly attempt: number;
  readonly at: Instant;
}

export interface RotationRecord {
  readonly id: string;
  readonly changeClass: ChangeClass;
  readonly traceId: string;
  readonly rootSpanId: string;
  readonly startedAt: Instant;
  readonly detectedAt: Instant | undefined;
  readonly source: string;
  readonly from: { readonly leafs: readonly Fingerprint[]; readonly clientCa: readonly Fingerprint[] };
  readonly to: { readonly leafs: readonly Fingerprint[]; readonly clientCa: readonly Fingerprint[] };
  /** The step at hand: its key and when it was first begun, over all processes. */
  readonly step: { readonly key: string; readonly startedAt: Instant } | undefined;
  readonly restarts: readonly RestartRecord[];
  readonly restartsAvoided: number;
  readonly callsAccepted: number;
  readonly callsRefused: number;
  /** What let it begin; absent in records of agents that had no policy. */
  readonly admission?: Admission | undefined;
  /** When the closing proof was taken; cleared by every later step. */
  readonly provedAt: Instant | undefined;
}

export interface FinishedRotation extends RotationRecord {
  readonly finishedAt: Instant;
  /** `observed`: in mode observe, what would have been done; never written down. */
  readonly result: 'succeeded' | 'observed';
  readonly proof: 'taken' | 'partly-taken' | 'not-taken';
}

export interface ProofRecord {
  readonly at: Instant;
  readonly result: 'proven' | 'disproven' | 'unknown';
  readonly pods: number;
  readonly detail: string;
}

export interface JournalRecord {
  readonly version: number;
  readonly rotation: RotationRecord | undefined;
  /** Finished, but its root span may not have been exported yet: exported again under the same ids, then cleared. */
  readonly closing: FinishedRotation | undefined;
  readonly history: readonly FinishedRotation[];
  readonly lastProof: ProofRecord | undefined;
}

export const EMPTY_JOURNAL: JournalRecord = {
  version: JOURNAL_VERSION,
  rotation: undefined,
  closing: undefined,
  history: [],
  lastProof: undefined,
};
