/**
 * From the actions of a path to the steps that people read and the executor carries out.
 *
 * **Invariant:** steps add no decision. What is done and in which order was settled by the search.
 */
import { short } from '../model/fingerprint.ts';
import type { Observation, ObservedClient } from '../model/observation.ts';
import type { FileChange, Step } from '../model/plan.ts';
import { ANNOTATION } from '../model/product.ts';
import type { ClientComponent, Component, Instant } from '../model/terms.ts';
import type { Workload } from '../model/workload.ts';
import { type Action, apply } from './actions.ts';
import type { Catalog } from './catalog.ts';
import { freshMountFrom } from './eras.ts';
import { type PublishedState, poolAtStart, type World } from './world.ts';

const named = (ids: readonly string[]): string => ids.map(short).join(', ');

/** What a workload's next process loads, as one word for its restart annotation. */
export const loadFingerprint = (published: PublishedState, component: Component): string =>
  component === 'repo-server'
    ? `${short(published.clientCa)}-${short(published.serving)}`
    : `${short(poolAtStart(published, component))}-${short(published.leaf)}`;

const changesOf = (from: PublishedState, to: PublishedState, catalog: Catalog): readonly FileChange[] => {
  const changes: FileChange[] = [];
  if (from.clientCa !== to.clientCa && to.clientCa !== 'unknown') {
    changes.push(
      to.clientCa === 'off'
        ? { role: 'client-ca', to: 'absent', anchors: [] }
        : { role: 'client-ca', to: to.clientCa, anchors: catalog.members(to.clientCa) ?? [] },
    );
  }
  if (from.leaf !== to.leaf && to.leaf !== 'unknown') {
    changes.push({ role: 'client-leaf', to: to.leaf === 'none' ? 'absent' : to.leaf });
  }
  if (from.serverCa !== to.serverCa && to.serverCa !== 'unknown') {
    changes.push({
      role: 'server-ca',
      to: to.serverCa,
      anchors: to.serverCa === 'absent' ? [] : (catalog.members(to.serverCa) ?? []),
    });
  }
  return changes;
};

const reasonFor = (change: FileChange, from: PublishedState, catalog: Catalog): string => {
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
      return change.to === 'absent'
        ? 'nobody asks for the client certificate any more'
        : from.leaf === 'none'
          ? `clients shall have their certificate ${short(change.to)} before anybody asks for it`
          : `clients shall show ${short(change.to)}; every repo-server lets it in already`;
    case 'server-ca': {
      if (change.to === 'absent') return 'nobody verifies repo-server by it';
      const before = catalog.members(from.serverCa) ?? [];
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

const publishReason = (changes: readonly FileChange[], from: PublishedState, catalog: Catalog): string =>
  changes.map((change) => reasonFor(change, from, catalog)).join('; ');

const rollReason = (component: Component, world: World): string => {
  const { published } = world;
  if (component === 'repo-server') {
    const trust = world.server.trust.some((id) => id !== published.clientCa && id !== 'unproven');
    const serving = world.server.serving.some((id) => id !== published.serving);
    const files = [...(trust ? ['client-ca.crt'] : []), ...(serving ? ['tls.crt'] : [])];
    return `reads ${files.join(' and ') || 'its files'} once, at start`;
  }
  const client = world.clients.find((candidate) => candidate.component === component);
  const pool = client?.pool.some((id) => id !== poolAtStart(published, client.component));
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
  const { history, mtlsWrittenAt, servingWrittenAt } = observation.published;
  return latest(
    mtlsWrittenAt,
    servingWrittenAt,
    ...[history.clientCa, history.clientLeaf, history.serverCa, history.serving, history.caPath].map(
      (eras) => eras.at(-1)?.since,
    ),
  );
};

/** Where in a path an action stands: what is last proves the end, and only the first step's moment is known. */
interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const stepOf = (
  action: Action,
  world: World,
  observation: Observation,
  catalog: Catalog,
  { isFirst, isLast }: Place,
): Step | undefined => {
  const { names, timing } = observation.settings;
  const next = apply(world, action);
  switch (action.kind) {
    case 'publish-mtls': {
      const changes = changesOf(world.published, next.published, catalog);
      return {
        kind: 'publish',
        object: { kind: 'Secret', name: names.mtlsSecret },
        changes,
        reason: publishReason(changes, world.published, catalog),
      };
    }
    case 'publish-serving': {
      const changes: readonly FileChange[] = [{ role: 'serving', to: action.serving }];
      return {
        kind: 'publish',
        object: { kind: 'Secret', name: names.servingSecret },
        changes,
        reason: publishReason(changes, world.published, catalog),
      };
    }
    case 'set-paths': {
      const changes: readonly FileChange[] = [
        { role: 'ca-path', to: 'set', components: action.verifying as readonly ClientComponent[] },
      ];
      return {
        kind: 'publish',
        object: { kind: 'ConfigMap', name: names.paramsConfigMap },
        changes,
        reason: publishReason(changes, world.published, catalog),
      };
    }
    case 'wait': {
      const since =
        observation.published.history.clientLeaf.at(-1)?.since ?? observation.published.mtlsWrittenAt;
      return {
        kind: 'wait',
        until: isFirst && since !== undefined ? since + timing.propagationWait : undefined,
        duration: timing.propagationWait,
        reason:
          'the kubelet shows a changed Secret to running pods with a delay; after it they are presumed to see the new leaf',
      };
    }
    case 'roll': {
      const workload = workloadOf(observation, action.component);
      if (workload === undefined) return undefined;
      const fingerprint = loadFingerprint(world.published, action.component);
      const rolling =
        action.component === 'repo-server'
          ? world.server.rolling
          : world.clients.some((client) => client.component === action.component && client.rolling);
      const written = lastWritten(observation);
      return {
        kind: 'rollout',
        workload: workload.ref,
        component: action.component,
        fingerprint,
        progress: isAsked(workload, fingerprint, rolling) ? 'asked' : 'needed',
        notBefore: isFirst && written !== undefined ? freshMountFrom(written, timing) : undefined,
        reason: rollReason(action.component, world),
      };
    }
    case 'prove':
      return {
        kind: 'prove',
        purpose: isLast ? 'closing' : 'evidence',
        reason: 'what a repo-server process trusts is believed only after real calls to it',
      };
  }
};

/** Replacing a leaf whose CA will be distrusted: it is kept, so that its refusal can be proved. */
const keepPrevious = (
  world: World,
  action: Action,
  goal: PublishedState,
  observation: Observation,
  catalog: Catalog,
): Step | undefined => {
  if (action.kind !== 'publish-mtls' || action.published.leaf === world.published.leaf) return undefined;
  const leaf = catalog.leaf(world.published.leaf);
  if (leaf === undefined || goal.clientCa === 'off' || goal.clientCa === 'unknown') return undefined;
  const fingerprint = leaf.certificate.fingerprint;
  if (catalog.compatibility.trusts(goal.clientCa, fingerprint) === 'yes') return undefined;
  if (observation.previous?.leaf.certificate.fingerprint === fingerprint) return undefined;
  return {
    kind: 'keep-previous',
    leaf: fingerprint,
    reason: `the old leaf is kept until the end, to prove that it is refused then`,
  };
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
    const keep = keepPrevious(world, action, goal, observation, catalog);
    if (keep !== undefined) steps.push(keep);
    const step = stepOf(action, world, observation, catalog, {
      isFirst: index === 0,
      isLast: index === actions.length - 1,
    });
    if (step !== undefined) steps.push(step);
    world = apply(world, action);
  }
  return steps;
};
