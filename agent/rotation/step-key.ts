/**
 * What makes two steps the same step, over processes and over plans made anew.
 */
import type { FileChange, Step } from '../model/plan.ts';

const changeKey = (change: FileChange): string =>
  change.role === 'client-leaf'
    ? `${change.role}@${change.slot.certificate}=${change.to}`
    : `${change.role}=${change.to}`;

export const stepKey = (step: Step): string => {
  switch (step.kind) {
    case 'publish':
      return `publish ${step.object.name} ${step.changes.map(changeKey).join(' ')}`;
    case 'wait':
      return 'wait';
    case 'rollout':
      return `rollout ${step.workload.name} ${step.fingerprint}`;
    case 'prove':
      return `prove ${step.purpose}`;
    case 'keep-previous':
      return `keep-previous ${step.leaf}`;
    case 'erase-previous':
      return 'erase-previous';
    case 'issue':
      return `issue ${step.role}`;
    case 'erase-pending':
      return `erase-pending ${step.secret}`;
  }
};

/** Whether a step is part of a rotation, or something that is done at any time without one. */
export const isWork = (step: Step): boolean => {
  switch (step.kind) {
    case 'publish':
    case 'keep-previous':
      return true;
    case 'rollout':
      return step.progress === 'needed';
    // Nothing but waiting left: somebody's pods are on their way, or another process published and was forgotten.
    case 'wait':
    case 'prove':
    case 'erase-previous':
    case 'issue':
    case 'erase-pending':
      return false;
  }
};
