/**
 * `plan(observation) → Plan`: the smallest safe way from how it is to how it shall be.
 *
 * Pure: no promise, no clock, no logger. The `plan` command prints this value, the executor takes its first step and asks again.
 */

import type { Fingerprint } from '../model/fingerprint.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan, Step } from '../model/plan.ts';
import { type Catalog, makeCatalog } from './catalog.ts';
import { classify } from './classify.ts';
import { evidenceOf, restartsAvoided } from './evidence.ts';
import { holdOf, noSafeOrder } from './hold.ts';
import { inferWorld } from './infer.ts';
import { search } from './search.ts';
import { makeSteps } from './steps.ts';
import { makeCandidates, makeGoal } from './target.ts';
import type { World } from './world.ts';

/** A CA that is trusted everywhere, but under which no leaf was issued yet. */
const reissueStep = (observation: Observation): readonly Step[] => {
  const { client, settings } = observation;
  const spec = settings.clients.default;
  if (spec.type !== 'certManager' || spec.reissue === 'never') return [];
  if (settings.state === 'disabled' || client.state !== 'ready') return [];
  if (client.material.upcomingAnchors.length === 0) return [];
  return [
    {
      kind: 'reissue',
      certificate: spec.certificate,
      reason:
        'the issuer has a new CA, which every repo-server trusts by now, but the leaf is still under the old one',
    },
  ];
};

/** What ends a rotation: the proof, and the end of the kept leaf. */
const closingSteps = (observation: Observation): readonly Step[] => {
  const { rotation, previous, client, serving } = observation;
  // A source that says nothing now may be about to change the goal: the rotation stays open.
  const needed = [
    ...(observation.settings.state === 'enabled' ? [client] : []),
    ...(serving === undefined ? [] : [serving]),
  ];
  if (needed.some((reading) => reading.state !== 'ready')) return [];
  const erase: readonly Step[] =
    previous === undefined
      ? []
      : [{ kind: 'erase-previous', reason: 'its refusal was proved, or can no longer be' }];
  if (rotation === undefined || rotation.provedAt !== undefined) return erase;
  return [
    {
      kind: 'prove',
      purpose: 'closing',
      reason: 'a rotation ends with a proof: each leaf called with, strangers refused',
    },
    ...erase,
  ];
};

const overdue = (observation: Observation): readonly Step[] => {
  const { previous, settings, at } = observation;
  if (previous === undefined || at < previous.keptAt + settings.timing.previousLeafMaximum) return [];
  return [{ kind: 'erase-previous', reason: 'it was kept for as long as the configuration allows' }];
};

const membersOf = (id: string, catalog: Catalog): readonly Fingerprint[] => catalog.members(id) ?? [];

const leafOf = (id: string): Fingerprint | undefined =>
  id === 'none' || id === 'unknown' || id === 'self-signed' ? undefined : (id as Fingerprint);

/** Everything that a plan was made from, for the executor, which has to turn fingerprints back into certificates. */
export interface Planned {
  readonly plan: Plan;
  readonly catalog: Catalog;
  readonly world: World;
}

export const planWithCatalog = (observation: Observation): Planned => {
  const catalog = makeCatalog(observation);
  const world = inferWorld(observation, catalog);
  const goal = makeGoal(observation, catalog);
  const changeClass = classify(world, goal, catalog);
  const path = search(world, goal, makeCandidates(observation, goal, catalog), catalog.compatibility);
  const way = path === undefined ? [] : makeSteps(world, path.actions, goal.published, observation, catalog);
  const open = path === undefined ? [] : way.length > 0 ? way : reissueStep(observation);
  const steps = [
    ...overdue(observation),
    ...open,
    ...(open.length > 0 || path === undefined ? [] : closingSteps(observation)),
  ];
  const plan: Plan = {
    changeClass,
    steps,
    restartsAvoided: restartsAvoided(changeClass, world, steps),
    evidence: evidenceOf(observation, world, catalog),
    findings: observation.findings,
    hold: path === undefined ? noSafeOrder(world, goal, catalog.compatibility) : holdOf(observation, steps),
    goal: {
      clientCa: membersOf(goal.published.clientCa, catalog),
      leaf: leafOf(goal.published.leaf),
      serverCa: membersOf(goal.published.serverCa, catalog),
      serving: leafOf(goal.published.serving),
    },
  };
  return { plan, catalog, world };
};

export const plan = (observation: Observation): Plan => planWithCatalog(observation).plan;
