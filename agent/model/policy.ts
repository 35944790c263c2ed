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
  urgentOverrides: ['windows', 'freezes'],
  approval: [],
  distrust: 'go-on',
};

/** An approval that was used. */
export interface Approval {
  /** Of the plan that was approved. */
  readonly digest: string;
  /** Who, as they name themselves; the API server's audit log knows who wrote it. */
  readonly by: string;
  /** Of the organisation's own change management, where one was given. */
  readonly change: string | undefined;
}

/** What people say to an instance while it runs, by annotations of its orders ConfigMap. */
export interface Orders {
  readonly approval:
    | { readonly state: 'none' }
    | ({ readonly state: 'given' } & Approval)
    | { readonly state: 'unreadable'; readonly why: string };
  readonly pause: { readonly by: string; readonly why: string } | undefined;
}

export const NO_ORDERS: Orders = { approval: { state: 'none' }, pause: undefined };

/** That a change was allowed to begin. It stays so for as long as the change leads to the same end. */
export interface Admission {
  /** Digest of what is to be published in the end. */
  readonly goal: string;
  /** `urgency`: something held it, and expiry was too near to wait. */
  readonly by: 'policy' | 'urgency';
  readonly approval: Approval | undefined;
}

export const POLICY_REASONS = [
  'paused',
  'approval-missing',
  'approval-of-another-plan',
  'approval-unreadable',
  'frozen',
  'outside-window',
] as const;
export type PolicyReason = (typeof POLICY_REASONS)[number];

/** Why the policy holds a change, and until when. */
export interface PolicyHold {
  readonly reason: PolicyReason;
  /** When windows and freezes let it begin; `undefined`: no moment is known, or it is not time that is waited for. */
  readonly opens: Instant | undefined;
  /** When the first published certificate that the change replaces expires. */
  readonly deadline: Instant | undefined;
}

/** How a plan stands to the policy. */
export interface PolicyView {
  /** Of what is published and what shall be: what an approval names. */
  readonly digest: string;
  /** Empty where nothing changes. */
  readonly classes: readonly PolicyClass[];
  readonly deadline: Instant | undefined;
  /** Where the next step may be taken: what lets it. */
  readonly admission: Admission | undefined;
}
