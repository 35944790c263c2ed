/**
 * What the agent asks of the Kubernetes API in one Argo CD namespace, by configuration. The Roles in `manifests/` are held against it.
 *
 * **Invariant:** every right on a Secret, a ConfigMap or a write names its object; only what has to be discovered is listed without names.
 */
import { componentSecrets } from '../layout/places.ts';
import type { InstanceSettings, SourceSpec } from '../model/settings.ts';
import { pendingSecretOf, type RoleOfSource, sourceRoles } from '../model/source-role.ts';
import { COMPONENTS, type Component } from '../model/terms.ts';
import { readObjects } from './read-objects.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';

export interface Right {
  /** API group; empty for the core group. */
  readonly group: string;
  /** Plural, with the subresource where there is one: `pods/eviction`. */
  readonly resource: string;
  /** `any`: in the namespace, whatever its name. */
  readonly names: readonly string[] | 'any';
  readonly verbs: readonly Verb[];
  /** What it is used for. */
  readonly why: string;
}

/** Named objects are read and watched one by one, and never listed: agent/kube/read.ts, agent/kube/watch.ts. */
const LOOK = ['get', 'watch'] as const;
/** `create` is what the API server asks for where a server-side apply finds nothing: agent/kube/apply.ts. */
const WRITE = ['create', 'patch'] as const;

/** Workloads by the kind that upstream's manifests give them. */
const KIND: Readonly<Record<Component, 'deployments' | 'statefulsets'>> = {
  'repo-server': 'deployments',
  server: 'deployments',
  'application-controller': 'statefulsets',
  'applicationset-controller': 'deployments',
  'notifications-controller': 'deployments',
};

/**
 * All rights of one instance, no more and no less.
 *
 * @param secretOf the Secret of a Certificate, which only the cluster knows; the same name is assumed
 */
export const rightsOf = (
  settings: InstanceSettings,
  secretOf: (certificate: string) => string = (certificate) => certificate,
): readonly Right[] => [
  ...looking(settings, secretOf),
  ...(settings.mode === 'observe' ? [] : publishing(settings)),
  ...(settings.mode === 'manage' ? restarting(settings) : []),
];

const core = (resource: string, names: Right['names'], verbs: readonly Verb[], why: string): Right => ({
  group: '',
  resource,
  names,
  verbs,
  why,
});

const looking = (settings: InstanceSettings, secretOf: (certificate: string) => string): readonly Right[] => {
  const { names } = settings;
  return [
    core('secrets', [names.mtlsSecret, names.servingSecret], LOOK, 'see what is published'),
    ...componentSecrets(settings).map((name) =>
      core('secrets', [name], LOOK, "see what is published for one client's use"),
    ),
    core('secrets', [names.previousSecret], ['get'], 'prove that the previous leaf is refused'),
    ...sourceRoles(settings).flatMap((role) => reading(role, settings, secretOf)),
    core('configmaps', [names.paramsConfigMap], LOOK, "see Argo CD's parameters"),
    core('configmaps', [names.journalConfigMap], ['get', ...WRITE], 'keep journal and status'),
    core('configmaps', [names.ordersConfigMap], LOOK, 'see approvals and pauses'),
    ...(['deployments', 'statefulsets'] as const).map(
      (resource): Right => ({
        group: 'apps',
        resource,
        names: 'any',
        verbs: ['list', 'watch'],
        why: "find Argo CD's workloads",
      }),
    ),
    core('pods', 'any', ['list', 'watch'], 'see which pods run, and since when'),
    {
      group: 'events.k8s.io',
      resource: 'events',
      names: 'any',
      verbs: ['create'],
      why: 'tell what was done',
    },
  ];
};

const named = (source: SourceSpec): readonly Right[] =>
  readObjects(source).map(({ kind, name, why }) =>
    core(kind === 'Secret' ? 'secrets' : 'configmaps', [name], LOOK, why),
  );

