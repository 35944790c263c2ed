/**
 * What shall happen, as a value. The `plan` command prints it, the executor carries out its first step, the trace explains itself with it.
 */
import type { BundleFingerprint, Fingerprint } from './fingerprint.ts';
import type { PolicyHold, PolicyView } from './policy.ts';
import type { Slot } from './slot.ts';
import type { SourceRole } from './source-role.ts';
import type { ChangeClass, ClientComponent, Component, Duration, EvidenceGrade, Instant } from './terms.ts';
import type { WorkloadRef } from './workload.ts';

/** A file that Argo CD reads, by what it is rather than by where a layout puts it. */
export type FileRole = 'client-ca' | 'client-leaf' | 'server-ca' | 'serving' | 'ca-path';

/** What a file shall hold after a publish, by fingerprint. `absent`: taken away. */
export type FileChange =
  | {
      readonly role: 'client-ca';
      readonly to: BundleFingerprint | 'absent';
      readonly anchors: readonly Fingerprint[];
    }
  | {
      readonly role: 'client-leaf';
      readonly to: Fingerprint | 'absent';
      readonly slot: Slot;
      /** Clients that read it there, or shall. */
      readonly components: readonly ClientComponent[];
    }
  | {
      readonly role: 'server-ca';
      readonly to: BundleFingerprint | 'absent';
      readonly anchors: readonly Fingerprint[];
    }
  | { readonly role: 'serving'; readonly to: Fingerprint }
  | {
      readonly role: 'ca-path';
      readonly to: 'set' | 'unset';
      readonly components: readonly ClientComponent[];
    };

export type Step =
  /** One write of one object. */
  | {
      readonly kind: 'publish';
      readonly object: { readonly kind: 'Secret' | 'ConfigMap'; readonly name: string };
      readonly changes: readonly FileChange[];
      readonly reason: string;
    }
  /** Until every running reader is presumed to see what was published. */
  | {
      readonly kind: 'wait';
      readonly until: Instant | undefined;
      readonly duration: Duration;
      readonly reason: string;
    }
  /** Restart, or the rest of a restart that was asked for already. */
  | {
      readonly kind: 'rollout';
      readonly workload: WorkloadRef;
      readonly component: Component;
      /** What the new pods must load; part of the restart annotation. */
      readonly fingerprint: string;
      /** `asked`: the template carries this intent already, only health is awaited. */
      readonly progress: 'needed' | 'asked';
      /** Not before new pods' mounts are presumed to hold what was published. */
      readonly notBefore: Instant | undefined;
      readonly reason: string;
    }
  /** Real calls to every repo-server pod. */
  | { readonly kind: 'prove'; readonly purpose: 'evidence' | 'closing'; readonly reason: string }
  /** The leaf that is about to be replaced goes into the agent's own Secret, so that its refusal can be proved later. */
  | { readonly kind: 'keep-previous'; readonly leaf: Fingerprint; readonly reason: string }
  | { readonly kind: 'erase-previous'; readonly reason: string }
  /** Ask a source for a new leaf: cert-manager after its CA was replaced, a CA that signs for the agent when it is time. */
  | {
      readonly kind: 'issue';
      readonly role: SourceRole;
      readonly source: string;
      readonly reason: string;
    }
  /** What a source kept for the agent until it was published goes. */
  | { readonly kind: 'erase-pending'; readonly secret: string; readonly reason: string };

/** Why nothing can be done now, although something is left to do. */
export interface Hold {
  readonly code: HoldCode;
  readonly what: string;
  readonly effect: string;
  readonly next: string;
  readonly until: Instant | undefined;
  /** With `held-by-policy`. */
  readonly policy?: PolicyHold | undefined;
}

export const HOLD_CODES = [
  'material-waiting',
  'material-refused',
  'source-unreachable',
  'preflight',
  'foreign-owner',
  'no-safe-order',
  'mode-observe',
  'mode-publish',
  'rollout-failed',
  'rollout-named-state',
  'restart-budget',
  'held-by-policy',
] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

/** One thing that preflight found. `blocking` findings stop a plan before its first write. */
export interface Finding {
  readonly code: string;
  readonly severity: 'blocking' | 'warning' | 'info';
  /** The object it is about: `Deployment argocd/argocd-server`. */
  readonly about: string;
  readonly what: string;
  readonly effect: string;
  readonly next: string;
  /** A patch that mends it, as one kubectl-ready YAML document, where there is one. */
  readonly patch: string | undefined;
}

export interface AvoidedRestart {
  readonly component: Component;
  readonly reason: string;
}

export interface PlanEvidence {
  /** Pod or workload. */
  readonly about: string;
  readonly component: Component;
  /** What is known: `trusts ab12…, cd34…`. */
  readonly what: string;
  readonly grade: EvidenceGrade;
}

export interface Plan {
  readonly changeClass: ChangeClass;
  readonly steps: readonly Step[];
  readonly restartsAvoided: readonly AvoidedRestart[];
  readonly evidence: readonly PlanEvidence[];
  readonly findings: readonly Finding[];
  /** Present where the first step may not be taken. Steps then say what would follow. */
  readonly hold: Hold | undefined;
  readonly policy: PolicyView;
  /** What the plan leads to, for the record. */
  readonly goal: {
    readonly clientCa: readonly Fingerprint[];
    readonly leafs: readonly Fingerprint[];
    readonly serverCa: readonly Fingerprint[];
    readonly serving: Fingerprint | undefined;
  };
}
