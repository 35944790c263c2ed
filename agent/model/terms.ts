/**
 * The field's words as types. No logic.
 */

/** Argo CD's workloads that take part in repo-server mTLS. */
export const COMPONENTS = [
  'repo-server',
  'server',
  'application-controller',
  'applicationset-controller',
  'notifications-controller',
] as const;
export type Component = (typeof COMPONENTS)[number];

/** The four components that dial repo-server. */
export const CLIENT_COMPONENTS = [
  'server',
  'application-controller',
  'applicationset-controller',
  'notifications-controller',
] as const satisfies readonly Component[];
export type ClientComponent = (typeof CLIENT_COMPONENTS)[number];

/** What the agent may do to an instance: look, write Secrets, or write Secrets and restart workloads. */
export const MODES = ['observe', 'publish', 'manage'] as const;
export type Mode = (typeof MODES)[number];

/** What kind of change a plan carries out; decides nothing, names it for people, metrics and policy. */
export const CHANGE_CLASSES = [
  'enable',
  'verify-on',
  'leaf',
  'client-ca',
  'client-ca-renewed',
  'serving',
  'server-ca',
  'both',
  'disable',
  'layout',
  'none',
] as const;
export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** Milliseconds since the Unix epoch. */
export type Instant = number;
/** Milliseconds. */
export type Duration = number;

/** How well something is known. `presumed` rests on policy and elapsed time and is shown as such wherever it is used. */
export type EvidenceGrade = 'proven' | 'disproven' | 'presumed' | 'unknown';
