/**
 * Server-side apply (structured-merge-diff/v6 merge/update.go `Apply`, apimachinery managedfields).
 *
 * **Invariant:** what an applier no longer mentions goes away exactly if nobody else owns it; what somebody else owns with another value
 * is a conflict unless forced.
 */
import {
  decodePath,
  type Element,
  type FieldSet,
  fieldsOf,
  isAtomicMap,
  isSet,
  itemElement,
  listKeys,
  type Path,
  printPath,
  removeAt,
} from './fields.ts';
import { isList, isObject, type Json, type JsonObject, timestamp } from './json.ts';
import {
  changedFields,
  type Manager,
  minus,
  type Owner,
  ownersOf,
  sameManager,
  sameSet,
  withOwners,
} from './managers.ts';
import { StatusError } from './status.ts';

const mergeLists = (
  live: readonly Json[],
  applied: readonly Json[],
  path: Path,
  elementOf: (item: Json) => Element,
): Json[] => {
  const wanted = new Map(applied.map((item) => [elementOf(item), item]));
  const kept = live.map((item) => {
    const element = elementOf(item);
    const change = wanted.get(element);
    wanted.delete(element);
    return change === undefined ? item : merge(item, change, [...path, element]);
  });
  return [...kept, ...wanted.values()];
};

/** `live` with everything that `applied` mentions. */
const merge = (live: Json | undefined, applied: Json, path: Path): Json => {
  if (isObject(live) && isObject(applied) && !isAtomicMap(path)) {
    const merged: Record<string, Json | undefined> = { ...live };
    for (const [key, value] of Object.entries(applied)) {
      if (value !== undefined && value !== null) merged[key] = merge(live[key], value, [...path, `f:${key}`]);
    }
    return merged;
  }
  const keys = listKeys(path);
  if (isList(live) && isList(applied) && keys !== undefined) {
    return mergeLists(live, applied, path, (item) => itemElement(item, keys));
  }
  if (isList(live) && isList(applied) && isSet(path)) {
    return mergeLists(live, applied, path, (item) => `v:${JSON.stringify(item)}`);
  }
  return applied;
};

interface Conflict {
  readonly owner: Owner;
  readonly path: string;
}

const printManager = (owner: Owner): string => {
  const name = JSON.stringify(owner.manager);
  const where = owner.subresource === undefined ? name : `${name} with subresource "${owner.subresource}"`;
  return owner.operation === 'Update' ? `${where} using ${owner.apiVersion} at ${owner.time}` : where;
};

/** apimachinery pkg/util/managedfields/internal/conflict.go. */
const applyConflict = (conflicts: readonly Conflict[]): StatusError => {
  const [first] = conflicts;
  const managers = [...new Set(conflicts.map(({ owner }) => owner))];
  const message =
    conflicts.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: conflict with ${printManager(first.owner)}: ${first.path}`
      : `Apply failed with ${conflicts.length} conflicts: ${managers
          .flatMap((manager) => [
            `conflicts with ${printManager(manager)}:`,
            ...conflicts.filter(({ owner }) => owner === manager).map(({ path }) => `- ${path}`),
          ])
          .join('\n')}`;
  return new StatusError(409, 'Conflict', message, {
    causes: conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${printManager(owner)}`,
      field: path,
    })),
  });
};

/** Items of keyed lists only go once nothing of theirs is left to somebody else. */
const longestFirst = (set: FieldSet): readonly Path[] =>
  [...set].map(decodePath).sort((a, b) => b.length - a.length);

/**
 * `live` after `manager` applied `applied`. `live` undefined: a creation.
 *
 * @throws {StatusError} 409 with FieldManagerConflict causes.
 */
export const applyTo = (
  live: JsonObject | undefined,
  applied: JsonObject,
  manager: Manager,
  force: boolean,
  now: number,
): JsonObject => {
  const fields = fieldsOf(applied);
  const fresh: Owner = { ...manager, time: timestamp(now), fields };
  if (live === undefined) return withOwners(applied, [fresh]);

  const owners = ownersOf(live);
  const mine = owners.find((owner) => sameManager(owner, manager));
  const merged = merge(live, applied, []);
  const next = isObject(merged) ? merged : live;
  const changed = changedFields(live, next);
  const others = owners.filter((owner) => !sameManager(owner, manager));
  const conflicts = others.flatMap((owner) =>
    [...owner.fields]
      .filter((member) => changed.has(member) && fields.has(member))
      .map((member) => ({ owner, path: printPath(decodePath(member)) })),
  );
  if (conflicts.length > 0 && !force) throw applyConflict(conflicts);

  const left = others.map((owner) => ({ ...owner, fields: minus(owner.fields, changed) }));
  const givenUp = mine === undefined ? new Set<string>() : minus(mine.fields, fields);
  const stillOwned = new Set(left.flatMap((owner) => [...owner.fields]));
  const pruned = longestFirst(minus(givenUp, stillOwned)).reduce(removeAt, next);
  const kept = mine !== undefined && sameSet(mine.fields, fields) && changed.size === 0 ? mine : fresh;
  return withOwners(pruned, [...left, kept]);
};
