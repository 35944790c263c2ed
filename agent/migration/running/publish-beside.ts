/**
 * Fills the new Secrets while nobody mounts them, so that workloads can be moved to them one by one.
 *
 * **Invariant:** a Secret that any template or living pod opens is left to the engine's plan; and no workload is to be moved before every running
 * repo-server accepted the leaf that it will then show.
 */

import { RotatorError } from '../../model/errors.ts';
import { short } from '../../model/fingerprint.ts';
import type { Observation } from '../../model/observation.ts';
import type { Step } from '../../model/plan.ts';
import type { Instant } from '../../model/terms.ts';
import { changesOf } from '../../plan/changes.ts';
import { freshMountFrom } from '../../plan/eras.ts';
import { planWithCatalog } from '../../plan/plan.ts';
import { publishedState } from '../../plan/published-state.ts';
import { target } from '../../plan/target.ts';
import { newRotation } from '../../rotation/new-rotation.ts';
import { prove } from '../../rotation/prove.ts';
import { publish } from '../../rotation/publish.ts';
import type { RotationServices } from '../../rotation/services.ts';
import { answerTo, mtlsNow } from './asked-for.ts';
import { openers } from './opened.ts';
import { lookAtInstance } from './sight.ts';
import type { WaitedFor } from './wait.ts';

/** When the last of what is published was written. */
const lastWritten = ({ published }: Observation): Instant => {
  const { history, leafs, pools } = published;
  const eras = [history.clientCa, history.serving, ...[...leafs, ...pools].map((each) => each.history)];
  return Math.max(0, ...eras.map((each) => each.at(-1)?.since ?? 0));
};

/** From when on a pod that starts is presumed to find what was published: before, an optional volume may still be empty. */
export const mountableFrom = async (services: RotationServices): Promise<Instant> => {
  const { observation } = await lookAtInstance(services);
  return freshMountFrom(lastWritten(observation), services.settings.timing);
};

type Publish = Extract<Step, { kind: 'publish' }>;

const REASON = 'nobody mounts it yet: workloads can be moved to it one by one';

/** A look with what the repo-servers answered. */
const look = async (services: RotationServices) => {
  const before = await lookAtInstance(services);
  await prove(services, before.observation, before.catalog, undefined);
  return await lookAtInstance(services);
};

const stepsFor = (observation: Observation, mtls: 'on' | 'off'): readonly Publish[] => {
  const { names } = observation.settings;
  const { catalog } = planWithCatalog(observation);
  const now = publishedState(observation);
  const wanted = target(observation, catalog);
  // Where repo-server asks for nothing yet, its trust comes later, when every client has a leaf: the engine's plan sees to it.
  const to = {
    ...now,
    leafs: wanted.leafs,
    serverCas: wanted.serverCas,
    ...(mtls === 'on' && { clientCa: wanted.clientCa }),
  };
  const changes = changesOf(now, to, observation, catalog);
  const files = [...new Set(changes.map(({ secret }) => secret))].map(
    (name): Publish => ({
      kind: 'publish',
      object: { kind: 'Secret', name },
      changes: changes.filter(({ secret }) => secret === name).map(({ change }) => change),
      reason: REASON,
    }),
  );
  const { serving } = wanted;
  const servable = observation.serving?.state === 'ready' && serving !== now.serving;
  if (!servable || serving === 'self-signed' || serving === 'unknown') return files;
  return [
    ...files,
    {
      kind: 'publish',
      object: { kind: 'Secret', name: names.servingSecret },
      changes: [{ role: 'serving', to: serving }],
      reason: REASON,
    },
  ];
};

const notAccepted = (leaf: string): RotatorError =>
  new RotatorError('refused', {
    what: `The repo-servers that run refuse the new leaf ${short(leaf)}, although it is issued below the root that is kept.`,
    effect:
      'Nothing that anybody mounts was changed, traffic goes on; a client that was moved now would be cut off.',
    next: 'They trust other CAs than the root: add the root to the CA file that repo-server mounts today, restart repo-server, and run this again.',
  });

/** The leafs of all clients against every running repo-server; `undefined`: each was accepted. */
const leafsAccepted = (observation: Observation): WaitedFor | undefined => {
  for (const { reading } of observation.clientMaterials) {
    if (reading.state !== 'ready')
      return {
        what: `${reading.source} to hold a certificate`,
        next: reading.state === 'refused' ? reading.refusal.next : reading.next,
      };
    const leaf = reading.material.leaf.certificate.fingerprint;
    const answer = answerTo(observation, leaf);
    if (answer === 'refused') throw notAccepted(leaf);
    if (answer === 'unknown')
      return {
        what: `every repo-server pod to accept the new leaf ${short(leaf)}`,
        next: 'Nothing while pods come and go. Where a mesh answers for them, let calls through (docs/mesh.md).',
      };
  }
  return undefined;
};

const isReady = ({ clientMaterials, serving }: Observation): boolean =>
  clientMaterials.every(({ reading }) => reading.state === 'ready') &&
  (serving === undefined || serving.state === 'ready');

/** What is waited for; `undefined`: it is published, and accepted. @throws ApiError, RotatorError */
export const publishBeside = async (services: RotationServices): Promise<WaitedFor | undefined> => {
  const { observation, view } = await look(services);
  const mtls = mtlsNow(observation);
  if (mtls === 'unknown')
    return {
      what: 'calls to every repo-server pod that show whether it asks for certificates',
      next: 'The pods have to be reachable from here. Where a mesh answers for them, let calls through (docs/mesh.md).',
    };
  // All of it or nothing: a pair without its CA would leave those who move to it without either.
  for (const step of isReady(observation) ? stepsFor(observation, mtls) : []) {
    if (openers(view, [step.object.name]).length > 0) continue;
    const { plan, catalog } = planWithCatalog(observation);
    const { cluster, clock, random, reporter, settings } = services;
    const rotation = newRotation(observation, plan, random, clock.now());
    const { object } = await publish(cluster, observation, catalog, step, rotation, clock.now());
    const { name, namespace, mode, labels } = settings;
    reporter.tell({
      type: 'published',
      instance: { name, namespace, mode, labels },
      at: clock.now(),
      rotation,
      object,
      changedAt: undefined,
    });
  }
  return leafsAccepted(observation);
};
