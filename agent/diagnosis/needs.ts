/**
 * Which keys of which Secrets each component has to find behind the files that it opens, under the present layout.
 *
 * **Invariant:** places come from `layout/places.ts`, paths from the pod template; nothing here has a name of its own.
 */

import type { FoundComponent } from '../argocd/discover.ts';
import { clientPaths, repoServerPaths } from '../argocd/template.ts';
import { SERVING_KEY } from '../layout/files.ts';
import { desiredPoolSecret, desiredSlot, type LayoutSettings } from '../layout/places.ts';
import type { FileOrigin, RepoServerMounts } from '../model/mounts.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { StoredConfigMap } from '../model/stored.ts';
import type { FoundClient } from './input.ts';

/** One file that a component opens, where it comes from, and where it should. */
export interface Need {
  /** Absolute path in the container. */
  readonly path: string;
  readonly origin: FileOrigin;
  readonly secret: string;
  readonly key: string;
}

export interface ClientNeeds {
  readonly certificate: Need;
  readonly key: Need;
  readonly serverCa: Need;
}

/** What of an instance decides where its files should come from. */
export interface NeedsView {
  readonly settings: LayoutSettings & {
    readonly names: Pick<InstanceSettings['names'], 'servingSecret'>;
  };
  readonly stored: { readonly params: Pick<StoredConfigMap, 'data'> | undefined };
}

const paramsOf = ({ stored }: NeedsView): Readonly<Record<string, string>> => stored.params?.data ?? {};

export function clientNeeds({ component, workload, mounts }: FoundClient, view: NeedsView): ClientNeeds {
  const { settings } = view;
  const slot = desiredSlot(component, settings);
  const paths = clientPaths(component, workload.template, paramsOf(view));
  return {
    certificate: {
      path: paths.certificate,
      origin: mounts.certificate,
      secret: slot.secret,
      key: slot.certificate,
    },
    key: { path: paths.key, origin: mounts.key, secret: slot.secret, key: slot.key },
    serverCa: {
      path: paths.serverCa,
      origin: mounts.serverCa,
      secret: desiredPoolSecret(component, settings),
      key: settings.names.keys.serverCa,
    },
  };
}

export interface RepoServerNeeds {
  readonly clientCa: Need;
  readonly serving: readonly Need[];
}

export function repoServerNeeds(
  { workload, mounts }: FoundComponent<RepoServerMounts>,
  view: NeedsView,
): RepoServerNeeds {
  const { names } = view.settings;
  const paths = repoServerPaths(workload.template, paramsOf(view));
  const secret = names.servingSecret;
  return {
    clientCa: {
      path: paths.clientCa,
      origin: mounts.clientCa,
      secret: names.mtlsSecret,
      key: names.keys.clientCa,
    },
    serving: [
      {
        path: paths.servingCertificate,
        origin: mounts.servingCertificate,
        secret,
        key: SERVING_KEY.certificate,
      },
      { path: paths.servingKey, origin: mounts.servingKey, secret, key: SERVING_KEY.key },
    ],
  };
}

/** `client.crt`: a file by its name. */
export const fileName = ({ path }: Pick<Need, 'path'>): string => path.slice(path.lastIndexOf('/') + 1);

/** What of a file's origin keeps published content from reaching it; `undefined` where nothing does. */
export function trouble(need: Need): string | undefined {
  const { origin, secret, key } = need;
  const file = fileName(need);
  switch (origin.from) {
    case 'nowhere':
      return `nothing is mounted at ${origin.path || 'an empty path'} (${file})`;
    case 'not-projected':
      return `the items of the volume leave ${file} out`;
    case 'foreign':
      return `${file} comes from volume ${origin.volume} (${origin.kind}), where nothing can be published`;
    case 'config-map':
      return `${file} comes from ConfigMap ${origin.configMap}`;
    case 'secret':
      if (origin.secret !== secret) return `${file} comes from Secret ${origin.secret}, not ${secret}`;
      return origin.key === key
        ? undefined
        : `${file} comes from key ${origin.key} of Secret ${secret}, not from ${key}`;
  }
}
