/**
 * RFC 7386 JSON merge patch.
 *
 * **Invariant:** null removes, lists are replaced as a whole.
 */
import { isObject, type Json, type JsonObject } from './json.ts';

const patched = (target: Json | undefined, patch: Json): Json => {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = patched(result[key], value);
  }
  return result;
};

export const mergePatch = (target: JsonObject, patch: JsonObject): JsonObject => {
  const result = patched(target, patch);
  return isObject(result) ? result : target;
};
