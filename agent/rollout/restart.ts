/**
 * The restart annotation: what is written on a pod template to make its pods start anew, and how it is read back. Pure.
 *
 * **Invariant:** a record of intent, never evidence. Writing it again with another `askedAt` changes the template, hence restarts again:
 * who finds the intent on the template already must not write it a second time.
 */
import { ANNOTATION } from '../model/product.ts';
import type { Instant } from '../model/terms.ts';

/** One restart, asked for. */
export interface Restart {
  /** Id of the rotation; letters, digits, `-` and `_`. */
  readonly rotation: string;
  /** What the new pods must load: a bundle's, a certificate's or a composed fingerprint. No dots. */
  readonly fingerprint: string;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** A restart as found on a template or a pod. */
export interface RestartIntent extends Restart {
  /** Undefined where the second annotation is missing or unreadable. */
  readonly askedAt: Instant | undefined;
}

const PART = /^[A-Za-z0-9_-]+$/;
const VALUE = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([1-9]\d{0,8})$/;

/**
 * Value of {@link ANNOTATION.restart}: `<rotation>.<fingerprint>.<attempt>`.
 *
 * @throws RangeError where a part could not be read back.
 */
export const restartValue = (restart: Restart): string => {
  const { rotation, fingerprint, attempt } = restart;
  const value = `${rotation}.${fingerprint}.${attempt}`;
  if (!PART.test(rotation) || !PART.test(fingerprint) || !VALUE.test(value)) {
    throw new RangeError(`not a restart that can be written down: ${value}`);
  }
  return value;
};

/** Reads {@link restartValue} back; `undefined` for what the agent did not write. */
export const parseRestart = (value: string | undefined): Restart | undefined => {
  const parts = VALUE.exec(value ?? '');
  const [, rotation, fingerprint, attempt] = parts ?? [];
  return rotation === undefined || fingerprint === undefined || attempt === undefined
    ? undefined
    : { rotation, fingerprint, attempt: Number(attempt) };
};

/** The annotations that ask for a restart, for `Cluster.annotateTemplate`. */
export const restartAnnotations = (restart: Restart, askedAt: Instant): Readonly<Record<string, string>> => ({
  [ANNOTATION.restart]: restartValue(restart),
  [ANNOTATION.restartedAt]: new Date(askedAt).toISOString(),
});

/** The restart that a template's (or pod's) annotations ask for, if any. */
export const restartIntent = (annotations: Readonly<Record<string, string>>): RestartIntent | undefined => {
  const restart = parseRestart(annotations[ANNOTATION.restart]);
  if (restart === undefined) {
    return undefined;
  }
  const askedAt = Date.parse(annotations[ANNOTATION.restartedAt] ?? '');
  return { ...restart, askedAt: Number.isNaN(askedAt) ? undefined : askedAt };
};

/** Number of the next try of a restart for this fingerprint in this rotation, after what the template carries. */
export const nextAttempt = (
  annotations: Readonly<Record<string, string>>,
  rotation: string,
  fingerprint: string,
): number => {
  const last = restartIntent(annotations);
  return last?.rotation === rotation && last.fingerprint === fingerprint ? last.attempt + 1 : 1;
};
