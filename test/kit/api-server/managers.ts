/**
 * managedFields: who owns what, after each kind of write (structured-merge-diff/v6 merge/update.go).
 *
 * **Invariant:** every field of an object that was written with a manager's name is owned by at least one manager.
 */
import { decodePath, differsAt, type FieldSet, fieldsOf, valueAt } from './fields.ts';
import { decodeFields, encodeFields } from './fields-v1.ts';
import {
  asObject,
  type JsonObject,
  objectAt,
  objectsAt,
  optionalTextAt,
  textAt,
  timestamp,
  withMetadata,
} from './json.ts';

export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

export interface Owner extends Manager {
  readonly time: string;
  readonly fields: FieldSet;
}

export const sameManager = (a: Manager, b: Manager): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.apiVersion === b.apiVersion &&
  a.subresource === b.subresource;

export const ownersOf = (object: JsonObject): readonly Owner[] =>
  objectsAt(objectAt(object, 'metadata'), 'managedFields').map((entry) => ({
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
    apiVersion: textAt(entry, 'apiVersion'),
    subresource: optionalTextAt(entry, 'subresource'),
    time: textAt(entry, 'time'),
    fields: decodeFields(asObject(entry.fieldsV1)),
  }));

/** managedFields' order: applies first, then by time and name (managedfields/internal/managedfields.go `sortEncodedManagedFields`). */
const inOrder = (a: Owner, b: Owner): number => {
  const key = (owner: Owner): string =>
    [owner.operation, owner.time, owner.manager, owner.apiVersion, owner.subresource ?? ''].join('\n');
  return key(a) < key(b) ? -1 : 1;
};

export const withOwners = (object: JsonObject, owners: readonly Owner[]): JsonObject =>
  withMetadata(object, {
    managedFields: owners
      .filter((owner) => owner.fields.size > 0)
      .sort(inOrder)
      .map((owner) => ({
        manager: owner.manager,
        operation: owner.operation,
        apiVersion: owner.apiVersion,
        time: owner.time,
        fieldsType: 'FieldsV1',
        fieldsV1: encodeFields(owner.fields),
        ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
      })),
  });

export const minus = (a: FieldSet, b: FieldSet): FieldSet =>
  new Set([...a].filter((member) => !b.has(member)));
export const union = (a: FieldSet, b: FieldSet): FieldSet => new Set([...a, ...b]);
export const sameSet = (a: FieldSet, b: FieldSet): boolean =>
  a.size === b.size && [...a].every((member) => b.has(member));

/** Fields of `after` that are new or have another value than in `before`. */
export const changedFields = (before: JsonObject, after: JsonObject): FieldSet =>
  new Set([...fieldsOf(after)].filter((member) => differsAt(before, after, decodePath(member))));

/** Fields of `before` that `after` doesn't have any more. */
export const removedFields = (before: JsonObject, after: JsonObject): FieldSet =>
  new Set([...fieldsOf(before)].filter((member) => valueAt(after, decodePath(member)) === undefined));

/**
 * `after` with managedFields as an Update by `manager` leaves them: what it changed it owns alone, what it took away nobody owns.
 * `before` undefined: a creation.
 */
export const trackUpdate = (
  before: JsonObject | undefined,
  after: JsonObject,
  manager: Manager,
  now: number,
): JsonObject => {
  const old = before ?? {};
  const changed = changedFields(old, after);
  const removed = removedFields(old, after);
  const owners = before === undefined ? [] : ownersOf(before);
  if (changed.size === 0 && removed.size === 0) return withOwners(after, owners);
  const mine = owners.find((owner) => sameManager(owner, manager))?.fields ?? new Set<string>();
  const others = owners
    .filter((owner) => !sameManager(owner, manager))
    .map((owner) => ({ ...owner, fields: minus(minus(owner.fields, changed), removed) }));
  const time =
    changed.size > 0
      ? timestamp(now)
      : (owners.find((owner) => sameManager(owner, manager))?.time ?? timestamp(now));
  return withOwners(after, [...others, { ...manager, time, fields: minus(union(mine, changed), removed) }]);
};
