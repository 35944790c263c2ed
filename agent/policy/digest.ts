/**
 * Digests of what an approval approves.
 *
 * **Invariant:** made from what is published and what shall be, by fingerprint, and from nothing that passes: so `plan` on somebody's
 * desk and the agent come to the same one, and any other content comes to another.
 */
import { createHash } from 'node:crypto';

/** Keys in order, whatever order they were made in. */
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, inOrder(each)]),
  );
};

/** 32 lower-case hex digits: 128 bits. */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(inOrder(value)))
    .digest('hex')
    .slice(0, 32);
