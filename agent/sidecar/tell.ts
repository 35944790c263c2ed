/**
 * What a sidecar does as happenings: one reporter turns them into spans, metrics and log lines, as for the agent.
 *
 * **Invariant:** fingerprints, names and sentences only; a reporter never throws.
 */
import type { Certificate } from '../model/certificate.ts';
import type { ExpiryFact, InstanceName, PodStep } from '../model/happening.ts';
import type { SidecarSettings } from '../model/sidecar-settings.ts';
import type { Reporter } from '../ports.ts';
import { isMove } from './decision/situation.ts';
import type { Observed } from './observe.ts';
import type { SidecarListener, Turned } from './sidecar.ts';

const STEP = {
  write: 'write-files',
  tell: 'tell',
  'take-turn': 'take-turn',
  'give-turn-back': 'give-turn-back',
  evict: 'evict',
} as const satisfies Readonly<Record<string, PodStep>>;

const fact = (
  role: ExpiryFact['role'],
  where: ExpiryFact['where'],
  { subject, fingerprint, notAfter }: Certificate,
): ExpiryFact => ({ role, subject, fingerprint, notAfter, where });

const expiriesIn = (observed: Observed, component: SidecarSettings['component']): readonly ExpiryFact[] => {
  const [leafRole, trustRole] =
    component === 'repo-server'
      ? (['serving', 'client-ca'] as const)
      : (['client-leaf', 'server-ca'] as const);
  const { material, outputs } = observed;
  return [
    ...outputs.flatMap(({ written }) => [
      ...(written?.leaf === undefined ? [] : [fact(leafRole, 'published', written.leaf.certificate)]),
      ...(written?.trust ?? []).map((ca) => fact(trustRole, 'published', ca)),
    ]),
    ...(material.leaf?.state === 'ready'
      ? [fact(leafRole, 'source', material.leaf.value.leaf.certificate)]
      : []),
    ...(material.trust?.state === 'ready'
      ? material.trust.value.map((ca) => fact(trustRole, 'source', ca))
      : []),
  ];
};

const stepOf = (
  { action, result, error, startedAt, at, rotation }: Turned,
  pod: string,
  component: SidecarSettings['component'],
) => {
  // What is held is told by the look itself, and what was lost or noted is done in the next turn.
  if (action === undefined || !isMove(action) || (result !== 'done' && result !== 'failed')) return [];
  return [
    {
      type: 'pod-step' as const,
      rotation,
      pod,
      component,
      step: STEP[action.kind],
      reason: action.why,
      startedAt,
      at,
      end:
        result === 'failed' ? { result: 'failed' as const, error: error ?? '' } : { result: 'done' as const },
    },
  ];
};

export const tellingOf = (
  { instance: name, labels, component, restart }: SidecarSettings,
  place: { readonly namespace: string; readonly pod: string },
  reporter: Reporter,
  filesOf: () => 'written' | 'missing',
): SidecarListener => {
  const instance: InstanceName = {
    name,
    namespace: place.namespace,
    mode: restart === 'evict' ? 'manage' : 'publish',
    labels,
  };
  const { pod } = place;
  /** A failure that lasts is one span, not one for each try. */
  let failing: string | undefined;
  return {
    onTurn: (turned) => {
      const repeats = turned.error !== undefined && turned.error === failing;
      failing = turned.error;
      for (const step of repeats ? [] : stepOf(turned, pod, component)) reporter.tell({ instance, ...step });
      if (turned.result === 'noted') return;
      reporter.tell({
        type: 'pod-looked',
        instance,
        at: turned.at,
        pod,
        files: filesOf(),
        hold: turned.hold,
        expiries: turned.observed === undefined ? [] : expiriesIn(turned.observed, component),
      });
    },
    onBegun: (rotation, { material }) => {
      const at = rotation.startedAt;
      reporter.tell({
        type: 'detected',
        instance,
        at,
        rotation,
        changedAt: rotation.detectedAt,
        source: material.source,
      });
      reporter.tell({
        type: 'validated',
        instance,
        at,
        rotation,
        startedAt: at,
        fingerprints: [...rotation.to.leafs, ...rotation.to.clientCa],
      });
    },
    onEnded: async (rotation) => {
      reporter.tell({ type: 'rotation-ended', instance, at: rotation.finishedAt, rotation });
      await reporter.flush();
    },
  };
};
