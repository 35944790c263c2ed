/**
 * Field sets as the nested `fieldsV1` form of managedFields, and back (fieldpath/serialize.go).
 *
 * **Invariant:** decode(encode(set)) is the set.
 */
import { decodePath, encodePath, type FieldSet, type Path } from './fields.ts';
import { asObject, type JsonObject } from './json.ts';

interface Node {
  member: boolean;
  readonly children: Map<string, Node>;
}

const node = (): Node => ({ member: false, children: new Map() });

const print = (at: Node): JsonObject => ({
  ...(at.member && at.children.size > 0 ? { '.': {} } : {}),
  ...Object.fromEntries(
    [...at.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, print(child)]),
  ),
});

export const encodeFields = (set: FieldSet): JsonObject => {
  const root = node();
  for (const member of set) {
    let at = root;
    for (const element of decodePath(member)) {
      const child = at.children.get(element) ?? node();
      at.children.set(element, child);
      at = child;
    }
    at.member = true;
  }
  return print(root);
};

export const decodeFields = (fields: JsonObject): FieldSet => {
  const out = new Set<string>();
  const walk = (at: JsonObject, path: Path): void => {
    const keys = Object.keys(at);
    if (path.length > 0 && (keys.length === 0 || '.' in at)) out.add(encodePath(path));
    for (const key of keys) if (key !== '.') walk(asObject(at[key]), [...path, key]);
  };
  walk(fields, []);
  return out;
};
