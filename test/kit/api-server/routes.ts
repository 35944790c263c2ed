/**
 * URL and method → what is asked for, in RBAC's words.
 *
 * **Invariant:** a path outside the table of kinds has no route.
 */
import { KINDS, type Kind } from './kinds.ts';
import { selectedName } from './selectors.ts';

export interface Route {
  readonly kind: Kind;
  readonly namespace: string;
  /** From the path, or from `fieldSelector=metadata.name=…` of a list or watch. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly verb: string;
  readonly query: URLSearchParams;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export const routeOf = (method: string, url: URL): Route | undefined => {
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const core = parts[0] === 'api';
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const [section, namespace, plural, inPath, subresource, ...more] = parts.slice(core ? 2 : 3);
  const kind = KINDS.find(
    (each) => each.group === group && each.version === version && each.plural === plural,
  );
  if (kind === undefined || section !== 'namespaces' || namespace === undefined || more.length > 0)
    return undefined;
  const query = url.searchParams;
  const collection = inPath === undefined;
  const watching = query.get('watch') === 'true' || query.get('watch') === '1';
  const reading = collection ? (watching ? 'watch' : 'list') : 'get';
  const verb =
    method === 'GET' ? reading : collection && method === 'DELETE' ? 'deletecollection' : VERBS[method];
  if (verb === undefined) return undefined;
  const name = inPath ?? (method === 'GET' ? selectedName(query) : undefined);
  return { kind, namespace, name, subresource, verb, query };
};

/** `secrets`, `pods/eviction`. */
export const resourceOfRoute = (route: Route): string =>
  route.subresource === undefined ? route.kind.plural : `${route.kind.plural}/${route.subresource}`;

/** What is wrong with this call of the agent; `undefined` where it is within its surface. */
export const violationOf = (route: Route): string | undefined => {
  const { kind, verb, namespace, name, subresource, query } = route;
  const call = `${verb} ${resourceOfRoute(route)} in ${namespace}`;
  const verbs = kind.agentVerbs[subresource ?? ''] ?? [];
  if (!verbs.includes(verb)) return `${call}: not among the agent's verbs`;
  const isSelected = name !== undefined || (kind.byLabel === true && query.get('labelSelector') !== null);
  if ((verb === 'list' || verb === 'watch') && kind.byNameOnly && !isSelected) {
    return `${call}: without fieldSelector=metadata.name=…, so it would see foreign objects`;
  }
  return undefined;
};
