/**
 * What the policy says to a plan's first step.
 *
 * **Invariant:** it holds before the first write of a change and before a valid CA is taken away, and nowhere in between: both are
 * states in which every call works for as long as it takes.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Observation } from '../model/observation.ts';
import type { Hold, Step } from '../model/plan.ts';
import { type Admission, NO_ORDERS, type PolicyView } from '../model/policy.ts';
import { slotId } from '../model/slot.ts';
import type { Instant } from '../model/terms.ts';
import { digestOf } from '../policy/digest.ts';
import { type Judgement, mayBegin, mayDistrust, type Question } from '../policy/judge.ts';
import type { Goal } from './actions.ts';
import { type Catalog, isAlive } from './catalog.ts';
import { policyClasses } from './classify.ts';
import { leafIn, type World } from './world.ts';

export interface PolicyOfPlan {
  readonly view: PolicyView;
  readonly hold: Hold | undefined;
}

/** Published certificates that calls stand on now, and that the goal replaces. */
const replaced = ({ published }: Observation, goal: Goal, catalog: Catalog): readonly Certificate[] => {
  const members = (id: string): readonly string[] => catalog.members(id) ?? [];
  const leafs = published.leafs.flatMap(({ slot, content }) =>
    content.state === 'present' &&
    leafIn(goal.published, slotId(slot)) !== content.value.certificate.fingerprint
      ? [content.value.certificate]
      : [],
  );
  const serving =
    published.serving.state === 'present' &&
    published.serving.value.certificate.fingerprint !== goal.published.serving
      ? [published.serving.value.certificate]
      : [];
  const inUse = published.leafs.flatMap(({ content }) =>
    content.state === 'present' ? [content.value.certificate.fingerprint] : [],
  );
  const clientCas = published.clientCa.state === 'present' ? published.clientCa.value : [];
  const vouching = clientCas.filter(
    ({ fingerprint }) =>
      !members(goal.published.clientCa).includes(fingerprint) &&
      inUse.some((leaf) => catalog.compatibility.trusts(catalog.bundle([fingerprint]), leaf) === 'yes'),
  );
  return [...leafs, ...serving, ...vouching];
};

/** Whether a step takes a CA away that is still valid. That nobody is asked for a certificate any more distrusts none. */
const distrusts = (step: Step, { published, at }: Observation): boolean => {
  if (step.kind !== 'publish') return false;
  return step.changes.some((change) => {
    if ((change.role !== 'client-ca' && change.role !== 'server-ca') || change.to === 'absent') return false;
    const contents =
      change.role === 'client-ca'
        ? [published.clientCa]
        : published.pools.flatMap(({ secret, content }) => (secret === step.object.name ? [content] : []));
    return contents.some(
      (content) =>
        content.state === 'present' &&
        content.value.some((ca) => !change.anchors.includes(ca.fingerprint) && isAlive(ca, at)),
    );
  });
};

/** Steps that Argo CD, or somebody who asks for a change to be held, would notice. Proofs and the agent's own tidying are none. */
const isChange = (step: Step): boolean =>
  step.kind === 'publish' || step.kind === 'keep-previous' || step.kind === 'rollout';

const date = (at: Instant): string => new Date(at).toISOString();

const effectOf = (begun: boolean, deadline: Instant | undefined, opens: Instant | undefined): string => {
  const now = begun
    ? 'What is published lets old and new certificates in, and traffic goes on.'
    : 'What is published stays as it is and traffic goes on.';
  if (deadline === undefined) return now;
  const late =
    opens !== undefined && opens >= deadline ? `, which is before it may go on (${date(opens)})` : '';
  return `${now} The first published certificate that it replaces expires on ${date(deadline)}${late}.`;
};

const NEXT: Readonly<Record<Exclude<Judgement, { may: 'yes' }>['reason'], string>> = {
  paused: 'Resume it: mtls-rotator resume.',
  'approval-missing': 'Look at the plan, then approve it: mtls-rotator approve.',
  'approval-of-another-plan': 'Look at the plan as it is now, then approve it: mtls-rotator approve.',
  'approval-unreadable':
    'Approve by mtls-rotator approve, or set the annotations as docs/change-management.md has them.',
  frozen: 'Wait for the end of the freeze, or change policy.freezes.',
  'outside-window': 'Wait for the window, or change policy.windows.',
};

const WHAT: Readonly<Record<keyof typeof NEXT, string>> = {
  paused: 'The instance is paused',
  'approval-missing': 'The change needs an approval',
  'approval-of-another-plan': 'The change needs an approval',
  'approval-unreadable': 'The approval can not be understood',
  frozen: 'Changes are frozen',
  'outside-window': 'No window for the change is open',
};

const holdFor = (
  { reason, why, opens }: Pick<Exclude<Judgement, { may: 'yes' }>, 'reason' | 'why' | 'opens'>,
  deadline: Instant | undefined,
  begun: boolean,
): Hold => ({
  code: 'held-by-policy',
  what: `${WHAT[reason]}: ${why}.`,
  effect: effectOf(begun, deadline, opens),
  next: NEXT[reason],
  until: opens,
  policy: { reason, opens, deadline },
});

const judge = (question: Question, first: Step, observation: Observation): Judgement => {
  const begin = mayBegin(question);
  return begin.may === 'yes' && distrusts(first, observation)
    ? mayDistrust(question, begin.admission)
    : begin;
};

/** How the plan stands to the instance's policy, and the hold where its first step may not be taken. */
export const policyOf = (
  observation: Observation,
  world: World,
  goal: Goal,
  catalog: Catalog,
  steps: readonly Step[],
): PolicyOfPlan => {
  const { settings, at, rotation, orders = NO_ORDERS } = observation;
  const whose = { instance: settings.name, namespace: settings.namespace };
  const expiries = replaced(observation, goal, catalog).map(({ notAfter }) => notAfter);
  const question: Question = {
    policy: settings.policy,
    orders,
    at,
    classes: policyClasses(world, goal, catalog),
    digest: digestOf({ ...whose, from: world.published, to: goal.published }),
    goal: digestOf({ ...whose, to: goal.published }),
    deadline: expiries.length === 0 ? undefined : Math.min(...expiries),
    admitted: rotation?.admission,
  };
  const { digest, classes, deadline } = question;
  const answer = (admission: Admission | undefined, hold: Hold | undefined): PolicyOfPlan => ({
    view: { digest, classes, deadline, admission },
    hold,
  });
  const [first] = steps;
  const begun = rotation !== undefined;
  if (first === undefined) return answer(undefined, undefined);
  if (orders.pause !== undefined && (isChange(first) || first.kind === 'issue')) {
    const why = `${orders.pause.why} (${orders.pause.by})`;
    return answer(undefined, holdFor({ reason: 'paused', why, opens: undefined }, deadline, begun));
  }
  if (!isChange(first)) return answer(rotation?.admission, undefined);
  // A restart that was asked for goes on in the cluster, whatever is said here.
  if (first.kind === 'rollout' && first.progress === 'asked') return answer(rotation?.admission, undefined);
  const judgement = judge(question, first, observation);
  return judgement.may === 'yes'
    ? answer(judgement.admission, undefined)
    : answer(undefined, holdFor(judgement, deadline, begun));
};
