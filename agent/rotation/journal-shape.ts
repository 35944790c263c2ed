/**
 * Whether parts of a journal have the shape that is relied on: anybody may edit a ConfigMap.
 *
 * **Invariant:** what is let through can be worked with as its type says; no later code asks again.
 */
import type {
  FinishedRotation,
  ProofRecord,
  RestartRecord,
  RotationRecord,
} from '../model/journal-record.ts';

type Fields = Record<string, unknown>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): value is string => typeof value === 'string' && value !== '';
const number = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const optional = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || is(value);

const isRestart = (value: unknown): value is RestartRecord =>
  isRecord(value) &&
  text(value.workload) &&
  text(value.component) &&
  text(value.fingerprint) &&
  number(value.attempt) &&
  number(value.at);

const isState = (value: unknown): boolean =>
  isRecord(value) &&
  Array.isArray(value.leafs) &&
  value.leafs.every(text) &&
  Array.isArray(value.clientCa) &&
  value.clientCa.every(text);

const isStep = (value: unknown): boolean => isRecord(value) && text(value.key) && number(value.startedAt);

const isApproval = (value: unknown): boolean =>
  isRecord(value) && text(value.digest) && text(value.by) && optional(value.change, text);

const isAdmission = (value: unknown): boolean =>
  isRecord(value) &&
  text(value.goal) &&
  (value.by === 'policy' || value.by === 'urgency') &&
  optional(value.approval, isApproval);

export const isRotation = (value: unknown): value is RotationRecord =>
  isRecord(value) &&
  text(value.id) &&
  // Part of the restart annotation, which could not be read back otherwise.
  /^[A-Za-z0-9_-]+$/.test(value.id) &&
  text(value.changeClass) &&
  text(value.traceId) &&
  text(value.rootSpanId) &&
  number(value.startedAt) &&
  optional(value.detectedAt, number) &&
  typeof value.source === 'string' &&
  isState(value.from) &&
  isState(value.to) &&
  optional(value.step, isStep) &&
  Array.isArray(value.restarts) &&
  value.restarts.every(isRestart) &&
  number(value.restartsAvoided) &&
  number(value.callsAccepted) &&
  number(value.callsRefused) &&
  optional(value.admission, isAdmission) &&
  optional(value.provedAt, number);

export const isFinished = (value: unknown): value is FinishedRotation =>
  isRotation(value) &&
  number((value as Partial<FinishedRotation>).finishedAt) &&
  text((value as Partial<FinishedRotation>).result) &&
  text((value as Partial<FinishedRotation>).proof);

export const isProof = (value: unknown): value is ProofRecord =>
  isRecord(value) &&
  number(value.at) &&
  text(value.result) &&
  number(value.pods) &&
  typeof value.detail === 'string';
