/**
 * Which fields an object has, as sets of paths, and their fieldsV1 form (sigs.k8s.io/structured-merge-diff/v6 fieldpath).
 *
 * **Invariant:** a path is a leaf, an atomic value, or an item of a keyed list; never a granular map or keyed list as a whole,
 * unless that is empty.
 */
import { equalJson, isList, isObject, type Json, type JsonObject, without } from './json.ts';

/** `f:name`, `k:{"name":"x"}` or `v:"x"`. */
export type Element = string;
export type Path = readonly Element[];

/** A set of paths; members are JSON of the path. */
export type FieldSet = ReadonlySet<string>;

export const encodePath = (path: Path): string => JSON.stringify(path);
export const decodePath = (text: string): Path => JSON.parse(text) as Path;

/** Lists that merge by key, by the name of their field. Taken from the API's OpenAPI (`x-kubernetes-list-map-keys`). */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  ports: ['containerPort', 'protocol'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};
const SETS: ReadonlySet<string> = new Set(['finalizers']);
/** Maps that are one value (`x-kubernetes-map-type: atomic`). */
const ATOMIC: ReadonlySet<string> = new Set([
  'selector',
  'nodeSelector',
  'configMapKeyRef',
  'secretKeyRef',
  'fieldRef',
]);

const KEY_DEFAULTS: Readonly<Record<string, Json>> = { protocol: 'TCP' };

const nameOf = (path: Path): string => {
  const last = path.at(-1) ?? '';
  return last.startsWith('f:') ? last.slice(2) : '';
};

export const isAtomicMap = (path: Path): boolean => ATOMIC.has(nameOf(path));
export const isSet = (path: Path): boolean => SETS.has(nameOf(path));
export const listKeys = (path: Path): readonly string[] | undefined => LIST_KEYS[nameOf(path)];

/** Element of an item of a keyed list. */
export const itemElement = (item: Json, keys: readonly string[]): Element => {
  const found = isObject(item) ? item : {};
  return `k:${JSON.stringify(Object.fromEntries([...keys].sort().map((key) => [key, found[key] ?? KEY_DEFAULTS[key] ?? null])))}`;
};

const collect = (value: Json | undefined, path: Path, out: Set<string>): void => {
  if (value === undefined || value === null) return;
  if (isObject(value) && !isAtomicMap(path)) {
    const keys = Object.keys(value);
    if (keys.length === 0) out.add(encodePath(path));
    for (const key of keys) collect(value[key], [...path, `f:${key}`], out);
    return;
  }
  const keys = isList(value) ? listKeys(path) : undefined;
  if (isList(value) && keys !== undefined) {
    if (value.length === 0) out.add(encodePath(path));
    for (const item of value) {
      const at = [...path, itemElement(item, keys)];
      out.add(encodePath(at));
      collect(item, at, out);
    }
    return;
  }
  if (isList(value) && isSet(path)) {
    for (const item of value) out.add(encodePath([...path, `v:${JSON.stringify(item)}`]));
    return;
  }
  out.add(encodePath(path));
};

/** Metadata that belongs to the server and to no manager (apimachinery managedfields/internal/stripmeta.go). */
const SERVER_METADATA = [
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
];

/** Fields of `object` that managers can own. */
export const fieldsOf = (object: JsonObject): FieldSet => {
  const out = new Set<string>();
  for (const [key, value] of Object.entries(without(object, 'apiVersion', 'kind', 'metadata'))) {
    collect(value, [`f:${key}`], out);
  }
  const metadata = isObject(object.metadata) ? without(object.metadata, ...SERVER_METADATA) : {};
  for (const [key, value] of Object.entries(metadata)) collect(value, ['f:metadata', `f:${key}`], out);
  return out;
};

/** Index of the item that `element` names, or -1. */
const itemIndex = (list: readonly Json[], element: Element, path: Path): number => {
  if (element.startsWith('v:')) return list.findIndex((item) => `v:${JSON.stringify(item)}` === element);
  const keys = listKeys(path) ?? [];
  return list.findIndex((item) => itemElement(item, keys) === element);
};

/** The value at `path`; `undefined` where there is none. */
export const valueAt = (object: JsonObject, path: Path): Json | undefined => {
  let value: Json | undefined = object;
  for (const [depth, element] of path.entries()) {
    if (element.startsWith('f:')) value = isObject(value) ? value[element.slice(2)] : undefined;
    else value = isList(value) ? value[itemIndex(value, element, path.slice(0, depth))] : undefined;
  }
  return value;
};

/** `value` without what is at `path`; a keyed item goes as a whole, and what it leaves empty goes with it. */
const removeFrom = (value: Json | undefined, path: Path, done: Path): Json | undefined => {
  const [element, ...rest] = path;
  if (element === undefined) return undefined;
  if (element.startsWith('f:')) {
    if (!isObject(value)) return value;
    const key = element.slice(2);
    if (!(key in value)) return value;
    const left = removeFrom(value[key], rest, [...done, element]);
    if (left !== undefined) return { ...value, [key]: left };
    const others = without(value, key);
    return Object.keys(others).length === 0 && done.length > 0 ? undefined : others;
  }
  if (!isList(value)) return value;
  const index = itemIndex(value, element, done);
  if (index < 0) return value;
  const left = removeFrom(value[index], rest, [...done, element]);
  const list = value.flatMap((item, at) => (at !== index ? [item] : left === undefined ? [] : [left]));
  return list.length === 0 ? undefined : list;
};

export const removeAt = (object: JsonObject, path: Path): JsonObject => {
  const left = removeFrom(object, path, []);
  return isObject(left) ? left : {};
};

/** Whether the field at `path` differs. Maps and keyed items count as there or not there; their leaves are paths of their own. */
export const differsAt = (a: JsonObject, b: JsonObject, path: Path): boolean => {
  const left = valueAt(a, path);
  const right = valueAt(b, path);
  const container = (value: Json | undefined): boolean => isObject(value) && !isAtomicMap(path);
  if (container(left) && container(right)) return false;
  return !equalJson(left, right);
};

/** `.data.tls.crt`, `.spec.template.spec.containers[name="x"].image`: as fieldpath prints a path. */
export const printPath = (path: Path): string =>
  path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as Record<string, unknown>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
