/**
 * Kubernetes Events, so that `kubectl describe` tells what was done and what is waited for.
 *
 * **Invariant:** the same Event is emitted at most once in ten minutes, and an Event that can't be emitted changes nothing.
 */
import type { Happening } from '../model/happening.ts';
import { ANNOTATION } from '../model/product.ts';
import type { Duration, Instant } from '../model/terms.ts';
import type { Cluster, KubernetesEvent, Reporter } from '../ports.ts';
import { describeAdmission, describeEnd, describeHold, isExpected, subjectOf } from './describe.ts';
import { expand } from './expand.ts';
import { REASON } from './names.ts';
import { scrub } from './scrub.ts';

const QUIET: Duration = 10 * 60_000;
/** Keys remembered at most; the oldest go first. */
const REMEMBERED = 1000;

/** Names of an instance's objects, for what an Event is about. */
export interface EventTargets {
  readonly mtlsSecret: string;
  readonly journalConfigMap: string;
}

export interface EventOptions {
  readonly cluster: Pick<Cluster, 'emitEvent'>;
  /** `undefined`: the instance is not configured any more; nothing is emitted for it. */
  readonly targetsOf: (instance: string) => EventTargets | undefined;
  readonly onTrouble: (error: unknown) => void;
}

type Regarding = KubernetesEvent['regarding'];

interface Draft {
  readonly reason: string;
  readonly type: KubernetesEvent['type'];
  readonly regarding: Regarding;
  readonly note: string;
  /** What makes it the same Event, where the note holds something that changes all the time. */
  readonly sameness?: string;
}

export const createEventReporter = (options: EventOptions): Reporter => {
  const last = new Map<string, Instant>();
  const underway = new Set<Promise<void>>();

  const isRepeated = (key: string, at: Instant): boolean => {
    const before = last.get(key);
    if (before !== undefined && at - before < QUIET) return true;
    last.delete(key);
    last.set(key, at);
    const [oldest] = last.keys();
    if (last.size > REMEMBERED && oldest !== undefined) last.delete(oldest);
    return false;
  };

  const emit = async (event: KubernetesEvent): Promise<void> => {
    try {
      await options.cluster.emitEvent(event);
    } catch (error) {
      options.onTrouble(error);
    }
  };

  return {
    tell: (happening) => {
      const { instance, at } = happening;
      const targets = options.targetsOf(instance.name);
      if (targets === undefined) return;
      for (const draft of expand(happening).flatMap((one) => draftsOf(one, targets))) {
        const { regarding, reason, sameness, note } = draft;
        const key = [instance.name, reason, regarding.kind, regarding.name, sameness ?? note].join('\n');
        if (isRepeated(key, at)) continue;
        const emission = emit({
          namespace: instance.namespace,
          regarding,
          type: draft.type,
          reason,
          action: reason,
          note: scrub(note),
          annotations: annotationsOf(happening),
          at,
        }).finally(() => underway.delete(emission));
        underway.add(emission);
      }
    },
    flush: async () => {
      await Promise.all(underway);
    },
  };
};

const annotationsOf = (happening: Happening): Readonly<Record<string, string>> =>
  'rotation' in happening && happening.rotation !== undefined
    ? { [ANNOTATION.traceId]: happening.rotation.traceId, [ANNOTATION.rotation]: happening.rotation.id }
    : {};

const API_VERSION: Readonly<Record<string, string>> = { Deployment: 'apps/v1', StatefulSet: 'apps/v1' };

/** `Secret/x`, `Secret x`, `Deployment argocd/x` or `x`. */
const objectFrom = (text: string, kindOtherwise: string): Regarding => {
  const parts = /^(?:(Secret|ConfigMap|Deployment|StatefulSet|Pod)[ /])?(?:[^/]*\/)?([^/]+)$/.exec(text);
  const kind = parts?.[1] ?? kindOtherwise;
  return { apiVersion: API_VERSION[kind] ?? 'v1', kind, name: parts?.[2] ?? text };
};

