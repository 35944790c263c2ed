/**
 * A plan as an operator reads it: what changes, in which order and why, what is known and how well, what stands in the way.
 *
 * **Invariant:** the very value that the executor works from, nothing added and nothing judged anew; what is presumed says so.
 */
import { formatDuration } from '../config/duration.ts';
import type { Hold, Plan, PlanEvidence, Step } from '../model/plan.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { ChangeClass, EvidenceGrade } from '../model/terms.ts';
import { describeChange, subjectOf } from '../telemetry/describe.ts';
import { COLUMN, heading, painted, renderFindings } from './render-findings.ts';
import { type Colour, entry, type Paint, painter, wrap } from './text.ts';

const MEANING: Readonly<Record<ChangeClass, string>> = {
  enable: 'repo-server will require client certificates',
  'verify-on': 'clients will verify repo-server',
  leaf: 'client certificate renewed under the same CA',
  'client-ca': 'CA of the client certificate replaced',
  'client-ca-renewed': 'CA of the client certificate renewed with the same key',
  serving: 'serving certificate renewed under the same CA',
  'server-ca': 'CA of the serving certificate replaced',
  both: 'CAs of client and serving certificate replaced together',
  disable: 'repo-server will no longer require client certificates',
  layout: 'other Secret keys',
  none: 'nothing to do',
};

const GRADE: Readonly<Record<EvidenceGrade, Colour>> = {
  proven: 'green',
  presumed: 'yellow',
  unknown: 'yellow',
  disproven: 'red',
};

/** The whole text, with a final newline. At most 100 columns wide, but for patches, which are printed as they must be applied. */
export const renderPlan = (
  plan: Plan,
  instance: Pick<InstanceSettings, 'name' | 'namespace' | 'mode'>,
  options: { readonly colours?: boolean } = {},
): string => {
  const paint = painter(options.colours ?? false);
  const blocks = [
    [
      paint('bold', `${instance.name}: ${plan.changeClass}`),
      ...wrap(`${MEANING[plan.changeClass]} (namespace ${instance.namespace}, mode ${instance.mode})`, 2),
    ],
    ...(plan.hold === undefined ? [] : [renderHold(plan.hold, paint)]),
    renderPolicy(plan, paint),
    renderSteps(plan, paint),
    renderRestarts(plan, paint),
    renderEvidence(plan.evidence, paint),
    renderFindings('Preflight', plan.findings, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
};

const renderHold = (hold: Hold, paint: Paint): readonly string[] => [
  paint('red', `Held: ${hold.code}`),
  ...wrap(hold.what, 2),
  ...entry('effect', hold.effect, 2, COLUMN),
  ...entry('next', hold.next, 2, COLUMN),
  ...(hold.until === undefined ? [] : entry('until', new Date(hold.until).toISOString(), 2, COLUMN)),
];

/** What an approval has to name, and how much time there is. */
const renderPolicy = ({ policy }: Plan, paint: Paint): readonly string[] => {
  if (policy.classes.length === 0) return [];
  const { admission, deadline } = policy;
  const approval = admission?.approval;
  return [
    heading(paint, `Policy: ${policy.classes.join(', ')}`),
    ...entry('plan', policy.digest, 2, COLUMN),
    ...(deadline === undefined
      ? []
      : entry(
          'expiry',
          `${new Date(deadline).toISOString()}, the first published certificate that is replaced`,
          2,
          COLUMN,
        )),
    ...(admission?.by === 'urgency'
      ? entry('urgent', 'expiry is near and overrides what would hold it', 2, COLUMN)
      : []),
    ...(approval === undefined
      ? []
      : entry(
          'approved',
          `${approval.by}${approval.change === undefined ? '' : `, change ${approval.change}`}`,
          2,
          COLUMN,
        )),
  ];
};

const renderSteps = (plan: Plan, paint: Paint): readonly string[] => {
  if (plan.steps.length === 0) return [heading(paint, 'Steps: none')];
  const width = String(plan.steps.length).length;
  return [
    heading(paint, plan.hold === undefined ? 'Steps' : 'Steps that would follow'),
    ...plan.steps.flatMap((step, index) => renderStep(step, `${String(index + 1).padStart(width)}.`, paint)),
  ];
};

const renderStep = (step: Step, number: string, paint: Paint): readonly string[] => {
  const indent = 2 + number.length + 1;
  const [first = '', ...more] = wrap(`${step.kind} ${subjectOf(step)}`, indent);
  const detail = (head: string, text: string | undefined): readonly string[] =>
    text === undefined ? [] : entry(head, text, indent, 7);
  return [
    `  ${number} ${paint('cyan', first.trimStart())}`,
    ...more.map((line) => paint('cyan', line)),
    ...(step.kind === 'publish'
      ? step.changes.flatMap((change) => detail('holds', describeChange(change)))
      : []),
    ...detail('why', step.reason),
    ...detail('until', waitedFor(step)),
  ];
};

/** What ends a step, where it is more than an answer of the API. */
const waitedFor = (step: Step): string | undefined => {
  switch (step.kind) {
    case 'wait':
      return step.until === undefined
        ? `${formatDuration(step.duration)} have passed (presumed, no API field tells)`
        : `${new Date(step.until).toISOString()} (presumed, no API field tells)`;
    case 'rollout':
      return [
        step.progress === 'asked' ? 'asked for already; ' : '',
        'every new pod is ready, every old one gone, and it stayed so for a while',
        step.notBefore === undefined ? '' : `; not begun before ${new Date(step.notBefore).toISOString()}`,
      ].join('');
    case 'prove':
      return 'every repo-server pod answered or refused each call';
    case 'issue':
      return 'the source holds a new leaf';
    default:
      return undefined;
  }
};

const renderRestarts = (plan: Plan, paint: Paint): readonly string[] => {
  const made = new Map<string, number>();
  for (const step of plan.steps) {
    if (step.kind === 'rollout') made.set(step.component, (made.get(step.component) ?? 0) + 1);
  }
  const total = [...made.values()].reduce((sum, one) => sum + one, 0);
  return [
    heading(paint, `Restarts: ${total} made, ${plan.restartsAvoided.length} avoided`),
    ...[...made].flatMap(([component, count]) => entry('made', `${component}: ${count}`, 2, COLUMN)),
    ...plan.restartsAvoided.flatMap(({ component, reason }) =>
      entry('avoided', `${component}: ${reason}`, 2, COLUMN),
    ),
  ];
};

const renderEvidence = (evidence: readonly PlanEvidence[], paint: Paint): readonly string[] =>
  evidence.length === 0
    ? []
    : [
        heading(paint, 'Evidence'),
        ...evidence.flatMap(({ grade, about, component, what }) =>
          painted(entry(grade, `${about} (${component}) ${what}`, 2, COLUMN), grade, GRADE[grade], paint),
        ),
      ];
