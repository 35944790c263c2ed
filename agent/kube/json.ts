/**
 * JSON from outside, read without believing its shape.
 *
 * **Invariant:** a reader never throws: what is absent or of another type reads as the empty value of the type asked for.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const EMPTY: JsonObject = Object.freeze({});

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object itself, or `{}`. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : EMPTY);

/** Follows `path` through nested objects; `{}` where it ends early. */
export const objectAt = (value: unknown, ...path: readonly string[]): JsonObject =>
  path.reduce((found, key) => asObject(found[key]), asObject(value));

/** Members of a list as objects; `[]` where it is no list. */
export const objectsAt = (value: JsonObject, key: string): readonly JsonObject[] => {
  const found = value[key];
  return Array.isArray(found) ? found.filter(isObject) : [];
};

export const textAt = (value: JsonObject, key: string): string => optionalTextAt(value, key) ?? '';

export const optionalTextAt = (value: JsonObject, key: string): string | undefined => {
  const found = value[key];
  return typeof found === 'string' ? found : undefined;
};

export const numberAt = (value: JsonObject, key: string, otherwise = 0): number => {
  const found = value[key];
  return typeof found === 'number' ? found : otherwise;
};

export const booleanAt = (value: JsonObject, key: string): boolean => value[key] === true;

export const textsAt = (value: JsonObject, key: string): readonly string[] => {
  const found = value[key];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
};

/** A map of strings (labels, annotations, ConfigMap data). */
export const stringMapAt = (value: JsonObject, key: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(asObject(value[key])).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    }),
  );

/** RFC 3339 text as milliseconds since the epoch; `undefined` where absent or unreadable. */
export const instantAt = (value: JsonObject, key: string): number | undefined => {
  const found = Date.parse(textAt(value, key));
  return Number.isNaN(found) ? undefined : found;
};

/** Parses JSON text; `undefined` where it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
