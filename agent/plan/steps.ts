/**
 * From the actions of a path to the steps that people read and the executor carries out.
 *
 * **Invariant:** steps add no decision. What is done and in which order was settled by the search.
 */

import { short } from '../model/fingerprint.ts';
import type { Observation, ObservedClient } from '../model/observation.ts';
import type { FileChange, Step } from '../model/plan.ts';
import { ANNOTATION } from '../model/product.ts';
import type { Component, Instant } from '../model/terms.ts';
import type { Workload } from '../model/workload.ts';
import { type Action, apply } from './actions.ts';
import type { Catalog } from './catalog.ts';
import { changesOf, publishReason, type SecretChange } from './changes.ts';
import { freshMountFrom } from './eras.ts';
import {
  type ClientState,
  differingSlots,
  leafIn,
  type PublishedState,
  poolAtStart,
  type World,
} from './world.ts';

/** What repo-server's next process loads, as one word for its restart annotation. */
const serverFingerprint = (published: PublishedState): string =>
  `${short(published.clientCa)}-${short(published.serving)}`;

/** What a client's next process loads, likewise. */
const clientFingerprint = (published: PublishedState, client: ClientState): string => {
  const leaf = client.places.slot === undefined ? 'none' : leafIn(published, client.places.slot);
  return `${short(poolAtStart(published, client))}-${short(leaf)}`;
};

const publishStep = (
  kind: 'Secret' | 'ConfigMap',
  name: string,
  changes: readonly SecretChange[],
  from: PublishedState,
  catalog: Catalog,
): Step => ({
  kind: 'publish',
  object: { kind, name },
  changes: changes.map(({ change }) => change),
  reason: publishReason(changes, from, catalog),
});

const rollReason = (component: Component, world: World): string => {
  const { published } = world;
  if (component === 'repo-server') {
    const trust = world.server.trust.some((id) => id !== published.clientCa && id !== 'unproven');
    const serving = world.server.serving.some((id) => id !== published.serving);
    const files = [...(trust ? ['client-ca.crt'] : []), ...(serving ? ['tls.crt'] : [])];
    return `reads ${files.join(' and ') || 'its files'} once, at start`;
  }
  const client = world.clients.find((candidate) => candidate.component === component);
  const pool = client?.pool.some((id) => id !== poolAtStart(published, client));
  if (pool) return 'reads server-ca.crt and its path once, at start';
  return client?.reading === 'existence-at-start'
    ? 'looked for client.crt once, at its start, before there was one'
    : 'mounts its certificate by subPath, which the kubelet never refreshes';
};

const workloadOf = (observation: Observation, component: Component): Workload | undefined =>
  component === 'repo-server'
    ? observation.repoServer?.workload
    : observation.clients.find((client: ObservedClient) => client.component === component)?.workload;

const isAsked = (workload: Workload, fingerprint: string, rolling: boolean): boolean =>
  rolling && workload.template.annotations[ANNOTATION.restart]?.split('.')[1] === fingerprint;

