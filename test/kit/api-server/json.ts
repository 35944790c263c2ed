/**
 * JSON values of the stand-in. Objects are values: a change makes a new one.
 *
 * **Invariant:** nothing here mutates its arguments.
 */
import type { Json, JsonObject } from '../../../agent/kube/json.ts';

export type { Json, JsonObject } from '../../../agent/kube/json.ts';
export {
  asObject,
  booleanAt,
  instantAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalTextAt,
  parseJson,
  stringMapAt,
  textAt,
} from '../../../agent/kube/json.ts';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** Equal as JSON: the order of keys doesn't matter, and a key with `undefined` is no key. */
export const equalJson = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => equalJson(a[key], b[key]));
  }
  return false;
};

/** `object` with `metadata` fields replaced; `undefined` removes one. */
export const withMetadata = (object: JsonObject, change: JsonObject): JsonObject => ({
  ...object,
  metadata: withoutUndefined({ ...(isObject(object.metadata) ? object.metadata : {}), ...change }),
});

export const withoutUndefined = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** `object` without one key. */
export const without = (object: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)));

/** RFC 3339 with whole seconds, as metav1.Time prints it. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
