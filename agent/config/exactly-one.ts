/**
 * A group of which exactly one member is given: the kinds of source, the ways to log in.
 *
 * **Invariant:** none and several are one problem of the group, with the members that were found; a member that does not exist is a problem of its own.
 */
import { z } from 'zod';

export const exactlyOne = <T extends Readonly<Record<string, z.ZodType>>>(members: T) => {
  const names = Object.keys(members);
  return z
    .strictObject(members)
    .check((context) => {
      if (context.issues.some((issue) => issue.code === 'unrecognized_keys')) return;
      const given = names.filter((name) => Object.hasOwn(context.value, name));
      if (given.length === 1) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        params: { found: given.length === 0 ? 'none of them' : `${given.join(' and ')} at once` },
      });
    })
    .meta({ allowed: `exactly one of ${names.join(', ')}`, minProperties: 1, maxProperties: 1 });
};
