/**
 * Carries out one step: at most one write to the world, then back to looking.
 *
 * **Invariant:** each branch may be cut off before or after its write; looking again tells what is left to do.
 */
import { RotatorError } from '../model/errors.ts';
import type { JournalRecord, RotationRecord } from '../model/journal-record.ts';
import type { Observation, ObservedComponent } from '../model/observation.ts';
import type { Hold, Step } from '../model/plan.ts';
import type { Duration, Instant } from '../model/terms.ts';
import type { Workload, WorkloadRef } from '../model/workload.ts';
import type { Planned } from '../plan/plan.ts';
import { restartBudget } from '../rollout/budget.ts';
import { nextEviction } from '../rollout/pods.ts';
import { nextAttempt, restartAnnotations, restartIntent } from '../rollout/restart.ts';
import { erasePending, issue } from './issue.ts';
import { countCalls, countRestart, proved } from './journal.ts';
import type { Next } from './next.ts';
import { erasePrevious, keepPrevious, preconditionOf } from './previous.ts';
import { prove } from './prove.ts';
import { publish } from './publish.ts';
import { instanceName, type RotationServices } from './services.ts';

export interface Performed {
  readonly next: Next;
  /** The journal to write, where it changed. */
  readonly journal: JournalRecord | undefined;
  /** What is waited for. */
  readonly waiting?: { readonly text: string; readonly until: Instant | undefined };
  readonly hold?: Hold;
}

/** Between two looks at something that a watch should tell of anyway. */
const POLL: Duration = 2_000;
/** Between two tries to call a pod that didn't answer. */
const DIAL_AGAIN: Duration = 3_000;

const AT_ONCE: Next = { again: 'at-once' };
const after = (delay: Duration): Next => ({ again: 'after', delay: Math.max(0, delay) });

interface Situation {
  readonly services: RotationServices;
  readonly observation: Observation;
  readonly planned: Planned;
  readonly journal: JournalRecord;
  readonly rotation: RotationRecord;
}

const nameOf = (ref: WorkloadRef): string => `${ref.kind}/${ref.name}`;

const observedWorkload = (observation: Observation, ref: WorkloadRef) =>
  [observation.repoServer, ...observation.clients].find(
    (component) => component?.workload.ref.kind === ref.kind && component.workload.ref.name === ref.name,
  );

const exhausted = (workload: string, spent: number, until: Instant | undefined): Hold => ({
  code: 'restart-budget',
  what: `${workload} was restarted ${spent} times within the budget's window.`,
  effect: 'Everything is published so that old and new pods both work; the plan rests here.',
  next: 'Look for what keeps changing the certificates; the plan goes on when the window has passed.',
  until,
});

/** A pod that a strategy keeps, where it may go now: never while another one of its workload is away. */
const evictOne = async (
  { services }: Situation,
  { workload, pods }: ObservedComponent<unknown>,
): Promise<Performed> => {
  const { cluster, clock } = services;
  const askedAt = restartIntent(workload.template.annotations)?.askedAt ?? clock.now();
  const victim = nextEviction(workload, pods, askedAt);
  if (victim !== undefined) await cluster.evict(workload.ref.namespace, victim.name, victim.uid);
  const text =
    victim === undefined
      ? `every pod of ${nameOf(workload.ref)} to be ready before the next eviction`
      : `pod ${victim.name} was evicted`;
  return { next: after(POLL), journal: undefined, waiting: { text, until: undefined } };
};

const ask = async (
  { services, journal, rotation, observation }: Situation,
  step: Extract<Step, { kind: 'rollout' }>,
  workload: Workload,
): Promise<Performed> => {
  const { settings, clock, cluster, reporter } = services;
  const now = clock.now();
  if (step.notBefore !== undefined && step.notBefore > now) {
    return {
      next: after(step.notBefore - now),
      journal: undefined,
      waiting: {
        text: 'new mounts are not presumed to hold what was published before then',
        until: step.notBefore,
      },
    };
  }
  const name = nameOf(step.workload);
  const records = [...journal.history.flatMap((finished) => finished.restarts), ...rotation.restarts];
  const budget = restartBudget(records, name, settings.budget, now);
  if (budget.state === 'exhausted') {
    return {
      next: { again: 'when-woken' },
      journal: undefined,
      hold: exhausted(name, budget.spent, budget.until),
    };
  }
  const attempt = nextAttempt(workload.template.annotations, rotation.id, step.fingerprint);
  const restart = { rotation: rotation.id, fingerprint: step.fingerprint, attempt };
  await cluster.annotateTemplate(step.workload, restartAnnotations(restart, now), preconditionOf(workload));
  reporter.tell({
    type: 'restart-asked',
    instance: instanceName(observation.settings),
    at: now,
    rotation,
    component: step.component,
    workload: name,
    reason: step.reason,
  });
  return {
    next: after(POLL),
    journal: countRestart(journal, {
      workload: name,
      component: step.component,
      fingerprint: step.fingerprint,
      attempt,
      at: now,
    }),
  };
};

