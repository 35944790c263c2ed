/**
 * May a change begin, and may old trust be taken away?
 *
 * **Invariant:** urgency lets a change begin and never takes trust away: that waits for windows, freezes and approval all the same.
 */
import type { Admission, Approval, Orders, Policy, PolicyClass, PolicyReason } from '../model/policy.ts';
import type { Instant } from '../model/terms.ts';
import { standing } from './calendar.ts';

export interface Question {
  readonly policy: Policy;
  readonly orders: Orders;
  readonly at: Instant;
  readonly classes: readonly PolicyClass[];
  /** Of the plan: what an approval has to name. */
  readonly digest: string;
  /** Of what the plan leads to. */
  readonly goal: string;
  readonly deadline: Instant | undefined;
  /** Of the rotation under way. */
  readonly admitted: Admission | undefined;
}

export type Judgement =
  | { readonly may: 'yes'; readonly admission: Admission }
  | {
      readonly may: 'no';
      readonly reason: PolicyReason;
      readonly why: string;
      readonly opens: Instant | undefined;
    };

type Refusal = Extract<Judgement, { may: 'no' }>;

const byCalendar = (policy: Policy, { classes, at }: Question): Refusal | undefined => {
  const found = standing(policy, classes, at);
  return found.open === 'yes'
    ? undefined
    : { may: 'no', reason: found.reason, why: found.why, opens: found.opens };
};

const isNeeded = ({ approval }: Policy, classes: readonly PolicyClass[]): boolean =>
  classes.some((changeClass) => approval.includes(changeClass));

const byApproval = ({ orders, digest }: Question): Refusal | undefined => {
  const { approval } = orders;
  const refusal = (reason: PolicyReason, why: string): Refusal => ({
    may: 'no',
    reason,
    why,
    opens: undefined,
  });
  switch (approval.state) {
    case 'none':
      return refusal('approval-missing', `plan ${digest} is not approved`);
    case 'unreadable':
      return refusal('approval-unreadable', approval.why);
    case 'given':
      return approval.digest === digest
        ? undefined
        : refusal(
            'approval-of-another-plan',
            `${approval.by} approved plan ${approval.digest}, and what would be done now is plan ${digest}: that approval is void`,
          );
  }
};

/** One that is given counts, asked for or not. */
const approvalOf = ({ orders: { approval }, digest }: Question): Approval | undefined =>
  approval.state === 'given' && approval.digest === digest
    ? { digest: approval.digest, by: approval.by, change: approval.change }
    : undefined;

/** With nothing overridden. */
const judged = (question: Question, policy: Policy): Judgement => {
  const needed = isNeeded(policy, question.classes);
  const refusal = (needed ? byApproval(question) : undefined) ?? byCalendar(policy, question);
  const approval = approvalOf(question);
  return refusal ?? { may: 'yes', admission: { goal: question.goal, by: 'policy', approval } };
};

export const isUrgent = ({ policy, deadline, at }: Pick<Question, 'policy' | 'deadline' | 'at'>): boolean =>
  policy.urgentBefore !== undefined && deadline !== undefined && at >= deadline - policy.urgentBefore;

/** What is left of a policy once expiry is near. */
export const whenUrgent = (policy: Policy): Policy => {
  const { urgentOverrides: overridden } = policy;
  return {
    ...policy,
    windows: overridden.includes('windows') ? [] : policy.windows,
    freezes: overridden.includes('freezes') ? [] : policy.freezes,
    approval: overridden.includes('approval') ? [] : policy.approval,
  };
};

/** Whether its first write may be made. One that has begun goes on while it leads to the same end. */
export const mayBegin = (question: Question): Judgement => {
  const { admitted, goal, policy } = question;
  if (admitted?.goal === goal) return { may: 'yes', admission: admitted };
  const ordinary = judged(question, policy);
  if (ordinary.may === 'yes' || !isUrgent(question)) return ordinary;
  const urgent = judged(question, whenUrgent(policy));
  return urgent.may === 'yes' ? { may: 'yes', admission: { ...urgent.admission, by: 'urgency' } } : urgent;
};

/** Whether a CA that is still valid may be taken away now, in a change that may begin or has begun. */
export const mayDistrust = (question: Question, admission: Admission): Judgement => {
  const { policy } = question;
  if (admission.by === 'urgency') {
    const approved = admission.approval !== undefined;
    return judged(question, approved ? { ...policy, approval: [] } : policy);
  }
  const refusal = policy.distrust === 'in-window' ? byCalendar(policy, question) : undefined;
  return refusal ?? { may: 'yes', admission };
};
