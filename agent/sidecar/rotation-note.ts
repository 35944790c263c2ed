/**
 * One rotation over all pods: its ids, and which pods still have something to do for it. Stands in the shared record.
 *
 * **Invariant:** it is for people and traces only; nothing in it decides what is safe. Losing it costs a trace.
 */
import type { RestartRecord, RotationRecord } from '../model/journal-record.ts';
import type { Duration, Instant } from '../model/terms.ts';
import { isRotation } from '../rotation/journal-shape.ts';

export interface RotationNote {
  readonly rotation: RotationRecord;
  /** Uids of pods that are not done. */
  readonly busy: readonly string[];
  /** When the last of them began or was done. */
  readonly changedAt: Instant;
  /** Who ends it: exports the root span, then takes the note away. */
  readonly closing: string | undefined;
}

/** Mounts of other pods may follow a minute or two later (kubelet); what they do then belongs to the same rotation. */
export const LINGERS: Duration = 120_000;

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

export const readNote = (text: string | undefined): RotationNote | undefined => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { rotation, busy, changedAt, closing } = value as Readonly<Record<string, unknown>>;
    if (!isRotation(rotation) || !isTexts(busy) || typeof changedAt !== 'number') return undefined;
    return { rotation, busy, changedAt, closing: typeof closing === 'string' ? closing : undefined };
  } catch {
    return undefined;
  }
};

export interface OwnPart {
  readonly uid: string;
  readonly work: 'busy' | 'idle';
  readonly now: Instant;
  readonly lingers: Duration;
  readonly isLive: (uid: string) => boolean;
  /** Made where there is no rotation and this pod has something to do. */
  readonly begin: () => RotationRecord;
  /** The restart that this pod is about to ask for. */
  readonly restart: RestartRecord | undefined;
}

const withRestart = (rotation: RotationRecord, restart: RestartRecord | undefined): RotationRecord =>
  restart === undefined || rotation.restarts.some(({ fingerprint }) => fingerprint === restart.fingerprint)
    ? rotation
    : { ...rotation, restarts: [...rotation.restarts, restart] };

/** What the note shall be as far as this pod is concerned. The very same value: nothing is to be written. */
export const nextNote = (note: RotationNote | undefined, own: OwnPart): RotationNote | undefined => {
  const { uid, work, now } = own;
  if (note === undefined)
    return work === 'busy'
      ? { rotation: own.begin(), busy: [uid], changedAt: now, closing: undefined }
      : undefined;
  const isBusy = note.busy.includes(uid);
  if (work === 'busy') {
    const rotation = withRestart(note.rotation, own.restart);
    if (isBusy && rotation === note.rotation) return note;
    return {
      rotation,
      busy: [...note.busy.filter((each) => each !== uid), uid],
      changedAt: now,
      closing: undefined,
    };
  }
  if (isBusy) return { ...note, busy: note.busy.filter((each) => each !== uid), changedAt: now };
  const isOver = !note.busy.some(own.isLive) && now - note.changedAt >= own.lingers;
  const isTaken = note.closing !== undefined && own.isLive(note.closing);
  return isOver && !isTaken && note.closing !== uid ? { ...note, closing: uid } : note;
};