const draftsOf = (happening: Happening, targets: EventTargets): readonly Draft[] => {
  const secret: Regarding = { apiVersion: 'v1', kind: 'Secret', name: targets.mtlsSecret };
  const journal: Regarding = { apiVersion: 'v1', kind: 'ConfigMap', name: targets.journalConfigMap };
  const one = (
    { name: reason }: { readonly name: string },
    type: Draft['type'],
    regarding: Regarding,
    note: string,
    sameness?: string,
  ): readonly Draft[] => [{ reason, type, regarding, note, ...(sameness === undefined ? {} : { sameness }) }];
  switch (happening.type) {
    case 'rotation-started':
      return one(
        REASON.rotationStarted,
        'Normal',
        journal,
        `Rotation ${happening.rotation.id}: ${happening.rotation.changeClass} from ${happening.rotation.source}, ${happening.plan.steps.length} steps; let through ${describeAdmission(happening.rotation)}.`,
      );
    case 'rotation-resumed':
      return one(
        REASON.rotationResumed,
        'Normal',
        journal,
        `Rotation ${happening.rotation.id} (${happening.rotation.changeClass}) goes on in another process.`,
      );
    case 'rotation-ended':
      return one(
        REASON.rotationEnded,
        'Normal',
        secret,
        `Rotation ${happening.rotation.id}: ${describeEnd(happening.rotation)}.`,
      );
    case 'published':
      return one(
        REASON.published,
        'Normal',
        objectFrom(happening.object, 'Secret'),
        `Written by rotation ${happening.rotation.id} (${happening.rotation.changeClass}).`,
        // Each write of one rotation is told.
        `${happening.rotation.id} ${happening.at}`,
      );
    case 'restart-asked':
      return one(
        REASON.restartAsked,
        'Normal',
        objectFrom(happening.workload, 'Deployment'),
        `${happening.reason} (rotation ${happening.rotation.id})`,
        `${happening.rotation.id} ${happening.at}`,
      );
    case 'step-ended':
      return happening.end.result === 'failed'
        ? one(
            REASON.stepFailed,
            'Warning',
            journal,
            `${happening.step.kind} ${subjectOf(happening.step)}: ${happening.end.error}`,
          )
        : [];
    case 'proof':
      return happening.proof.result === 'disproven'
        ? one(REASON.proofFailed, 'Warning', secret, happening.proof.detail)
        : [];
    case 'refused':
      return one(
        REASON.materialRefused,
        'Warning',
        secret,
        `${happening.source}: ${happening.refusal.what} ${happening.refusal.effect} ${happening.refusal.next}`,
      );
    case 'held': {
      const { hold } = happening;
      const wanted = isExpected(hold);
      return one(
        hold.code === 'material-refused' ? REASON.materialRefused : REASON.held,
        wanted ? 'Normal' : 'Warning',
        secret,
        describeHold(hold),
        `${hold.code} ${hold.what}`,
      );
    }
    case 'policy-opened':
      return one(
        REASON.policyOpened,
        'Normal',
        secret,
        `Rotation ${happening.rotation.id} (${happening.rotation.changeClass}) goes on ${describeAdmission(happening.rotation)}. It was held since ${new Date(happening.since).toISOString()}: ${happening.hold.what}`,
      );
    case 'found':
      return happening.findings
        .filter((finding) => finding.severity === 'blocking')
        .flatMap((finding) =>
          one(
            REASON.preflight,
            'Warning',
            journal,
            `${finding.about}: ${finding.what} ${finding.effect} ${finding.next}`,
          ),
        );
    case 'degraded':
      return one(REASON.degraded, 'Warning', journal, happening.error);
    case 'recovered':
      return one(REASON.recovered, 'Normal', journal, 'The instance is worked on again.');
    default:
      return [];
  }
};
