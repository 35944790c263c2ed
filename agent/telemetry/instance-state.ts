/**
 * What is known last of one instance, for gauges.
 *
 * **Invariant:** a pure fold over happenings; an instance that is forgotten leaves no series behind.
 */
import type { ExpiryFact, Happening, InstanceName } from '../model/happening.ts';
import type { ProofRecord, RotationRecord } from '../model/journal-record.ts';
import type { Finding, HoldCode, Step } from '../model/plan.ts';
import type { PolicyHold } from '../model/policy.ts';
import type { SidecarHoldCode } from '../model/sidecar-hold.ts';

export interface InstanceState {
  readonly instance: InstanceName;
  readonly expiries: readonly ExpiryFact[];
  readonly rotation: RotationRecord | undefined;
  readonly step: Step['kind'] | undefined;
  readonly held: HoldCode | SidecarHoldCode | undefined;
  /** Where it is the policy that holds. */
  readonly policy: PolicyHold | undefined;
  /** Code of the refusal by source. */
  readonly refused: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
  readonly degraded: boolean;
  readonly proof: ProofRecord | undefined;
  /** Of a sidecar. */
  readonly files: 'written' | 'missing' | undefined;
}

const fresh = (instance: InstanceName): InstanceState => ({
  instance,
  expiries: [],
  rotation: undefined,
  step: undefined,
  held: undefined,
  policy: undefined,
  refused: new Map(),
  findings: [],
  degraded: false,
  proof: undefined,
  files: undefined,
});

export const advance = (before: InstanceState | undefined, happening: Happening): InstanceState => {
  const state = { ...(before ?? fresh(happening.instance)), instance: happening.instance };
  switch (happening.type) {
    case 'observed': {
      const { hold } = happening.plan;
      return {
        ...state,
        expiries: happening.expiries,
        rotation: happening.rotation,
        step: happening.rotation === undefined ? undefined : state.step,
        held: hold?.code,
        policy: hold?.policy,
        refused: hold?.code === 'material-refused' ? state.refused : new Map(),
        findings: happening.plan.findings,
        degraded: false,
      };
    }
    case 'rotation-started':
    case 'rotation-resumed':
      return { ...state, rotation: happening.rotation };
    case 'step-started':
    case 'step-progress':
      return {
        ...state,
        rotation: happening.rotation,
        step: happening.step.kind,
        held: undefined,
        policy: undefined,
      };
    case 'step-ended':
      return { ...state, step: undefined };
    case 'rotation-ended':
      return { ...state, rotation: undefined, step: undefined };
    case 'held':
      return { ...state, held: happening.hold.code, policy: happening.hold.policy, step: undefined };
    case 'refused':
      return { ...state, refused: new Map([...state.refused, [happening.source, happening.refusal.code]]) };
    case 'found':
      return { ...state, findings: happening.findings };
    case 'proof':
      return { ...state, proof: happening.proof };
    case 'pod-looked':
      return {
        ...state,
        files: happening.files,
        held: happening.hold?.code,
        expiries: happening.expiries,
      };
    case 'degraded':
      return { ...state, degraded: true };
    case 'recovered':
      return { ...state, degraded: false };
    default:
      return state;
  }
};

export const PHASES = [
  'idle',
  'keep-previous',
  'publish',
  'wait',
  'rollout',
  'prove',
  'issue',
  'erase-pending',
  'erase-previous',
  'held',
] as const;

export const phaseOf = (state: InstanceState): (typeof PHASES)[number] =>
  state.step ?? (state.held === undefined ? 'idle' : 'held');
