/**
 * What the validator complains about, in our words.
 *
 * **Invariant:** its own message is not used: it may quote what it read.
 */
import type { z } from 'zod';
import type { Clash } from './checks.ts';
import { describeFound } from './problem.ts';
import { allowedAt, keysOf, nodeAt, type SchemaNode } from './schema.ts';

/** @param schema of the option list that `value` was held against */
export const clashesOf = (schema: SchemaNode, issue: z.core.$ZodIssue, value: unknown): readonly Clash[] => {
  const node = nodeAt(schema, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      found: 'an unknown option',
      allowed: keysOf(node),
    }));
  }
  if (issue.code === 'invalid_key') {
    const group = nodeAt(schema, issue.path.slice(0, -1));
    return [{ path: issue.path, found: 'an unknown name', allowed: keysOf(group) }];
  }
  const told = issue.code === 'custom' ? issue.params?.found : undefined;
  const found = typeof told === 'string' ? told : describeFound(valueAt(value, issue.path));
  return [{ path: issue.path, found, allowed: allowedAt(node) }];
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Readonly<Record<PropertyKey, unknown>>)[part]
        : undefined,
    value,
  );
