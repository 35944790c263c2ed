/**
 * Configuration text to settings: everything that is wrong with it at once, or all of it in effect.
 *
 * **Invariant:** pure; settings come out only where there is no problem at all.
 */
import type { InstanceSettings, RotatorSettings } from '../model/settings.ts';
import { type Clash, clashesBetween, clashesWithin } from './checks.ts';
import { connectionsOf, isConnected, unknownConnections } from './connections.ts';
import { readDocument } from './document.ts';
import { clashesOf } from './issues.ts';
import { isGroup, merge } from './merge.ts';
import { DocumentOptions, InstanceOptions } from './options.ts';
import { type ConfigProblem, problemsOf } from './problem.ts';
import { describedSchema } from './schema.ts';
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
  const found = [
    ...(structure.error?.issues ?? []).flatMap((issue) => clashesOf(SCHEMA, issue, value)),
    ...clashes,
  ];
  if (found.length > 0 || !structure.success) {
    return {
      ok: false,
      problems: problemsOf(found, lineOf),
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
