/**
 * Happenings in words, shared by spans, Events and log lines.
 *
 * **Invariant:** only fingerprints stand for material.
 */
import { short } from '../model/fingerprint.ts';
import type { FinishedRotation, RotationRecord } from '../model/journal-record.ts';
import type { FileChange, Hold, Step } from '../model/plan.ts';

/** One change of a publish: `client-ca: 1a2b3c4d5e6f, 9f8e7d6c5b4a`. */
export const describeChange = (change: FileChange): string => {
  if (change.role === 'ca-path') return `ca-path: ${change.to} for ${change.components.join(', ')}`;
  if (change.role === 'client-leaf')
    return `${change.slot.certificate}: ${change.to === 'absent' ? 'taken away' : short(change.to)}`;
  if (change.to === 'absent') return `${change.role}: taken away`;
  return 'anchors' in change
    ? `${change.role}: ${change.anchors.map(short).join(', ')}`
    : `${change.role}: ${short(change.to)}`;
};

/** What a step works on: `Secret argocd-repo-server-mtls`, `Deployment argocd/argocd-repo-server`. */
export const subjectOf = (step: Step): string => {
  switch (step.kind) {
    case 'publish':
      return `${step.object.kind} ${step.object.name}`;
    case 'rollout':
      return `${step.workload.kind} ${step.workload.namespace}/${step.workload.name}`;
    case 'issue':
      return step.source;
    case 'erase-pending':
      return `Secret ${step.secret}`;
    case 'wait':
      return `${step.duration / 1000} s`;
    case 'prove':
      return 'every repo-server pod';
    case 'keep-previous':
      return `leaf ${short(step.leaf)}`;
    case 'erase-previous':
      return 'the previous leafs';
  }
};

export const describeStep = (step: Step): string => `${step.kind} ${subjectOf(step)}: ${step.reason}`;

export const describeHold = (hold: Hold): string => `${hold.what} ${hold.effect} ${hold.next}`;

/** What let a rotation begin: `by urgency; plan 1a2b approved by Ada (change CHG-1)`. */
export const describeAdmission = ({ admission }: RotationRecord): string => {
  if (admission === undefined) return 'by no policy';
  const { by, approval } = admission;
  const change = approval?.change === undefined ? '' : ` (change ${approval.change})`;
  const approved =
    approval === undefined ? '' : `; plan ${approval.digest} approved by ${approval.by}${change}`;
  return `by ${by === 'urgency' ? 'urgency, which overrides the policy' : 'the policy'}${approved}`;
};

/** A hold that somebody asked for, and that ends in time. */
export const isExpected = ({ code, policy }: Hold): boolean => {
  if (code.startsWith('mode-')) return true;
  if (policy === undefined) return false;
  const { reason, opens, deadline } = policy;
  if (reason === 'approval-unreadable' || reason === 'approval-of-another-plan') return false;
  if (reason !== 'frozen' && reason !== 'outside-window') return true;
  return opens !== undefined && (deadline === undefined || opens < deadline);
};

export const describeEnd = (rotation: FinishedRotation): string =>
  [
    `${rotation.changeClass} ${rotation.result}`,
    `restarts ${rotation.restarts.length}, avoided ${rotation.restartsAvoided}`,
    `calls accepted ${rotation.callsAccepted}, refused ${rotation.callsRefused}`,
    `proof ${rotation.proof}`,
  ].join('; ');
