/**
 * Argo CD's workloads as a migration finds them: what they open, what they mount, which mesh is before them and who else restarts them.
 *
 * **Invariant:** everything is said of the pod template, but a mesh's proxy, which only pods may show.
 */
import { dialledHost } from '../../argocd/address.ts';
import { containerOf } from '../../argocd/container.ts';
import type { Discovery, FoundComponent as Found } from '../../argocd/discover.ts';
import { type MeshProxy, proxiesIn, proxyOf } from '../../argocd/mesh.ts';
import { clientPaths, repoServerPaths, verificationOf } from '../../argocd/template.ts';
import { hasMtls } from '../../argocd/versions.ts';
import { foreignOwner } from '../../diagnosis/owners.ts';
import { restarters } from '../../diagnosis/restarters.ts';
import type { FoundComponent, FoundFile, FoundMount, ObjectPlace } from '../../model/migration-findings.ts';
import { objectPlaceText } from '../../model/migration-findings.ts';
import type { ClientMounts, ComponentMounts, RepoServerMounts } from '../../model/mounts.ts';
import { CLIENT_COMPONENTS, type ClientComponent, type Component } from '../../model/terms.ts';
import type { VolumeSource } from '../../model/workload.ts';

type Params = Readonly<Record<string, string>>;

const repoServerFiles = (
  { workload, mounts }: Found<RepoServerMounts>,
  params: Params,
): readonly FoundFile[] => {
  const paths = repoServerPaths(workload.template, params);
  return [
    { file: 'client-ca', path: paths.clientCa, origin: mounts.clientCa },
    { file: 'serving-certificate', path: paths.servingCertificate, origin: mounts.servingCertificate },
    { file: 'serving-key', path: paths.servingKey, origin: mounts.servingKey },
  ];
};

const clientFiles = (
  component: ClientComponent,
  { workload, mounts }: Found<ClientMounts>,
  params: Params,
): readonly FoundFile[] => {
  const paths = clientPaths(component, workload.template, params);
  return [
    { file: 'client-certificate', path: paths.certificate, origin: mounts.certificate },
    { file: 'client-key', path: paths.key, origin: mounts.key },
    { file: 'server-ca', path: paths.serverCa, origin: mounts.serverCa },
  ];
};

/** Volumes of Argo CD's own manifests, and what they show (argo-cd v3.6.1, manifests/base). */
const USUAL: Readonly<Record<string, string>> = {
  'argocd-repo-server-mtls': 'argocd-repo-server-mtls',
  'argocd-repo-server-tls': 'argocd-repo-server-tls',
  'ssh-known-hosts': 'argocd-ssh-known-hosts-cm',
  'tls-certs': 'argocd-tls-certs-cm',
  'gpg-keys': 'argocd-gpg-keys-cm',
  'argocd-cmd-params-cm': 'argocd-cmd-params-cm',
  'argocd-dex-server-tls': 'argocd-dex-server-tls',
};

const objectsOf = (
  source: VolumeSource,
  namespace: string,
): readonly Pick<FoundMount, 'object' | 'optional'>[] => {
  switch (source.type) {
    case 'secret':
      return [{ object: { kind: 'Secret', namespace, name: source.name }, optional: source.optional }];
    case 'configMap':
      return [{ object: { kind: 'ConfigMap', namespace, name: source.name }, optional: source.optional }];
    case 'projected':
      return source.sources.flatMap((part) => objectsOf(part, namespace));
    case 'other':
      return [];
  }
};

/** Every Secret and ConfigMap that the component's container mounts. */
const mountsOf = (component: Component, { workload }: Found): readonly FoundMount[] => {
  const container = containerOf(component, workload.template);
  return workload.template.volumes.flatMap(({ name, source }) =>
    objectsOf(source, workload.ref.namespace).map(({ object, optional }) => ({
      volume: name,
      object,
      optional,
      paths: (container?.mounts ?? []).filter(({ volume }) => volume === name).map(({ path }) => path),
      custom: USUAL[name] !== object.name,
    })),
  );
};

const meshOf = ({ workload, pods }: Found): readonly MeshProxy[] => {
  const found = new Map<string, MeshProxy>();
  for (const proxy of [...proxiesIn(workload.template), ...pods.flatMap((pod) => proxyOf(pod) ?? [])])
    if (!found.has(proxy.name)) found.set(proxy.name, proxy);
  return [...found.values()];
};

const described = (
  component: Component,
  found: Found<ComponentMounts>,
  files: readonly FoundFile[],
  client: Pick<FoundComponent, 'verifies' | 'dials'>,
): FoundComponent => {
  const mounts = mountsOf(component, found);
  const named = (kind: ObjectPlace['kind']) =>
    mounts.filter(({ object }) => object.kind === kind).map(({ object }) => object.name);
  return {
    component,
    workload: found.workload.ref,
    version: found.version.known ? found.version.text : undefined,
    keptBy: foreignOwner({
      ...found.workload,
      name: found.workload.ref.name,
      ownerReferences: found.workload.ownerReferences ?? [],
    })?.owner,
    hasMtls: hasMtls(found.version),
    files,
    mounts,
    ...client,
    mesh: meshOf(found),
    restarters: restarters(found.workload, {
      secrets: named('Secret'),
      configMaps: named('ConfigMap'),
      // Whether an object carries Reloader's `match` is not asked: a workload that follows it is told either way.
      matched: true,
    }),
  };
};

/** Those that were found, repo-server first. `params`: today's `argocd-cmd-params-cm`. */
export const foundComponents = (
  { repoServer, clients }: Discovery,
  params: Params,
): readonly FoundComponent[] => [
  ...(repoServer.state === 'found'
    ? [
        described('repo-server', repoServer, repoServerFiles(repoServer, params), {
          verifies: undefined,
          dials: undefined,
        }),
      ]
    : []),
  ...CLIENT_COMPONENTS.flatMap((component) => {
    const found = clients[component];
    return found.state !== 'found'
      ? []
      : [
          described(component, found, clientFiles(component, found, params), {
            verifies: verificationOf(component, found.mounts),
            dials: dialledHost(found.mounts.repoServerAddress),
          }),
        ];
  }),
];

/** Objects that a file of repo-server mTLS comes from, by their texts. */
export const openedObjects = (components: readonly FoundComponent[]): ReadonlySet<string> =>
  new Set(
    components.flatMap(({ files, workload: { namespace } }) =>
      files.flatMap(({ origin }) => {
        if (origin.from === 'secret')
          return [objectPlaceText({ kind: 'Secret', namespace, name: origin.secret })];
        return origin.from === 'config-map'
          ? [objectPlaceText({ kind: 'ConfigMap', namespace, name: origin.configMap })]
          : [];
      }),
    ),
  );

/** Names, without port, by which clients dial repo-server. */
export const dialledNames = (components: readonly FoundComponent[]): readonly string[] => [
  ...new Set(components.flatMap(({ dials }) => dials ?? [])),
];
