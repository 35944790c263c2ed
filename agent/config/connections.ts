/**
 * Sources that name a connection, and the connections that there are.
 *
 * **Invariant:** what a source works from holds the whole connection; a name leads to one or is a problem told by its place.
 */
import type { VaultAuth, VaultConnectionSettings } from '../model/vault-spec.ts';
import type { Clash } from './checks.ts';
import { isGroup } from './merge.ts';
import { type ConnectionValues, connections } from './vault-options.ts';

export type Connections = ReadonlyMap<string, VaultConnectionSettings>;

type AuthValues = ConnectionValues['vault']['auth'];

const authOf = ({ kubernetes, jwt, appRole, tokenFile }: AuthValues): VaultAuth => {
  if (kubernetes !== undefined) return { method: 'kubernetes', ...kubernetes };
  if (jwt !== undefined) return { method: 'jwt', ...jwt };
  if (appRole !== undefined) {
    const { mount, roleId, roleIdFile, secretIdFile } = appRole;
    const id = roleId === undefined ? { file: roleIdFile ?? '' } : { value: roleId };
    return { method: 'appRole', mount, roleId: id, secretIdFile };
  }
  if (tokenFile !== undefined) return { method: 'tokenFile', ...tokenFile };
  throw new Error('a login of no kind passed the option list');
};

/** Those of the document's connections that are valid; problems of the others are told by the option list. */
export const connectionsOf = (document: unknown): Connections => {
  const named = isGroup(document) && isGroup(document.connections) ? document.connections : {};
  return new Map(
    Object.entries(named).flatMap(([name, value]): [string, VaultConnectionSettings][] => {
      const parsed = connections().safeParse({ [name]: value });
      const vault = parsed.data?.[name]?.vault;
      if (vault === undefined) return [];
      const { namespace, caFile, timeout } = vault;
      const address = vault.address.replace(/\/$/, '');
      return [[name, { name, address, namespace, caFile, timeout, auth: authOf(vault.auth) }]];
    }),
  );
};

/** The names that the sources of an instance give, with their places relative to it. */
const referencesOf = (instance: unknown): readonly (readonly [path: readonly string[], name: string])[] => {
  const { clients, serving } = isGroup(instance) ? instance : {};
  const sources: readonly (readonly [readonly string[], unknown])[] = [
    ...Object.entries(isGroup(clients) ? clients : {}).map(
      ([role, value]) => [['clients', role], value] as const,
    ),
    [['serving'], serving],
  ];
  return sources.flatMap(([path, kinds]) =>
    Object.entries(isGroup(kinds) ? kinds : {}).flatMap(([kind, options]) => {
      const name = isGroup(options) ? options.connection : undefined;
      return typeof name === 'string' ? [[[...path, kind, 'connection'], name] as const] : [];
    }),
  );
};

/** True where each connection that the instance names is there and valid. */
export const isConnected = (instance: unknown, connections: Connections): boolean =>
  referencesOf(instance).every(([, name]) => connections.has(name));

/** References of one instance to connections that are not in the document. */
export const unknownConnections = (instance: unknown, document: unknown): readonly Clash[] => {
  const names = isGroup(document) && isGroup(document.connections) ? Object.keys(document.connections) : [];
  const allowed = names.length === 0 ? 'a name under connections, where there is none yet' : names.join(', ');
  return referencesOf(instance)
    .filter(([, name]) => !names.includes(name))
    .map(([path]) => ({ path, found: 'the name of no connection', allowed }));
};
