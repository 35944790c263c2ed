/**
 * From the actions of a path to the steps that people read and the executor carries out.
 *
 * **Invariant:** steps add no decision. What is done and in which order was settled by the search.
 */

import { desiredSlot } from '../layout/places.ts';
import { short } from '../model/fingerprint.ts';
import type { Observation, ObservedClient } from '../model/observation.ts';
import type { FileChange, Step } from '../model/plan.ts';
import { ANNOTATION } from '../model/product.ts';
import { type Slot, slotId } from '../model/slot.ts';
import type { ClientComponent, Component, Instant } from '../model/terms.ts';
import { CLIENT_COMPONENTS } from '../model/terms.ts';
import type { Workload } from '../model/workload.ts';
import { type Action, apply } from './actions.ts';
import type { Catalog } from './catalog.ts';
import { freshMountFrom } from './eras.ts';
import { readersOf } from './target.ts';
import {
  type ClientState,
  differingPools,
  differingSlots,
  leafIn,
  type PublishedState,
  poolAtStart,
  serverCaIn,
  type World,
} from './world.ts';

const named = (ids: readonly string[]): string => ids.map(short).join(', ');

/** What repo-server's next process loads, as one word for its restart annotation. */
const serverFingerprint = (published: PublishedState): string =>
  `${short(published.clientCa)}-${short(published.serving)}`;

/** What a client's next process loads, likewise. */
const clientFingerprint = (published: PublishedState, client: ClientState): string => {
  const leaf = client.places.slot === undefined ? 'none' : leafIn(published, client.places.slot);
  return `${short(poolAtStart(published, client))}-${short(leaf)}`;
};

/** Clients that read a place, or shall by the layout. */
const concerned = (observation: Observation, slot: Slot): readonly ClientComponent[] => {
  const id = slotId(slot);
  const readers = readersOf(observation, id);
  return CLIENT_COMPONENTS.filter(
    (component) => readers.includes(component) || slotId(desiredSlot(component, observation.settings)) === id,
  );
};

const leafChanges = (
  from: PublishedState,
  to: PublishedState,
  observation: Observation,
): readonly FileChange[] => {
  const changed = differingSlots(from, to);
  return observation.published.leafs.flatMap(({ slot }): readonly FileChange[] => {
    const leaf = leafIn(to, slotId(slot));
    if (!changed.includes(slotId(slot)) || leaf === 'unknown') return [];
    const components = concerned(observation, slot);
    return [{ role: 'client-leaf', to: leaf === 'none' ? 'absent' : leaf, slot, components }];
  });
};

interface SecretChange {
  readonly secret: string;
  readonly change: FileChange;
}

/** Every file that a publish changes, with the Secret that it lies in; the mtls Secret's come first. */
const changesOf = (
  from: PublishedState,
  to: PublishedState,
  observation: Observation,
  catalog: Catalog,
): readonly SecretChange[] => {
  const { mtlsSecret } = observation.settings.names;
  const changes: SecretChange[] = [];
  if (from.clientCa !== to.clientCa && to.clientCa !== 'unknown') {
    const change: FileChange =
      to.clientCa === 'off'
        ? { role: 'client-ca', to: 'absent', anchors: [] }
        : { role: 'client-ca', to: to.clientCa, anchors: catalog.members(to.clientCa) ?? [] };
    changes.push({ secret: mtlsSecret, change });
  }
  for (const change of leafChanges(from, to, observation)) {
    if (change.role === 'client-leaf') changes.push({ secret: change.slot.secret, change });
  }
  for (const secret of differingPools(from, to)) {
    const bundle = serverCaIn(to, secret);
    if (bundle === 'unknown') continue;
    const anchors = bundle === 'absent' ? [] : (catalog.members(bundle) ?? []);
    changes.push({ secret, change: { role: 'server-ca', to: bundle, anchors } });
  }
  return changes.toSorted((a, b) => Number(b.secret === mtlsSecret) - Number(a.secret === mtlsSecret));
};

/** Whom a pair is for, where not for all. */
const whose = (components: readonly ClientComponent[]): string =>
  components.length === 0 || components.length === CLIENT_COMPONENTS.length
    ? 'clients'
    : components.join(' and ');

const leafReason = (change: Extract<FileChange, { role: 'client-leaf' }>, from: PublishedState): string => {
  const who = whose(change.components);
  if (change.to === 'absent')
    return change.components.length === 0
      ? `no workload reads ${change.slot.certificate} there any more`
      : 'nobody asks for the client certificate any more';
  return leafIn(from, slotId(change.slot)) === 'none'
    ? `${who} shall have their certificate ${short(change.to)} before anybody asks for it`
    : `${who} shall show ${short(change.to)}; every repo-server lets it in already`;
};

const reasonFor = ({ secret, change }: SecretChange, from: PublishedState, catalog: Catalog): string => {
  switch (change.role) {
    case 'client-ca': {
      if (change.to === 'absent') return 'repo-server shall ask for no client certificate any more';
      const before = catalog.members(from.clientCa);
      if (before === undefined) return `repo-server shall let in what ${named(change.anchors)} signed`;
      const dropped = before.filter((member) => !change.anchors.includes(member));
      const added = change.anchors.filter((member) => !before.includes(member));
      if (dropped.length === 0)
        return `old and new client CA together (adds ${named(added)}), so that either leaf is let in`;
      return added.length === 0
        ? `every client shows a leaf under ${named(change.anchors)}, so ${named(dropped)} is no longer needed`
        : `client CA ${named(change.anchors)} in place of ${named(dropped)}, which verifies the same leafs`;
    }
    case 'client-leaf':
      return leafReason(change, from);
    case 'server-ca': {
      if (change.to === 'absent') return 'nobody verifies repo-server by it';
      const before = catalog.members(serverCaIn(from, secret)) ?? [];
      const dropped = before.filter((member) => !change.anchors.includes(member));
      return dropped.length === 0 && before.length > 0
        ? 'old and new server CA together, so that either serving certificate is accepted'
        : `clients that verify repo-server do so by ${named(change.anchors)}`;
    }
    case 'serving':
      return `repo-server shall present ${short(change.to)}`;
    case 'ca-path':
      return 'clients shall verify repo-server from their next start on';
  }
};

const publishReason = (changes: readonly SecretChange[], from: PublishedState, catalog: Catalog): string =>
  [...new Set(changes.map((change) => reasonFor(change, from, catalog)))].join('; ');

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
