/**
 * Every span, attribute, metric, Event reason and log field, with what it means. TELEMETRY.md is made from this file.
 *
 * **Invariant:** no name of telemetry is written anywhere else; a name that is released keeps its meaning.
 */
import { POLICY_REASONS } from '../model/policy.ts';

export interface Named {
  readonly name: string;
  readonly description: string;
}

export interface Metric extends Named {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Attributes beside the instance's. */
  readonly attributes: readonly string[];
}

/** One trace a rotation. All spans are direct children of `rotation`, which is its root. */
export const SPAN = {
  rotation: {
    name: 'rotation',
    description:
      'The root: from the start of the rotation to its end, over all processes that took part in it. Exported last.',
  },
  detect: {
    name: 'detect',
    description: "From the change of the source, where that is known, to the agent's noticing it.",
  },
  validate: { name: 'validate', description: 'The material went through the chain of refusals.' },
  plan: { name: 'plan', description: 'What was decided when the rotation began: its steps as span events.' },
  policy: {
    name: 'policy',
    description:
      'The policy held the change: from the first look at which it did to the step that it then let through.',
  },
  resume: { name: 'resume', description: 'Another process took the rotation up where one had stopped.' },
  publish: { name: 'publish', description: 'One write of one Secret or ConfigMap.' },
  wait: { name: 'wait', description: 'Until every running reader is presumed to see what was published.' },
  rollout: { name: 'rollout', description: 'One workload was restarted, until it was healthy again.' },
  prove: { name: 'prove', description: 'The step that dials every repo-server pod.' },
  verification: {
    name: 'verification',
    description: 'One repo-server pod was dialled; each call is a span event.',
  },
  issue: { name: 'issue', description: 'A source was asked for a new leaf.' },
  'keep-previous': {
    name: 'keep-previous',
    description: "The leaf about to be replaced was put into the agent's own Secret.",
  },
  'erase-previous': { name: 'erase-previous', description: 'The previous leafs were erased.' },
  'erase-pending': {
    name: 'erase-pending',
    description: 'What a source kept until it was published was erased.',
  },
  'write-files': { name: 'write-files', description: 'A sidecar replaced the files in its pod.' },
  tell: { name: 'tell', description: 'A sidecar told the others what its pod may hold.' },
  'take-turn': { name: 'take-turn', description: 'A sidecar took the turn to have its pod replaced.' },
  'give-turn-back': { name: 'give-turn-back', description: 'A sidecar gave the turn back unused.' },
  evict: {
    name: 'evict',
    description: 'A sidecar had its pod evicted, since it read at start what has changed.',
  },
} as const satisfies Readonly<Record<string, Named>>;

export const SPAN_EVENT = {
  note: {
    name: 'note',
    description: 'Something that happened inside a step: progress, a retry, what is waited for.',
  },
  step: { name: 'step', description: 'One step of the plan, in order.' },
  call: { name: 'call', description: 'One real call: as whom, and what came of it.' },
  held: { name: 'held', description: 'By what the policy held the change last.' },
  opened: {
    name: 'opened',
    description: 'What let it go on: the policy, or urgency; and by whose approval.',
  },
} as const satisfies Readonly<Record<string, Named>>;

/** A label of the configuration: `team` → `mtls_rotator.instance.label.team`, on spans and metrics alike. */
export const INSTANCE_LABEL_PREFIX = 'mtls_rotator.instance.label.';