const rollOut = async (
  situation: Situation,
  step: Extract<Step, { kind: 'rollout' }>,
): Promise<Performed> => {
  const component = observedWorkload(situation.observation, step.workload);
  if (component === undefined) return { next: after(POLL), journal: undefined };
  const { rollout, workload } = component;
  if (rollout.state === 'named-state') return await evictOne(situation, component);
  if (step.progress === 'asked') {
    const waiting =
      rollout.state === 'progressing'
        ? { text: rollout.what, until: rollout.until }
        : rollout.state === 'settling'
          ? { text: 'all pods are ready; they have to stay so for a while', until: rollout.until }
          : { text: 'the rollout to be observed', until: undefined };
    return { next: after(POLL), journal: undefined, waiting };
  }
  return await ask(situation, step, workload);
};

const proveOnce = async (
  situation: Situation,
  step: Extract<Step, { kind: 'prove' }>,
): Promise<Performed> => {
  const { services, observation, planned, journal, rotation } = situation;
  const taken = await prove(services, observation, planned.catalog, rotation);
  const counted = countCalls(journal, taken.accepted, taken.refused);
  if (step.purpose === 'evidence') {
    return taken.record.result === 'unknown'
      ? {
          next: after(DIAL_AGAIN),
          journal: counted,
          waiting: { text: `a conclusive answer: ${taken.record.detail}`, until: undefined },
        }
      : { next: AT_ONCE, journal: counted };
  }
  if (taken.record.result === 'proven')
    return { next: AT_ONCE, journal: proved(counted, taken.record, 'closing') };
  const since = rotation.step?.startedAt ?? services.clock.now();
  const tooLong = services.clock.now() - since > services.settings.timing.rolloutDeadline;
  return tooLong
    ? { next: AT_ONCE, journal: proved(counted, taken.record, 'closing') }
    : {
        next: after(DIAL_AGAIN),
        journal: proved(counted, taken.record, 'between'),
        waiting: {
          text: `the closing proof: ${taken.record.detail}`,
          until: since + services.settings.timing.rolloutDeadline,
        },
      };
};

/** Takes the step. */
export const perform = async (situation: Situation, step: Step): Promise<Performed> => {
  const { services, observation, planned, rotation } = situation;
  const { settings, cluster, clock, reporter } = services;
  switch (step.kind) {
    case 'publish': {
      const publication = await publish(cluster, observation, planned.catalog, step, rotation, clock.now());
      reporter.tell({
        type: 'published',
        instance: instanceName(settings),
        at: clock.now(),
        rotation,
        object: publication.object,
        changedAt: rotation.detectedAt,
      });
      return { next: AT_ONCE, journal: undefined };
    }
    case 'wait': {
      const now = clock.now();
      const until = step.until ?? now + step.duration;
      return {
        next: after(until - now),
        journal: undefined,
        waiting: { text: 'running clients to see the new leaf', until },
      };
    }
    case 'rollout':
      return await rollOut(situation, step);
    case 'prove':
      return await proveOnce(situation, step);
    case 'keep-previous': {
      const leaf = planned.catalog.leaf(step.leaf);
      if (leaf === undefined) {
        throw new RotatorError('broken', {
          what: `The plan keeps leaf ${step.leaf}, which was not observed.`,
          effect: 'Nothing was written.',
          next: 'Report this; the next look makes a new plan.',
        });
      }
      const { clientCa } = observation.published;
      const anchors = clientCa.state === 'present' ? clientCa.value : [];
      await keepPrevious(cluster, settings, leaf, anchors, observation.stored.previous, clock.now());
      return { next: AT_ONCE, journal: undefined };
    }
    case 'erase-previous':
      await erasePrevious(cluster, settings, observation.stored.previous);
      return { next: AT_ONCE, journal: undefined };
    case 'issue':
      return {
        next: await issue(services, observation, step),
        journal: undefined,
        waiting: { text: `${step.source} to hold a new leaf`, until: undefined },
      };
    case 'erase-pending':
      await erasePending(services, step.secret);
      return { next: AT_ONCE, journal: undefined };
  }
};
