/**
 * What a publish changes, file by file, and why, in words.
 *
 * **Invariant:** files that don't differ aren't named; each named one lies in the Secret that it is named with.
 */
import { desiredSlot } from '../layout/places.ts';
import { short } from '../model/fingerprint.ts';
import type { Observation } from '../model/observation.ts';
import type { FileChange } from '../model/plan.ts';
import { type Slot, slotId } from '../model/slot.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../model/terms.ts';
import type { Catalog } from './catalog.ts';
import { readersOf } from './target.ts';
import { differingPools, differingSlots, leafIn, type PublishedState, serverCaIn } from './world.ts';

const named = (ids: readonly string[]): string => ids.map(short).join(', ');

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

export interface SecretChange {
  readonly secret: string;
  readonly change: FileChange;
}

/** Every file that a publish changes, with the Secret that it lies in; the mtls Secret's come first. */
export const changesOf = (
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

/** Why all of them are made, in words. */
export const publishReason = (
  changes: readonly SecretChange[],
  from: PublishedState,
  catalog: Catalog,
): string => [...new Set(changes.map((change) => reasonFor(change, from, catalog)))].join('; ');
