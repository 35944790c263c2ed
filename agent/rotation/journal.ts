/**
 * The journal as text, and its changes as pure functions.
 *
 * **Invariant:** a record from a newer agent is refused before anything is written; what can't be read of one is started anew.
 */
import { RotatorError } from '../model/errors.ts';
import {
  EMPTY_JOURNAL,
  type FinishedRotation,
  JOURNAL_HISTORY,
  JOURNAL_VERSION,
  type JournalRecord,
  type ProofRecord,
  type RestartRecord,
  type RotationRecord,
} from '../model/journal-record.ts';
import type { Step } from '../model/plan.ts';
import type { Admission } from '../model/policy.ts';
import type { Instant } from '../model/terms.ts';
import { isFinished, isProof, isRecord, isRotation } from './journal-shape.ts';
import { stepKey } from './step-key.ts';

export interface Decoded {
  readonly record: JournalRecord;
  /** True where text was there but could not be used. */
  readonly damaged: boolean;
}

/**
 * Reads a journal.
 * @throws RotatorError `refused` where a newer agent wrote it.
 */
export const decodeJournal = (text: string | undefined): Decoded => {
  if (text === undefined || text.trim() === '') return { record: EMPTY_JOURNAL, damaged: false };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { record: EMPTY_JOURNAL, damaged: true };
  }
  if (!isRecord(value) || typeof value.version !== 'number') return { record: EMPTY_JOURNAL, damaged: true };
  if (value.version > JOURNAL_VERSION) {
    throw new RotatorError('refused', {
      what: `The journal was written in format ${value.version}, this agent knows format ${JOURNAL_VERSION}.`,
      effect: 'Nothing is written; what is published stays and traffic goes on.',
      next: 'Run the agent version that wrote it, or a newer one.',
    });
  }
  const history = Array.isArray(value.history) ? value.history : [];
  const record: JournalRecord = {
    version: JOURNAL_VERSION,
    rotation: isRotation(value.rotation) ? value.rotation : undefined,
    closing: isFinished(value.closing) ? value.closing : undefined,
    history: history.filter(isFinished),
    lastProof: isProof(value.lastProof) ? value.lastProof : undefined,
  };
  const lost =
    (value.rotation !== undefined && record.rotation === undefined) ||
    (value.closing !== undefined && record.closing === undefined) ||
    (value.lastProof !== undefined && record.lastProof === undefined) ||
    record.history.length < history.length;
  return { record, damaged: lost };
};

export const encodeJournal = (record: JournalRecord): string => JSON.stringify(record);

const withRotation = (record: JournalRecord, change: Partial<RotationRecord>): JournalRecord =>
  record.rotation === undefined ? record : { ...record, rotation: { ...record.rotation, ...change } };

export const begin = (record: JournalRecord, rotation: RotationRecord): JournalRecord => ({
  ...record,
  rotation,
});

/** What lets it go on may be another than what let it begin: its goal has changed. */
export const admit = (record: JournalRecord, admission: Admission | undefined): JournalRecord =>
  withRotation(record, { admission });

/** A step is taken up; whatever changes the world makes an earlier closing proof stale. */
export const beginStep = (record: JournalRecord, step: Step, at: Instant): JournalRecord =>
  withRotation(record, {
    step: { key: stepKey(step), startedAt: at },
    ...(step.kind === 'erase-previous' ? {} : { provedAt: undefined }),
  });

export const countRestart = (record: JournalRecord, restart: RestartRecord): JournalRecord =>
  withRotation(record, { restarts: [...(record.rotation?.restarts ?? []), restart] });

export const countCalls = (record: JournalRecord, accepted: number, refused: number): JournalRecord =>
  withRotation(record, {
    callsAccepted: (record.rotation?.callsAccepted ?? 0) + accepted,
    callsRefused: (record.rotation?.callsRefused ?? 0) + refused,
  });

export const proved = (
  record: JournalRecord,
  proof: ProofRecord,
  closes: 'closing' | 'between',
): JournalRecord => ({
  ...(closes === 'closing' ? withRotation(record, { provedAt: proof.at }) : record),
  lastProof: proof,
});

/** Ends the rotation. It stays in `closing` until its root span was handed over. */
export const finish = (
  record: JournalRecord,
  at: Instant,
  result: FinishedRotation['result'],
  proof: FinishedRotation['proof'],
): JournalRecord => {
  if (record.rotation === undefined) return record;
  const finished: FinishedRotation = { ...record.rotation, step: undefined, finishedAt: at, result, proof };
  return {
    ...record,
    rotation: undefined,
    closing: finished,
    history: [...record.history, finished].slice(-JOURNAL_HISTORY),
  };
};

export const close = (record: JournalRecord): JournalRecord => ({ ...record, closing: undefined });
