/**
 * Everything that is worth telling, as one union. Traces, metrics, Events and log lines are four small consumers of it.
 */
import type { Call } from './evidence.ts';
import type { FinishedRotation, ProofRecord, RotationRecord } from './journal-record.ts';
import type { Finding, Hold, Plan, Step } from './plan.ts';
import type { Refusal } from './refusal.ts';
import type { SidecarHold } from './sidecar-hold.ts';
import type { Component, Instant, Mode } from './terms.ts';

export interface InstanceName {
  readonly name: string;
  readonly namespace: string;
  readonly mode: Mode;
  /** Free labels from the configuration; on every span and metric. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Something that happened inside a step and belongs to its span: progress, a retry, what is waited for. */
export interface StepNote {
  readonly at: Instant;
  readonly text: string;
}

export type StepEnd =
  | { readonly result: 'done' }
  /** One try came to nothing; the step is tried again. */
  | { readonly result: 'failed'; readonly error: string };

/** What a sidecar does in its pod. */
export const POD_STEPS = ['write-files', 'tell', 'take-turn', 'give-turn-back', 'evict'] as const;
export type PodStep = (typeof POD_STEPS)[number];

export interface ExpiryFact {
  readonly role: 'client-leaf' | 'client-ca' | 'serving' | 'server-ca';
  readonly subject: string;
  readonly fingerprint: string;
  readonly notAfter: Instant;
  /** Whether this is what is published or what the source holds. */
  readonly where: 'published' | 'source';
}

export type Happening = { readonly instance: InstanceName; readonly at: Instant } & (
  | {
      readonly type: 'observed';
      readonly plan: Plan;
      readonly expiries: readonly ExpiryFact[];
      readonly rotation: RotationRecord | undefined;
    }
  | {
      readonly type: 'rotation-started';
      readonly rotation: RotationRecord;
      readonly plan: Plan;
      readonly resumed: false;
    }
  | { readonly type: 'rotation-resumed'; readonly rotation: RotationRecord }
  | { readonly type: 'step-started'; readonly rotation: RotationRecord; readonly step: Step }
  | {
      readonly type: 'step-progress';
      readonly rotation: RotationRecord;
      readonly step: Step;
      readonly note: StepNote;
      readonly until: Instant | undefined;
    }
  | {
      readonly type: 'step-ended';
      readonly rotation: RotationRecord;
      readonly step: Step;
      readonly startedAt: Instant;
      readonly notes: readonly StepNote[];
      readonly end: StepEnd;
    }
  /** What the detect and validate spans are made from. */
  | {
      readonly type: 'detected';
      readonly rotation: RotationRecord;
      readonly changedAt: Instant | undefined;
      readonly source: string;
    }
  | {
      readonly type: 'validated';
      readonly rotation: RotationRecord;
      readonly startedAt: Instant;
      readonly fingerprints: readonly string[];
    }
  /** One pod was dialled: one verification span. */
  | {
      readonly type: 'pod-proved';
      readonly rotation: RotationRecord | undefined;
      readonly pod: string;
      readonly startedAt: Instant;
      readonly calls: readonly Call[];
      readonly verdict: 'proven' | 'disproven' | 'unknown';
    }
  | {
      readonly type: 'published';
      readonly rotation: RotationRecord;
      readonly object: string;
      readonly changedAt: Instant | undefined;
    }
  | {
      readonly type: 'restart-asked';
      readonly rotation: RotationRecord;
      readonly component: string;
      readonly workload: string;
      readonly reason: string;
    }
  | { readonly type: 'proof'; readonly proof: ProofRecord }
  | { readonly type: 'rotation-ended'; readonly rotation: FinishedRotation }
  | { readonly type: 'refused'; readonly source: string; readonly refusal: Refusal }
  | { readonly type: 'held'; readonly hold: Hold; readonly plan: Plan }
  /** What the policy held goes on; `hold` is what it was held by last, since the first of such holds. */
  | {
      readonly type: 'policy-opened';
      readonly rotation: RotationRecord;
      readonly hold: Hold;
      readonly since: Instant;
    }
  | { readonly type: 'found'; readonly findings: readonly Finding[] }
  /** A sidecar looked: what it is at, in its own pod. */
  | {
      readonly type: 'pod-looked';
      readonly pod: string;
      readonly files: 'written' | 'missing';
      readonly hold: SidecarHold | undefined;
      readonly expiries: readonly ExpiryFact[];
    }
  /** A sidecar did something in its own pod, or failed to. `rotation`: what it belongs to; the first files of a pod belong to none. */
  | {
      readonly type: 'pod-step';
      readonly rotation: RotationRecord | undefined;
      readonly pod: string;
      readonly component: Component;
      readonly step: PodStep;
      readonly reason: string;
      readonly startedAt: Instant;
      readonly end: StepEnd;
    }
  /** The instance can't be worked on; the others go on. */
  | { readonly type: 'degraded'; readonly error: string; readonly kind: string; readonly retryAt: Instant }
  | { readonly type: 'recovered' }
);
