/**
 * All objects of the namespaces that a migration concerns, to be compared before and after.
 *
 * **Invariant:** only what every write or controller changes is left out: versions, status, field managers, pods.
 */
import type { JsonObject } from '../api-server/index.ts';
import { equalJson, objectAt, textAt } from '../api-server/json.ts';
import type { Installation } from '../installation/index.ts';

const KINDS = [
  'Secret',
  'ConfigMap',
  'Deployment',
  'StatefulSet',
  'Certificate',
  'Issuer',
  'ServiceAccount',
  'Role',
  'RoleBinding',
] as const;
const NAMESPACES = ['argocd', 'security'] as const;
const VOLATILE = ['resourceVersion', 'generation', 'managedFields', 'creationTimestamp'];

export type Snapshot = ReadonlyMap<string, JsonObject>;

const stable = (object: JsonObject): JsonObject => {
  const { status: _status, metadata, ...rest } = object;
  return {
    ...rest,
    metadata: Object.fromEntries(
      Object.entries(objectAt({ metadata: metadata ?? {} }, 'metadata')).filter(
        ([key, value]) => !VOLATILE.includes(key) && JSON.stringify(value) !== '{}',
      ),
    ),
  };
};

export const snapshot = ({ api }: Installation): Snapshot =>
  new Map(
    NAMESPACES.flatMap((namespace) =>
      KINDS.flatMap((kind) =>
        api.objects
          .list(kind, namespace)
          .map(
            (object) =>
              [
                `${kind} ${namespace}/${textAt(objectAt(object, 'metadata'), 'name')}`,
                stable(object),
              ] as const,
          ),
      ),
    ),
  );

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The shallowest paths at which two objects differ. */
const pathsBetween = (before: unknown, after: unknown, path: string): readonly string[] => {
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => pathsBetween(before[key], after[key], path === '' ? key : `${path}.${key}`));
  return equalJson(before as never, after as never) ? [] : [path];
};

export interface Differences {
  readonly made: readonly string[];
  readonly changed: readonly { readonly object: string; readonly paths: readonly string[] }[];
  readonly gone: readonly string[];
}

export const differences = (before: Snapshot, after: Snapshot): Differences => ({
  made: [...after.keys()].filter((key) => !before.has(key)).sort(),
  gone: [...before.keys()].filter((key) => !after.has(key)).sort(),
  changed: [...before]
    .map(([object, value]) => ({ object, paths: pathsBetween(value, after.get(object) ?? value, '') }))
    .filter(({ paths }) => paths.length > 0)
    .sort((a, b) => (a.object < b.object ? -1 : 1)),
});
