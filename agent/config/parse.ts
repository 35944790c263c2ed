/**
 * Configuration text to settings: everything that is wrong with it at once, or all of it in effect.
 *
 * **Invariant:** pure; settings come out only where there is no problem at all.
 */
import type { z } from 'zod';
import type { InstanceSettings, RotatorSettings } from '../model/settings.ts';
import { type Clash, clashesBetween, clashesWithin } from './checks.ts';
import { connectionsOf, isConnected, unknownConnections } from './connections.ts';
import { readDocument } from './document.ts';
import { isGroup, merge } from './merge.ts';
import { DocumentOptions, InstanceOptions } from './options.ts';
import { type ConfigProblem, describeFound, renderPath } from './problem.ts';
import { allowedAt, describedSchema, keysOf, nodeAt } from './schema.ts';
import { settingsOf } from './settings-of.ts';

export type Parsed =
  | { readonly ok: true; readonly settings: RotatorSettings }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Never throws, whatever the text is. */
export const parseConfig = (text: string): Parsed => {
  const document = readDocument(text);
  if (!('value' in document)) return { ok: false, problems: document };
  const { value, lineOf } = document;

  const structure = DocumentOptions.safeParse(value);
  const { settings, clashes } = instancesOf(value);
  const found = [...(structure.error?.issues ?? []).flatMap((issue) => clashesOf(issue, value)), ...clashes];
  if (found.length > 0 || !structure.success) {
    return {
      ok: false,
      problems: found
        .map((one) => ({
          path: renderPath(one.path),
          line: lineOf(one.path),
          found: one.found,
          allowed: one.allowed,
        }))
        .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    };
  }
  return {
    ok: true,
    settings: { instances: settings, sweep: structure.data.sweep, http: structure.data.http },
  };
};

/**
 * Instances with the defaults laid under them. Those whose own options or connections are wrong are left out: their problems are told
 * already.
 */
const instancesOf = (
  value: unknown,
): { readonly settings: readonly InstanceSettings[]; readonly clashes: readonly Clash[] } => {
  const document = isGroup(value) ? value : {};
  const instances = Array.isArray(document.instances) ? document.instances : [];
  const settings: InstanceSettings[] = [];
  const clashes: Clash[] = [...clashesBetween(instances)];
  const connections = connectionsOf(document);
  instances.forEach((instance, index) => {
    const tell = (found: readonly Clash[]): void => {
      clashes.push(...found.map((clash) => ({ ...clash, path: ['instances', index, ...clash.path] })));
    };
    tell(unknownConnections(instance, document));
    const merged = InstanceOptions.safeParse(merge(document.defaults, instance));
    if (!merged.success || !isConnected(instance, connections)) return;
    const one = settingsOf(merged.data, connections);
    settings.push(one);
    tell(clashesWithin(one));
  });
  return { settings, clashes };
};

const SCHEMA = describedSchema();

/** An issue of the validator in our words. Its own message is not used: it may quote what it read. */
const clashesOf = (issue: z.core.$ZodIssue, value: unknown): readonly Clash[] => {
  const node = nodeAt(SCHEMA, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      found: 'an unknown option',
      allowed: keysOf(node),
    }));
  }
  if (issue.code === 'invalid_key') {
    const group = nodeAt(SCHEMA, issue.path.slice(0, -1));
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
