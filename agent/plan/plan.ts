/**
 * `plan(observation) → Plan`: the smallest safe way from how it is to how it shall be.
 *
 * Pure: no promise, no clock, no logger. The `plan` command prints this value, the executor takes its first step and asks again.
 */

import type { Fingerprint } from '../model/fingerprint.ts';
import type { MaterialReading } from '../model/material.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { SourceRole } from '../model/source-role.ts';
import { type Catalog, makeCatalog } from './catalog.ts';
import { classify } from './classify.ts';
import { evidenceOf, restartsAvoided } from './evidence.ts';
import { holdOf, noSafeOrder } from './hold.ts';
import { inferWorld } from './infer.ts';
import { policyOf } from './policy-hold.ts';
import { search } from './search.ts';
import { makeSteps } from './steps.ts';
import { makeCandidates, makeGoal } from './target.ts';
import type { World } from './world.ts';

/** CAs that are trusted everywhere, but under which no leaf was issued yet. */
const reissueSteps = ({ clientMaterials, settings }: Observation): readonly Step[] => {
  if (settings.state === 'disabled') return [];
  return clientMaterials.flatMap(({ role, reading, canReissue }): readonly Step[] =>
    reading.state !== 'ready' || canReissue === 'no' || reading.material.upcomingAnchors.length === 0
      ? []
      : [
          {
            kind: 'issue',
            role,
            source: reading.material.source,
            reason:
              'the issuer has a new CA, which every repo-server trusts by now, but the leaf is still under the old one',
          },
        ],
  );
};

const readings = ({
  clientMaterials,
  serving,
  settings,
}: Observation): readonly { readonly role: SourceRole; readonly reading: MaterialReading }[] => [
  ...(settings.state === 'enabled' ? clientMaterials : []),
  ...(serving === undefined ? [] : [{ role: 'serving', reading: serving } as const]),
];

/** Sources that issue by themselves and find that it is time. Asking puts nobody at risk: what comes is judged like anything else. */
const dueSteps = (observation: Observation): readonly Step[] =>
  readings(observation).flatMap(({ role, reading }): readonly Step[] =>
    (reading.state === 'ready' || reading.state === 'waiting') && reading.due !== undefined
      ? [
          {
            kind: 'issue',
            role,
            source: reading.state === 'ready' ? reading.material.source : reading.source,
            reason: reading.due.why,
          },
        ]
      : [],
  );

/** Pairs that were kept only until they were published. */
const pendingSteps = (observation: Observation): readonly Step[] =>
  readings(observation).flatMap(({ reading }): readonly Step[] =>
    reading.state === 'ready' && reading.pendingSecret !== undefined
      ? [
          {
            kind: 'erase-pending',
            secret: reading.pendingSecret,
            reason: 'it is published, and needs no other place',
          },
        ]
      : [],
  );

/** What ends a rotation: the proof, and the end of the kept leaf. */
const closingSteps = (observation: Observation): readonly Step[] => {
  const { rotation, previous } = observation;
  const pending = pendingSteps(observation);
  // A source that says nothing now may be about to change the goal: the rotation stays open.
  if (readings(observation).some(({ reading }) => reading.state !== 'ready')) return pending;
  const erase: readonly Step[] =
    previous === undefined
      ? []
      : [{ kind: 'erase-previous', reason: 'its refusal was proved, or can no longer be' }];
  if (rotation === undefined || rotation.provedAt !== undefined) return [...pending, ...erase];
  return [
    ...pending,
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

const unique = (ids: readonly Fingerprint[]): readonly Fingerprint[] => [...new Set(ids)];

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
  const open = path === undefined ? [] : way.length > 0 ? way : reissueSteps(observation);
  const steps = [
    ...overdue(observation),
    // Before a change begins, everything that is due is asked for: what comes of it is changed together. One under way goes first.
    ...(observation.rotation === undefined || open.every((step) => step.kind === 'prove')
      ? dueSteps(observation)
      : []),
    ...open,
    ...(open.length > 0 || path === undefined ? [] : closingSteps(observation)),
  ];
  const policy = policyOf(observation, world, goal, catalog, steps);
  const plan: Plan = {
    changeClass,
    steps,
    restartsAvoided: restartsAvoided(changeClass, world, steps),
    evidence: evidenceOf(observation, world, catalog),
    findings: observation.findings,
    hold:
      path === undefined && !steps.some((step) => step.kind === 'issue')
        ? noSafeOrder(world, goal, catalog.compatibility)
        : (holdOf(observation, steps) ?? policy.hold),
    policy: policy.view,
    goal: {
      clientCa: membersOf(goal.published.clientCa, catalog),
      leafs: unique(Object.values(goal.published.leafs).flatMap((id) => leafOf(id) ?? [])),
      serverCa: unique(
        Object.values(goal.published.serverCas).flatMap((bundle) => membersOf(bundle, catalog)),
      ),
      serving: leafOf(goal.published.serving),
    },
  };
  return { plan, catalog, world };
};

export const plan = (observation: Observation): Plan => planWithCatalog(observation).plan;
