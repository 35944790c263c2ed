/**
 * The objects that a plan writes for this instance, and the keys of them that it means to own.
 */
import { SERVER_CA_PATH } from '../argocd/parameters.ts';
import type { StoredObject } from '../model/stored.ts';
import type { PreflightInput } from './input.ts';

export interface Target {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly stored: StoredObject | undefined;
  readonly keys: readonly string[];
}

/** The serving Secret only where a source is configured for it, the parameters only where verification is to be switched on. */
export function targets({ settings, stored, discovery }: PreflightInput): readonly Target[] {
  const { names } = settings;
  const mtls: Target = {
    kind: 'Secret',
    name: names.mtlsSecret,
    stored: stored.mtls,
    keys: ['client-ca.crt', 'client.crt', 'client.key', 'server-ca.crt'],
  };
  const serving: Target = {
    kind: 'Secret',
    name: names.servingSecret,
    stored: stored.serving,
    keys: ['tls.crt', 'tls.key', 'ca.crt'],
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
    mtls,
    ...(settings.serving === undefined ? [] : [serving]),
    ...(settings.verification === 'on' ? [params] : []),
  ];
}
