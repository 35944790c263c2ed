/**
 * When an instance may be changed: what the configuration says, and what people say while it runs.
 *
 * **Invariant:** decides about beginning a change and about taking old trust away, never about what is safe.
 */
import type { ChangeClass, Duration, Instant } from './terms.ts';

/** Changes that windows and approvals are given for. `both` is `client-ca` and `server-ca` at once, and needs what each needs. */
export const POLICY_CLASSES = [
  'enable',
  'verify-on',
  'leaf',
  'client-ca',
  'client-ca-renewed',
  'serving',
  'server-ca',
  'disable',
  'layout',
] as const satisfies readonly ChangeClass[];
export type PolicyClass = (typeof POLICY_CLASSES)[number];

/** A weekday, Sunday being 0; of the month's, the nth or the last where `nth` is there. */
export interface Weekday {
  readonly day: number;
  readonly nth: number | 'last' | undefined;
}

/** A cron expression of five fields, worked out. Day of the month and weekday both have to fit. */
export interface Starts {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly (number | 'last')[];
  readonly months: readonly number[];
  readonly weekdays: readonly Weekday[];
}

/** Again and again, by the clocks of a place. */
export interface Recurrence {
  readonly kind: 'recurring';
  /** As it is written; for people. */
  readonly cron: string;
  readonly starts: Starts;
  readonly duration: Duration;
  /** IANA name. */
  readonly timeZone: string;
}

export interface ChangeWindow extends Recurrence {
  /** Empty: every class. */
  readonly classes: readonly PolicyClass[];
}

export type Freeze = { readonly why: string } & (
  | Recurrence
  | { readonly kind: 'dated'; readonly from: Instant; readonly to: Instant }
);

export const POLICY_PARTS = ['windows', 'freezes', 'approval'] as const;
export type PolicyPart = (typeof POLICY_PARTS)[number];

export interface Policy {
  /** A class that none of them is for may change at any time. */
  readonly windows: readonly ChangeWindow[];
  readonly freezes: readonly Freeze[];
  /** So long before the expiry of what is to be replaced, `urgentOverrides` no longer holds a change; `undefined`: never. */
  readonly urgentBefore: Duration | undefined;
  readonly urgentOverrides: readonly PolicyPart[];
  readonly approval: readonly PolicyClass[];
  /** Whether old CAs are taken away, in a rotation that has begun, only while windows and freezes allow a change to begin. */
  readonly distrust: 'go-on' | 'in-window';
}

export const NO_POLICY: Policy = {
  windows: [],
  freezes: [],
  urgentBefore: undefined,
  urgentOverrides: [],
  approval: [],
  distrust: 'go-on',
};