export const ATTRIBUTE = {
  instance: {
    name: 'mtls_rotator.instance.name',
    description: 'The instance, as the configuration names it.',
  },
  namespace: { name: 'mtls_rotator.instance.namespace', description: 'Its namespace.' },
  mode: { name: 'mtls_rotator.instance.mode', description: 'observe, publish or manage.' },
  rotationId: {
    name: 'mtls_rotator.rotation.id',
    description: 'Id of the rotation; also on published Secrets and restarted workloads.',
  },
  changeClass: {
    name: 'mtls_rotator.change_class',
    description:
      'What kind of change it is: enable, verify-on, leaf, client-ca, client-ca-renewed, serving, server-ca, both, disable, layout.',
  },
  source: { name: 'mtls_rotator.source', description: 'Where the material comes from.' },
  fromLeafs: { name: 'mtls_rotator.from.leafs', description: 'SHA-256 of the leafs before.' },
  toLeafs: { name: 'mtls_rotator.to.leafs', description: 'SHA-256 of the leafs after.' },
  fromClientCa: { name: 'mtls_rotator.from.client_ca', description: 'SHA-256 of each CA trusted before.' },
  toClientCa: { name: 'mtls_rotator.to.client_ca', description: 'SHA-256 of each CA trusted after.' },
  restartsMade: { name: 'mtls_rotator.restarts.made', description: 'Restarts asked for in the rotation.' },
  restartsAvoided: {
    name: 'mtls_rotator.restarts.avoided',
    description: 'Workloads that were left alone because nothing they read at start changed.',
  },
  callsAccepted: { name: 'mtls_rotator.calls.accepted', description: 'Real calls that were answered.' },
  callsRefused: {
    name: 'mtls_rotator.calls.refused',
    description: 'Real calls that were refused by TLS, most of them on purpose.',
  },
  result: {
    name: 'mtls_rotator.result',
    description:
      'How it ended. Rotation: succeeded, or observed (mode observe: what would have been done). Step: done, failed.',
  },
  proof: {
    name: 'mtls_rotator.proof',
    description: 'Whether every call of the final proof was made: taken, partly-taken, not-taken.',
  },
  fingerprints: { name: 'mtls_rotator.fingerprints', description: 'SHA-256 of what was validated.' },
  stepKind: {
    name: 'mtls_rotator.step.kind',
    description:
      'publish, wait, rollout, prove, keep-previous, erase-previous, issue or erase-pending; of a sidecar: write-files, tell, take-turn, give-turn-back or evict.',
  },
  stepReason: { name: 'mtls_rotator.step.reason', description: 'Why the step is taken.' },
  stepNumber: { name: 'mtls_rotator.step.number', description: 'Place in the plan, from 1.' },
  object: { name: 'mtls_rotator.object', description: 'The object that is written.' },
  changes: { name: 'mtls_rotator.changes', description: 'What the write changes, by role and fingerprint.' },
  waitSeconds: { name: 'mtls_rotator.wait.seconds', description: 'How long the policy has it wait.' },
  component: { name: 'mtls_rotator.component', description: 'Component of Argo CD.' },
  workload: { name: 'mtls_rotator.workload', description: 'The workload that is restarted.' },
  pod: {
    name: 'mtls_rotator.pod',
    description: 'The repo-server pod that was dialled; of a sidecar: its own.',
  },
  verdict: { name: 'mtls_rotator.verdict', description: 'proven, disproven or unknown.' },
  credential: {
    name: 'mtls_rotator.call.credential',
    description: 'As whom a call was made: nobody, stranger or leaf.',
  },
  leaf: { name: 'mtls_rotator.call.leaf', description: 'SHA-256 of the leaf shown.' },
  outcome: { name: 'mtls_rotator.call.outcome', description: 'accepted, refused or unknown.' },
  alert: { name: 'mtls_rotator.call.alert', description: 'The TLS alert of a refusal.' },
  detail: {
    name: 'mtls_rotator.call.detail',
    description: 'What a refusal said, or why nothing can be concluded.',
  },
  presented: {
    name: 'mtls_rotator.call.presented',
    description: 'SHA-256 of the certificate that the server showed.',
  },
  policyReason: {
    name: 'mtls_rotator.policy.reason',
    description: `Why the policy holds: ${POLICY_REASONS.join(', ')}.`,
  },
  policyOpens: {
    name: 'mtls_rotator.policy.opens',
    description: 'When windows and freezes were to let it go on (RFC 3339).',
  },
  policyDeadline: {
    name: 'mtls_rotator.policy.deadline',
    description: 'When the first published certificate that is replaced expires (RFC 3339).',
  },
  admittedBy: {
    name: 'mtls_rotator.policy.admitted_by',
    description: 'What let the rotation begin: policy, or urgency, which overrode it.',
  },
  approvedBy: {
    name: 'mtls_rotator.approval.by',
    description: 'Who approved the plan, as they name themselves.',
  },
  approvedPlan: { name: 'mtls_rotator.approval.plan', description: 'Digest of the plan that was approved.' },
  change: {
    name: 'mtls_rotator.approval.change',
    description: "Id of the change in the organisation's own change management.",
  },
  note: { name: 'mtls_rotator.note', description: 'Text of a note.' },
  role: { name: 'mtls_rotator.role', description: 'client-leaf, client-ca, serving or server-ca.' },
  where: { name: 'mtls_rotator.where', description: '`published`, or what the `source` holds.' },
  fingerprint: { name: 'mtls_rotator.fingerprint', description: 'First twelve digits of the SHA-256.' },
  phase: { name: 'mtls_rotator.phase', description: 'idle, held, or the kind of the step at hand.' },
  code: { name: 'mtls_rotator.code', description: 'Code of a hold or a refusal.' },
  severity: { name: 'mtls_rotator.severity', description: 'blocking, warning or info.' },
  version: { name: 'mtls_rotator.version', description: 'Version of the agent.' },
  node: { name: 'mtls_rotator.node', description: 'Version of Node.' },
} as const satisfies Readonly<Record<string, Named>>;

