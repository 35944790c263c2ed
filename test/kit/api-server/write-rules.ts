/**
 * What every write of an existing object is held to: whose fields are whose between client, server and subresource.
 *
 * **Invariant:** pure: each rule takes what is stored and what is asked for, and gives what may be stored, or refuses.
 */

import {
  equalJson,
  type JsonObject,
  numberAt,
  objectAt,
  optionalTextAt,
  withMetadata,
  without,
} from './json.ts';
import type { Kind } from './kinds.ts';
import { conflict, invalid, MODIFIED } from './status.ts';

export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string | undefined;
}

const SUBJECT_TO_SERVER = [
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
] as const;

/** Server-side metadata goes over from what is stored, whatever the request says. */
export const keepServerFields = (before: JsonObject, after: JsonObject): JsonObject => {
  const stored = objectAt(before, 'metadata');
  return withMetadata(
    after,
    Object.fromEntries(
      SUBJECT_TO_SERVER.filter((key) => key !== 'managedFields').map((key) => [key, stored[key]]),
    ),
  );
};

/** A write to the object leaves the status alone, a write to the status everything else. */
export const onlyWhatIsMeant = (target: Target, before: JsonObject, after: JsonObject): JsonObject => {
  if (!target.kind.statusSubresource) return after;
  if (target.subresource === 'status') {
    return withMetadata(
      { ...before, ...(after.status === undefined ? {} : { status: after.status }) },
      { managedFields: objectAt(after, 'metadata').managedFields },
    );
  }
  return { ...without(after, 'status'), ...(before.status === undefined ? {} : { status: before.status }) };
};

export const generationOf = (kind: Kind, before: JsonObject, after: JsonObject): JsonObject => {
  if (!kind.generation) return after;
  const changed = !equalJson(objectAt(before, 'spec'), objectAt(after, 'spec'));
  const generation = numberAt(objectAt(before, 'metadata'), 'generation', 1);
  return withMetadata(after, { generation: changed ? generation + 1 : generation });
};

export const checkIdentity = (target: Target, before: JsonObject, after: JsonObject): void => {
  const stored = objectAt(before, 'metadata');
  const asked = objectAt(after, 'metadata');
  const version = optionalTextAt(asked, 'resourceVersion');
  if (version !== undefined && version !== '' && version !== stored.resourceVersion) {
    throw conflict(target.kind, target.name, MODIFIED);
  }
  const uid = optionalTextAt(asked, 'uid');
  if (uid !== undefined && uid !== stored.uid) {
    throw invalid(target.kind, target.name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.uid',
        message: `Invalid value: "${uid}": field is immutable`,
      },
    ]);
  }
};