const latest = (...instants: readonly (Instant | undefined)[]): Instant | undefined => {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

const lastWritten = (observation: Observation): Instant | undefined => {
  const { history, leafs, pools, mtlsWrittenAt, servingWrittenAt } = observation.published;
  const eras = [
    history.clientCa,
    history.serving,
    history.caPath,
    ...leafs.map((place) => place.history),
    ...pools.map((pool) => pool.history),
  ];
  return latest(mtlsWrittenAt, servingWrittenAt, ...eras.map((each) => each.at(-1)?.since));
};

/** When the last pair was written that running clients may not have been shown yet. */
const pairsWritten = (observation: Observation): Instant | undefined =>
  latest(...observation.published.leafs.map(({ history, writtenAt }) => history.at(-1)?.since ?? writtenAt));

/** Where in a path an action stands: what is last proves the end, and only the first step's moment is known. */
interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const stepsOf = (
  action: Action,
  world: World,
  observation: Observation,
  catalog: Catalog,
  { isFirst, isLast }: Place,
): readonly Step[] => {
  const { names, timing } = observation.settings;
  const next = apply(world, action);
  switch (action.kind) {
    case 'publish-mtls': {
      const changes = changesOf(world.published, next.published, observation, catalog);
      return [...new Set(changes.map(({ secret }) => secret))].map((secret) =>
        publishStep(
          'Secret',
          secret,
          changes.filter((change) => change.secret === secret),
          world.published,
          catalog,
        ),
      );
    }
    case 'publish-serving': {
      const secret = names.servingSecret;
      const change: FileChange = { role: 'serving', to: action.serving };
      return [publishStep('Secret', secret, [{ secret, change }], world.published, catalog)];
    }
    case 'set-paths': {
      const secret = names.paramsConfigMap;
      const change: FileChange = { role: 'ca-path', to: 'set', components: action.verifying };
      return [publishStep('ConfigMap', secret, [{ secret, change }], world.published, catalog)];
    }
    case 'wait': {
      const since = pairsWritten(observation);
      return [
        {
          kind: 'wait',
          until: isFirst && since !== undefined ? since + timing.propagationWait : undefined,
          duration: timing.propagationWait,
          reason:
            'the kubelet shows a changed Secret to running pods with a delay; after it they are presumed to see the new leaf',
        },
      ];
    }
    case 'roll': {
      const workload = workloadOf(observation, action.component);
      const client = world.clients.find(({ component }) => component === action.component);
      if (workload === undefined) return [];
      const fingerprint =
        client === undefined
          ? serverFingerprint(world.published)
          : clientFingerprint(world.published, client);
      const rolling = client === undefined ? world.server.rolling : client.rolling;
      const written = lastWritten(observation);
      return [
        {
          kind: 'rollout',
          workload: workload.ref,
          component: action.component,
          fingerprint,
          progress: isAsked(workload, fingerprint, rolling) ? 'asked' : 'needed',
          notBefore: isFirst && written !== undefined ? freshMountFrom(written, timing) : undefined,
          reason: rollReason(action.component, world),
        },
      ];
    }
    case 'prove':
      return [
        {
          kind: 'prove',
          purpose: isLast ? 'closing' : 'evidence',
          reason: 'what a repo-server process trusts is believed only after real calls to it',
        },
      ];
  }
};

/** Replacing leafs whose CA will be distrusted: they are kept, so that their refusal can be proved. */
const keepPrevious = (
  world: World,
  action: Action,
  goal: PublishedState,
  observation: Observation,
  catalog: Catalog,
): readonly Step[] => {
  if (action.kind !== 'publish-mtls' || goal.clientCa === 'off' || goal.clientCa === 'unknown') return [];
  const kept = new Set(observation.previous?.leafs.map((leaf) => leaf.certificate.fingerprint));
  const replaced = differingSlots(world.published, action.published).flatMap(
    (slot) => catalog.leaf(leafIn(world.published, slot))?.certificate.fingerprint ?? [],
  );
  return [...new Set(replaced)]
    .filter((leaf) => catalog.compatibility.trusts(goal.clientCa, leaf) !== 'yes' && !kept.has(leaf))
    .map((leaf) => ({
      kind: 'keep-previous',
      leaf,
      reason: `the old leaf is kept until the end, to prove that it is refused then`,
    }));
};

/** The steps of a path from this world. */
export const makeSteps = (
  start: World,
  actions: readonly Action[],
  goal: PublishedState,
  observation: Observation,
  catalog: Catalog,
): readonly Step[] => {
  const steps: Step[] = [];
  let world = start;
  for (const [index, action] of actions.entries()) {
    steps.push(...keepPrevious(world, action, goal, observation, catalog));
    const place = { isFirst: index === 0, isLast: index === actions.length - 1 };
    steps.push(...stepsOf(action, world, observation, catalog, place));
    world = apply(world, action);
  }
  return steps;
};