const attributes = (...keys: readonly (keyof typeof ATTRIBUTE)[]): readonly string[] =>
  keys.map((key) => ATTRIBUTE[key].name);

/** As the SDK has them. In `/metrics` dots become `_`, and counters end in `_total`. */
export const METRIC = {
  expiry: {
    name: 'mtls_rotator.certificate.expiry_timestamp_seconds',
    type: 'gauge',
    attributes: attributes('role', 'where', 'fingerprint'),
    description: 'When a certificate expires, in seconds since 1970.',
  },
  rotations: {
    name: 'mtls_rotator.rotations',
    type: 'counter',
    attributes: attributes('changeClass', 'result', 'proof'),
    description: 'Rotations that ended.',
  },
  phase: {
    name: 'mtls_rotator.phase',
    type: 'gauge',
    attributes: attributes('phase'),
    description: '1 for what the instance is at, 0 for the other phases.',
  },
  rotationStarted: {
    name: 'mtls_rotator.rotation.start_timestamp_seconds',
    type: 'gauge',
    attributes: attributes('changeClass'),
    description: 'When the rotation at hand began; absent without one.',
  },
  restarts: {
    name: 'mtls_rotator.restarts',
    type: 'counter',
    attributes: attributes('component'),
    description: 'Restarts asked for.',
  },
  restartsAvoided: {
    name: 'mtls_rotator.restarts.avoided',
    type: 'counter',
    attributes: [],
    description: 'Workloads left alone by rotations that ended.',
  },
  calls: {
    name: 'mtls_rotator.verification.calls',
    type: 'counter',
    attributes: attributes('credential', 'outcome'),
    description: 'Real calls to repo-server pods.',
  },
  pods: {
    name: 'mtls_rotator.verification.pods',
    type: 'counter',
    attributes: attributes('verdict'),
    description: 'Verdicts on repo-server pods.',
  },
  detection: {
    name: 'mtls_rotator.detection.latency_seconds',
    type: 'histogram',
    attributes: [],
    description: "From the change of a source to the agent's noticing it.",
  },
  publication: {
    name: 'mtls_rotator.publication.latency_seconds',
    type: 'histogram',
    attributes: [],
    description: 'From the change of a source to the first publish that follows from it.',
  },
  proofAge: {
    name: 'mtls_rotator.proof.age_seconds',
    type: 'gauge',
    attributes: attributes('verdict'),
    description: 'Age of the last proof, by its verdict.',
  },
  stepFailures: {
    name: 'mtls_rotator.step.failures',
    type: 'counter',
    attributes: attributes('stepKind'),
    description: 'Steps that failed.',
  },
  held: {
    name: 'mtls_rotator.held',
    type: 'gauge',
    attributes: attributes('code'),
    description: '1 while something is left to do and may not be done.',
  },
  policyHeld: {
    name: 'mtls_rotator.policy.held',
    type: 'gauge',
    attributes: attributes('policyReason'),
    description: '1 while the policy holds a change.',
  },
  policyOpens: {
    name: 'mtls_rotator.policy.opens_timestamp_seconds',
    type: 'gauge',
    attributes: [],
    description:
      'When windows and freezes let the held change go on; absent where nothing is held or no moment is known.',
  },
  policyDeadline: {
    name: 'mtls_rotator.policy.deadline_timestamp_seconds',
    type: 'gauge',
    attributes: [],
    description: 'When the first published certificate that the held change replaces expires.',
  },
  refused: {
    name: 'mtls_rotator.material.refused',
    type: 'gauge',
    attributes: attributes('code', 'source'),
    description: '1 while the material of a source is refused.',
  },
  degraded: {
    name: 'mtls_rotator.degraded',
    type: 'gauge',
    attributes: [],
    description: '1 while the instance can not be worked on, else 0.',
  },
  findings: {
    name: 'mtls_rotator.findings',
    type: 'gauge',
    attributes: attributes('severity'),
    description: 'What preflight found.',
  },
  sidecarFiles: {
    name: 'mtls_rotator.sidecar.files_written',
    type: 'gauge',
    attributes: [],
    description: 'Of a sidecar: 1 once the files are written, 0 before.',
  },
  sidecarSteps: {
    name: 'mtls_rotator.sidecar.steps',
    type: 'counter',
    attributes: attributes('component', 'stepKind', 'result'),
    description: 'Of a sidecar: what it did in its pod.',
  },
  build: {
    name: 'mtls_rotator.build_info',
    type: 'gauge',
    attributes: attributes('version', 'node'),
    description: 'Always 1; says which agent runs. The only metric without instance attributes.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** Reasons of Kubernetes Events. Each carries the trace id in an annotation where there is a rotation. */
export const REASON = {
  rotationStarted: { name: 'RotationStarted', description: 'A rotation began. On the journal ConfigMap.' },
  rotationResumed: {
    name: 'RotationResumed',
    description: 'Another process took a rotation up. On the journal ConfigMap.',
  },
  rotationEnded: {
    name: 'RotationEnded',
    description: 'A rotation ended, with its result, restarts and proof. On the published Secret.',
  },
  published: { name: 'Published', description: 'Material was written. On the object written.' },
  restartAsked: { name: 'RestartAsked', description: 'A workload is restarted, and why. On the workload.' },
  stepFailed: {
    name: 'StepFailed',
    description: 'A step failed and is tried again (Warning). On the journal ConfigMap.',
  },
  proofFailed: {
    name: 'ProofFailed',
    description: 'A real call showed something else than it should (Warning). On the published Secret.',
  },
  materialRefused: {
    name: 'MaterialRefused',
    description: 'Nothing is written, because of what the source holds (Warning). On the published Secret.',
  },
  held: {
    name: 'Held',
    description:
      'Something is left to do and may not be done (Warning, or Normal where mode or policy say so and no certificate expires before). On the published Secret.',
  },
  policyOpened: {
    name: 'PolicyOpened',
    description: 'A change that the policy held goes on, and by what. On the published Secret.',
  },
  preflight: {
    name: 'PreflightFound',
    description: 'Preflight found something that blocks (Warning). On the journal ConfigMap.',
  },
  degraded: {
    name: 'Degraded',
    description: 'The instance can not be worked on (Warning). On the journal ConfigMap.',
  },
  recovered: { name: 'Recovered', description: 'The instance is worked on again. On the journal ConfigMap.' },
} as const satisfies Readonly<Record<string, Named>>;

/** Fields of log lines, beside pino's own `level`, `time` and `msg`. */
export const LOG_FIELD = {
  event: { name: 'event', description: 'What happened, as a word that programs can match.' },
  instance: { name: 'instance', description: 'The instance.' },
  namespace: { name: 'namespace', description: 'Its namespace.' },
  labels: { name: 'labels', description: 'Its labels.' },
  rotation: { name: 'rotation', description: 'Id of the rotation, where there is one.' },
  traceId: { name: 'trace_id', description: "Id of the rotation's trace, where there is one." },
  changeClass: { name: 'change_class', description: 'What kind of change it is.' },
  step: { name: 'step', description: 'Kind of the step.' },
  subject: { name: 'subject', description: 'The object, workload, pod or source it is about.' },
  result: { name: 'result', description: 'How it ended.' },
  reason: { name: 'reason', description: 'Why it is done.' },
  code: { name: 'code', description: 'Code of a hold, refusal or finding.' },
  next: { name: 'next', description: 'What to do.' },
  error: { name: 'error', description: 'What went wrong.' },
  seconds: { name: 'seconds', description: 'How long it took.' },
  until: { name: 'until', description: 'Until when it waits, or when it is tried again (RFC 3339).' },
} as const satisfies Readonly<Record<string, Named>>;
