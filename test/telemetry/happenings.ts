/** A rotation as it is told, for every consumer of telemetry to hear. */
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { Happening, InstanceName } from '../../agent/model/happening.ts';
import type { FinishedRotation, RotationRecord } from '../../agent/model/journal-record.ts';
import type { Hold, Plan, Step } from '../../agent/model/plan.ts';
import { CLIENT_COMPONENTS } from '../../agent/model/terms.ts';
import { NO_VIEW } from '../kit/plan/policy-view.ts';

export const instance: InstanceName = {
  name: 'payments',
  namespace: 'argocd-payments',
  mode: 'manage',
  labels: { team: 'payments' },
};

export const fingerprint = (digit: string): Fingerprint => digit.repeat(64) as Fingerprint;

/** What must never be seen anywhere. */
export const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n`;
export const KEY_BODY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

export const NOON = Date.UTC(2026, 0, 1, 12);

export const rotation: RotationRecord = {
  id: 'r1',
  changeClass: 'client-ca',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  rootSpanId: 'b7ad6b7169203331',
  startedAt: NOON,
  detectedAt: NOON - 800,
  source: 'cert-manager Certificate argocd-payments/repo-client',
  from: { leafs: [fingerprint('a')], clientCa: [fingerprint('b')] },
  to: { leafs: [fingerprint('c')], clientCa: [fingerprint('d')] },
  step: undefined,
  restarts: [
    {
      workload: 'Deployment/argocd-repo-server',
      component: 'repo-server',
      fingerprint: 'dd',
      attempt: 1,
      at: NOON,
    },
  ],
  restartsAvoided: 4,
  callsAccepted: 3,
  callsRefused: 2,
  provedAt: undefined,
};

export const finished: FinishedRotation = {
  ...rotation,
  finishedAt: NOON + 60_000,
  result: 'succeeded',
  proof: 'taken',
};

export const publish: Step = {
  kind: 'publish',
  object: { kind: 'Secret', name: 'argocd-repo-server-mtls' },
  changes: [
    {
      role: 'client-leaf',
      to: fingerprint('c'),
      slot: { secret: 'argocd-repo-server-mtls', certificate: 'client.crt', key: 'client.key' },
      components: [...CLIENT_COMPONENTS],
    },
  ],
  reason: 'the leaf was renewed',
};

export const rollout: Step = {
  kind: 'rollout',
  workload: { kind: 'Deployment', namespace: 'argocd-payments', name: 'argocd-repo-server' },
  component: 'repo-server',
  fingerprint: 'dd',
  progress: 'needed',
  notBefore: undefined,
  reason: 'repo-server reads client-ca.crt at start',
};

export const hold: Hold = {
  code: 'restart-budget',
  what: 'The budget is used up.',
  effect: 'Both CAs are trusted.',
  next: 'Wait.',
  until: NOON + 3_600_000,
};

export const plan: Plan = {
  changeClass: 'client-ca',
  steps: [publish, rollout],
  restartsAvoided: [],
  evidence: [],
  findings: [],
  hold: undefined,
  policy: NO_VIEW,
  goal: { clientCa: [fingerprint('d')], leafs: [fingerprint('c')], serverCa: [], serving: undefined },
};

type Without<H> = H extends Happening ? Omit<H, 'instance' | 'at'> : never;
export const told = (happening: Without<Happening>, at: number = NOON): Happening =>
  ({ ...happening, instance, at }) as Happening;

/** One rotation from its detection to its end. */
export const wholeRotation: readonly Happening[] = [
  told({ type: 'rotation-started', rotation, plan, resumed: false }),
  told({ type: 'detected', rotation, changedAt: NOON - 800, source: rotation.source }),
  told(
    { type: 'validated', rotation, startedAt: NOON, fingerprints: [fingerprint('c'), fingerprint('d')] },
    NOON + 5,
  ),
  told({ type: 'step-started', rotation, step: publish }, NOON + 10),
  told(
    { type: 'published', rotation, object: 'Secret/argocd-repo-server-mtls', changedAt: NOON - 800 },
    NOON + 40,
  ),
  told(
    {
      type: 'step-ended',
      rotation,
      step: publish,
      startedAt: NOON + 10,
      notes: [{ at: NOON + 20, text: 'written' }],
      end: { result: 'done' },
    },
    NOON + 50,
  ),
  told({ type: 'step-started', rotation, step: rollout }, NOON + 60),
  told(
    {
      type: 'restart-asked',
      rotation,
      component: 'repo-server',
      workload: 'Deployment/argocd-repo-server',
      reason: 'repo-server reads client-ca.crt at start',
    },
    NOON + 70,
  ),
  told(
    { type: 'step-ended', rotation, step: rollout, startedAt: NOON + 60, notes: [], end: { result: 'done' } },
    NOON + 30_000,
  ),
  told(
    {
      type: 'pod-proved',
      rotation,
      pod: 'repo-server-0',
      startedAt: NOON + 30_100,
      calls: [
        {
          credential: { as: 'nobody' },
          outcome: { result: 'refused', alert: 'certificate-required', detail: 'alert 116' },
          presented: undefined,
          at: NOON + 30_110,
          duration: 5,
        },
        {
          credential: { as: 'leaf', leaf: fingerprint('c') },
          outcome: { result: 'accepted' },
          presented: fingerprint('e'),
          at: NOON + 30_120,
          duration: 5,
        },
      ],
      verdict: 'proven',
    },
    NOON + 30_200,
  ),
  told(
    {
      type: 'proof',
      proof: { at: NOON + 30_200, result: 'proven', pods: 1, detail: '1 accepted, 1 refused' },
    },
    NOON + 30_200,
  ),
  told({ type: 'rotation-ended', rotation: finished }, NOON + 60_000),
];

/** What a sidecar tells. */
export const ofSidecar: readonly Happening[] = [
  told({
    type: 'pod-step',
    rotation,
    pod: 'argocd-repo-server-x',
    component: 'repo-server',
    step: 'write-files',
    reason: 'CAs come in beside those that are there',
    startedAt: NOON + 1_000,
    end: { result: 'done' },
  }),
  told({
    type: 'pod-looked',
    pod: 'argocd-repo-server-x',
    files: 'written',
    hold: { code: 'restart-pending', what: 'w', effect: 'e', next: 'n' },
    expiries: [
      { role: 'serving', subject: '', fingerprint: fingerprint('a'), notAfter: NOON, where: 'source' },
    ],
  }),
];

/** The same keys in every place where text comes from elsewhere. */
export const leaking: readonly Happening[] = [
  told({ type: 'degraded', error: `bad ${PRIVATE_KEY}`, kind: 'broken', retryAt: NOON }),
  told({
    type: 'step-ended',
    rotation,
    step: { ...publish, reason: PRIVATE_KEY },
    startedAt: NOON,
    notes: [{ at: NOON, text: `note ${PRIVATE_KEY}` }],
    end: { result: 'failed', error: `error ${PRIVATE_KEY} ${Buffer.from(PRIVATE_KEY).toString('base64')}` },
  }),
  told({ type: 'held', hold: { ...hold, what: PRIVATE_KEY }, plan }),
  told({
    type: 'refused',
    source: 's',
    refusal: { code: 'unreadable', what: PRIVATE_KEY, effect: PRIVATE_KEY, next: PRIVATE_KEY },
  }),
  told({
    type: 'pod-proved',
    rotation,
    pod: 'p',
    startedAt: NOON,
    calls: [
      {
        credential: { as: 'stranger' },
        outcome: { result: 'unknown', why: PRIVATE_KEY },
        presented: undefined,
        at: NOON,
        duration: 1,
      },
    ],
    verdict: 'unknown',
  }),
  told({ type: 'proof', proof: { at: NOON, result: 'disproven', pods: 1, detail: PRIVATE_KEY } }),
  told({
    type: 'pod-step',
    rotation,
    pod: 'p',
    component: 'server',
    step: 'write-files',
    reason: PRIVATE_KEY,
    startedAt: NOON,
    end: { result: 'failed', error: PRIVATE_KEY },
  }),
  told({
    type: 'pod-looked',
    pod: 'p',
    files: 'missing',
    hold: { code: 'not-written', what: PRIVATE_KEY, effect: PRIVATE_KEY, next: PRIVATE_KEY },
    expiries: [],
  }),
];
