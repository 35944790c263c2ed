/**
 * What the model's values are as attributes.
 *
 * **Invariant:** the instance's attributes are the same on spans and on metrics.
 */
import type { Attributes } from '@opentelemetry/api';
import type { Call } from '../model/evidence.ts';
import type { InstanceName } from '../model/happening.ts';
import type { FinishedRotation, RotationRecord } from '../model/journal-record.ts';
import type { Hold, Step } from '../model/plan.ts';
import type { Admission } from '../model/policy.ts';
import { describeChange, subjectOf } from './describe.ts';
import { ATTRIBUTE, INSTANCE_LABEL_PREFIX } from './names.ts';
import { scrub } from './scrub.ts';

export const instanceAttributes = (instance: InstanceName): Attributes => ({
  [ATTRIBUTE.instance.name]: instance.name,
  [ATTRIBUTE.namespace.name]: instance.namespace,
  [ATTRIBUTE.mode.name]: instance.mode,
  ...Object.fromEntries(
    Object.entries(instance.labels).map(([key, value]) => [`${INSTANCE_LABEL_PREFIX}${key}`, value]),
  ),
});

export const rotationAttributes = (rotation: RotationRecord): Attributes => ({
  [ATTRIBUTE.rotationId.name]: rotation.id,
  [ATTRIBUTE.changeClass.name]: rotation.changeClass,
  [ATTRIBUTE.source.name]: scrub(rotation.source),
  ...admissionAttributes(rotation.admission),
});

const admissionAttributes = (admission: Admission | undefined): Attributes =>
  admission === undefined
    ? {}
    : {
        [ATTRIBUTE.admittedBy.name]: admission.by,
        ...(admission.approval === undefined
          ? {}
          : {
              [ATTRIBUTE.approvedBy.name]: scrub(admission.approval.by),
              [ATTRIBUTE.approvedPlan.name]: admission.approval.digest,
              ...(admission.approval.change === undefined
                ? {}
                : { [ATTRIBUTE.change.name]: scrub(admission.approval.change) }),
            }),
      };

export const policyAttributes = ({ policy }: Hold): Attributes => ({
  ...(policy === undefined ? {} : { [ATTRIBUTE.policyReason.name]: policy.reason }),
  ...(policy?.opens === undefined
    ? {}
    : { [ATTRIBUTE.policyOpens.name]: new Date(policy.opens).toISOString() }),
  ...(policy?.deadline === undefined
    ? {}
    : { [ATTRIBUTE.policyDeadline.name]: new Date(policy.deadline).toISOString() }),
});

export const endAttributes = (rotation: FinishedRotation): Attributes => ({
  [ATTRIBUTE.fromLeafs.name]: [...rotation.from.leafs],
  [ATTRIBUTE.toLeafs.name]: [...rotation.to.leafs],
  [ATTRIBUTE.fromClientCa.name]: [...rotation.from.clientCa],
  [ATTRIBUTE.toClientCa.name]: [...rotation.to.clientCa],
  [ATTRIBUTE.restartsMade.name]: rotation.restarts.length,
  [ATTRIBUTE.restartsAvoided.name]: rotation.restartsAvoided,
  [ATTRIBUTE.callsAccepted.name]: rotation.callsAccepted,
  [ATTRIBUTE.callsRefused.name]: rotation.callsRefused,
  [ATTRIBUTE.result.name]: rotation.result,
  [ATTRIBUTE.proof.name]: rotation.proof,
});

export const stepAttributes = (step: Step): Attributes => ({
  [ATTRIBUTE.stepKind.name]: step.kind,
  [ATTRIBUTE.stepReason.name]: scrub(step.reason),
  ...onlyOfKind(step),
});

const onlyOfKind = (step: Step): Attributes => {
  switch (step.kind) {
    case 'publish':
      return {
        [ATTRIBUTE.object.name]: subjectOf(step),
        [ATTRIBUTE.changes.name]: step.changes.map(describeChange),
      };
    case 'wait':
      return { [ATTRIBUTE.waitSeconds.name]: step.duration / 1000 };
    case 'rollout':
      return {
        [ATTRIBUTE.component.name]: step.component,
        [ATTRIBUTE.workload.name]: subjectOf(step),
        [ATTRIBUTE.fingerprint.name]: step.fingerprint,
      };
    case 'issue':
      return { [ATTRIBUTE.source.name]: step.source };
    case 'erase-pending':
      return { [ATTRIBUTE.object.name]: subjectOf(step) };
    case 'keep-previous':
      return { [ATTRIBUTE.leaf.name]: step.leaf };
    case 'prove':
    case 'erase-previous':
      return {};
  }
};

export const callAttributes = (call: Call): Attributes => ({
  [ATTRIBUTE.credential.name]: call.credential.as,
  ...(call.credential.as === 'leaf' ? { [ATTRIBUTE.leaf.name]: call.credential.leaf } : {}),
  [ATTRIBUTE.outcome.name]: call.outcome.result,
  ...(call.outcome.result === 'refused'
    ? { [ATTRIBUTE.alert.name]: call.outcome.alert, [ATTRIBUTE.detail.name]: scrub(call.outcome.detail) }
    : {}),
  ...(call.outcome.result === 'unknown' ? { [ATTRIBUTE.detail.name]: scrub(call.outcome.why) } : {}),
  ...(call.presented === undefined ? {} : { [ATTRIBUTE.presented.name]: call.presented }),
});
