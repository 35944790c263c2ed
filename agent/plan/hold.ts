/**
 * Why the first step may not be taken now.
 *
 * **Invariant:** a hold changes no step; it only says who has to act, and what traffic feels meanwhile.
 */
import type { MaterialReading } from '../model/material.ts';
import type { Observation, RolloutState } from '../model/observation.ts';
import type { Hold, Step } from '../model/plan.ts';
import type { Goal } from './actions.ts';
import type { Compatibility } from './compatibility.ts';
import { risks } from './compatibility.ts';
import { leafAfterStart, poolAfterStart, possible, type World } from './world.ts';

const UNTOUCHED = 'What is published stays as it is and traffic goes on.';

/** A source that delivers nothing usable. */
export const materialHold = (reading: MaterialReading | undefined): Hold | undefined => {
  if (reading === undefined || reading.state === 'ready') return undefined;
  switch (reading.state) {
    case 'waiting':
      return {
        code: 'material-waiting',
        what: `${reading.source}: ${reading.why}`,
        effect: UNTOUCHED,
        next: reading.next,
        until: undefined,
      };
    case 'refused':
      return {
        code: 'material-refused',
        what: `${reading.source}: ${reading.refusal.what}`,
        effect: reading.refusal.effect,
        next: reading.refusal.next,
        until: undefined,
      };
    case 'unreachable':
      return {
        code: 'source-unreachable',
        what: `${reading.source}: ${reading.why}`,
        effect: UNTOUCHED,
        next: reading.next,
        until: undefined,
      };
  }
};

/** The first source that delivers nothing, of those that are needed. */
const missingMaterial = ({ settings, clientMaterials, serving }: Observation): Hold | undefined => {
  const needed = settings.state === 'enabled' ? clientMaterials.map(({ reading }) => reading) : [];
  for (const reading of [...needed, serving]) {
    const hold = materialHold(reading);
    if (hold !== undefined) return hold;
  }
  return undefined;
};

const rolloutHold = (
  workload: string,
  rollout: RolloutState,
  evictions: 'never' | 'allowed',
): Hold | undefined => {
  if (rollout.state === 'failed') {
    return {
      code: 'rollout-failed',
      what: `${workload}: ${rollout.what}`,
      effect: rollout.effect,
      next: rollout.next,
      until: undefined,
    };
  }
  if (rollout.state === 'named-state' && evictions === 'never') {
    return {
      code: 'rollout-named-state',
      what: `${workload}: ${rollout.what}`,
      effect: 'Everything is published so that old and new pods both work; the plan rests here.',
      next: rollout.next,
      until: undefined,
    };
  }
  return undefined;
};

const modeHold = (observation: Observation, first: Step): Hold | undefined => {
  const { mode, name } = observation.settings;
  if (mode === 'observe' && first.kind !== 'prove') {
    return {
      code: 'mode-observe',
      what: `Instance ${name} is in mode observe, so nothing is written.`,
      effect: UNTOUCHED,
      next: 'Set mode: manage (or publish) for this instance to have the plan carried out.',
      until: undefined,
    };
  }
  if (mode === 'publish' && first.kind === 'rollout' && first.progress === 'needed') {
    return {
      code: 'mode-publish',
      what: `Instance ${name} is in mode publish: ${first.workload.kind} ${first.workload.name} has to be restarted by you.`,
      effect:
        'What is published suits pods from before and after that restart, so there is no hurry but expiry.',
      next: `Run: kubectl -n ${first.workload.namespace} rollout restart ${first.workload.kind.toLowerCase()}/${first.workload.name}`,
      until: undefined,
    };
  }
  return undefined;
};

const blockingHold = (observation: Observation): Hold | undefined => {
  const blocking = observation.findings.filter((finding) => finding.severity === 'blocking');
  const [first] = blocking;
  if (first === undefined) return undefined;
  const foreign = blocking.find((finding) => finding.code.includes('foreign'));
  return {
    code: foreign === undefined ? 'preflight' : 'foreign-owner',
    what: blocking.map((finding) => `${finding.about}: ${finding.what}`).join(' '),
    effect: first.effect,
    next: blocking.map((finding) => finding.next).join(' '),
    until: undefined,
  };
};

/** The first reason, by weight, why the first step may not be taken. */
export const holdOf = (observation: Observation, steps: readonly Step[]): Hold | undefined => {
  const [first] = steps;
  if (first === undefined || steps.every((step) => step.kind === 'prove')) {
    return missingMaterial(observation);
  }
  if (first.kind === 'prove') return undefined;
  const workloads = [observation.repoServer, ...observation.clients].flatMap((component) => component ?? []);
  for (const { workload, rollout } of workloads) {
    const hold = rolloutHold(
      `${workload.ref.kind} ${workload.ref.name}`,
      rollout,
      observation.settings.evictions,
    );
    if (hold !== undefined) return hold;
  }
  return blockingHold(observation) ?? modeHold(observation, first);
};

/** What stands in the way where no order is safe: the pairs that would not work even at the end. */
export const noSafeOrder = (world: World, goal: Goal, compatibility: Compatibility): Hold => {
  const end: World = {
    published: goal.published,
    server: {
      trust: possible(goal.published.clientCa),
      serving: possible(goal.published.serving),
      rolling: false,
    },
    clients: world.clients.map((client) => ({
      ...client,
      leaf: leafAfterStart(goal.published, client),
      pool: poolAfterStart(goal.published, client),
    })),
  };
  const left = risks(end, compatibility);
  const pairs = (left.length > 0 ? left : risks(world, compatibility)).map((risk) =>
    risk.side === 'client-certificate'
      ? `${risk.client} would show ${risk.right === 'none' ? 'no certificate' : risk.right.slice(0, 12)} to a repo-server that ${risk.left === 'unproven' ? 'was not called yet' : `trusts ${risk.left.slice(0, 12)}`}`
      : `${risk.client} would verify ${risk.right.slice(0, 12)} with ${risk.left.slice(0, 12)}`,
  );
  return {
    code: 'no-safe-order',
    what: `No order of steps keeps every call working: ${[...new Set(pairs)].join('; ')}.`,
    effect: UNTOUCHED,
    next: 'Mend what the findings name (most often a volume that is not mounted); the plan is made anew at once.',
    until: undefined,
  };
};