/** What each kind of source reads of the cluster. */
const reading = (
  { spec: source, role }: RoleOfSource,
  settings: InstanceSettings,
  secretOf: (certificate: string) => string,
): readonly Right[] => {
  switch (source.type) {
    case 'certManager':
      return [
        {
          group: 'cert-manager.io',
          resource: 'certificates',
          ...(source.certificate === undefined
            ? { names: 'any', verbs: ['list', 'watch'], why: 'find the Certificate by its labels' }
            : { names: [source.certificate], verbs: LOOK, why: 'see whether the Certificate is ready' }),
        },
        ...(source.certificate === undefined || source.secret !== undefined
          ? []
          : [core('secrets', [secretOf(source.certificate)], LOOK, 'read its material')]),
        ...named(source),
      ];
    case 'externalSecret':
      return [
        {
          group: 'external-secrets.io',
          resource: 'externalsecrets',
          names: [source.name],
          verbs: LOOK,
          why: 'see whether the ExternalSecret is ready',
        },
        ...named(source),
      ];
    case 'secret':
    case 'configMap':
      return named(source);
    case 'vaultPki':
      return [
        core('secrets', [pendingSecretOf(settings, role)], ['get'], 'find a pair that is not published yet'),
      ];
    case 'vaultKv':
    case 'files':
      return [];
  }
};

/** What each kind of source may change of the cluster. */
const issuing = ({ spec, role }: RoleOfSource, settings: InstanceSettings): readonly Right[] => {
  switch (spec.type) {
    case 'certManager':
      return spec.reissue === 'never' || spec.certificate === undefined
        ? []
        : [
            {
              group: 'cert-manager.io',
              resource: 'certificates/status',
              names: [spec.certificate],
              verbs: ['patch'],
              why: 'ask for a new leaf',
            },
          ];
    case 'vaultPki':
      return [
        core(
          'secrets',
          [pendingSecretOf(settings, role)],
          [...WRITE, 'delete'],
          'keep a new pair until it is published',
        ),
      ];
    case 'vaultKv':
    case 'secret':
    case 'configMap':
    case 'externalSecret':
    case 'files':
      return [];
  }
};

const publishing = (settings: InstanceSettings): readonly Right[] => {
  const { names, serving, verification } = settings;
  return [
    core('secrets', [names.mtlsSecret], WRITE, 'publish client certificate and trust'),
    ...componentSecrets(settings).map((name) =>
      core('secrets', [name], WRITE, "publish one client's certificate"),
    ),
    core(
      'secrets',
      [names.previousSecret],
      [...WRITE, 'delete'],
      'keep the previous leaf until its refusal is proved',
    ),
    ...(serving === undefined
      ? []
      : [core('secrets', [names.servingSecret], WRITE, 'publish the serving certificate')]),
    ...(verification === 'on'
      ? [core('configmaps', [names.paramsConfigMap], WRITE, 'set the CA paths')]
      : []),
    ...sourceRoles(settings).flatMap((role) => issuing(role, settings)),
  ];
};

const restarting = ({ names, evictions }: InstanceSettings): readonly Right[] => [
  ...COMPONENTS.map(
    (component): Right => ({
      group: 'apps',
      resource: KIND[component],
      names: [names.workloads[component] ?? `argocd-${component}`],
      verbs: ['patch'],
      why: `restart ${component}`,
    }),
  ),
  ...(evictions === 'allowed'
    ? [core('pods/eviction', 'any', ['create'], 'replace pods that a rollout leaves')]
    : []),
];

/** One right for each name and verb: `apps/deployments patch argocd-server`. For comparing. */
export const flatten = (
  rights: readonly Pick<Right, 'group' | 'resource' | 'names' | 'verbs'>[],
): readonly string[] =>
  [
    ...new Set(
      rights.flatMap(({ group, resource, names, verbs }) =>
        (names === 'any' ? ['*'] : names).flatMap((name) =>
          verbs.map((verb) => `${group === '' ? 'core' : group}/${resource} ${verb} ${name}`),
        ),
      ),
    ),
  ].toSorted();
