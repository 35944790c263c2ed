/**
 * The objects that a plan writes for this instance, and the keys of them that it means to own.
 */
import { SERVER_CA_PATH } from '../argocd/parameters.ts';
import { SERVING_KEY } from '../layout/files.ts';
import { leafSecrets } from '../layout/places.ts';
import type { StoredObject } from '../model/stored.ts';
import { leafSecret } from '../rotation/published.ts';
import type { PreflightInput } from './input.ts';

type View = Pick<PreflightInput, 'settings' | 'stored' | 'published' | 'discovery'>;

export interface Target {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly stored: StoredObject | undefined;
  readonly keys: readonly string[];
}

/** Secrets with clients' pairs, repo-server's trust and `server-ca.crt`: with every key that the agent fills, or is to take away. */
function leafTargets({ settings, stored, published }: View): readonly Target[] {
  const { mtlsSecret, keys } = settings.names;
  const kept = <T extends { readonly keeper: string }>(places: readonly T[]) =>
    places.filter(({ keeper }) => keeper !== 'other');
  return leafSecrets(settings).flatMap((name): readonly Target[] => {
    const pairs = kept(published.leafs).filter(({ slot }) => slot.secret === name);
    const pools = kept(published.pools).filter(({ secret }) => secret === name);
    const own = [
      ...(name === mtlsSecret ? [keys.clientCa] : []),
      ...pairs.flatMap(({ slot }) => [slot.certificate, slot.key]),
      ...pools.map(() => keys.serverCa),
    ];
    if (own.length === 0) return [];
    return [{ kind: 'Secret', name, stored: leafSecret(stored, settings, name), keys: own }];
  });
}

/** The serving Secret only where a source is configured for it, the parameters only where verification is to be switched on. */
export function targets(view: View): readonly Target[] {
  const { settings, stored, discovery } = view;
  const { names } = settings;
  const serving: Target = {
    kind: 'Secret',
    name: names.servingSecret,
    stored: stored.serving,
    keys: Object.values(SERVING_KEY),
  };
  // A path that is set already as it shall be needs no write, whoever set it.
  const paths = Object.values(discovery.clients).flatMap((found) =>
    found.state === 'found' &&
    found.mounts.serverCaPath.from === 'config-map' &&
    found.mounts.serverCaPath.value !== SERVER_CA_PATH
      ? [found.mounts.serverCaPath.key]
      : [],
  );
  const params: Target = {
    kind: 'ConfigMap',
    name: names.paramsConfigMap,
    stored: stored.params,
    keys: paths,
  };
  return [
    ...leafTargets(view),
    ...(settings.serving === undefined ? [] : [serving]),
    ...(settings.verification === 'on' ? [params] : []),
  ];
}
