/**
 * The kinds the agent deals with, and their place in the API.
 *
 * **Invariant:** nothing outside this table is ever asked for; the Role in `manifests/` is checked against it.
 */

export interface ResourceType {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

export const RESOURCES = {
  Secret: { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
  ConfigMap: { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' },
  Pod: { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets', kind: 'StatefulSet' },
  Event: { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' },
  Lease: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
  Certificate: { group: 'cert-manager.io', version: 'v1', plural: 'certificates', kind: 'Certificate' },
  ExternalSecret: {
    group: 'external-secrets.io',
    version: 'v1',
    plural: 'externalsecrets',
    kind: 'ExternalSecret',
  },
} as const satisfies Readonly<Record<string, ResourceType>>;

/** The version before, where servers are met that know only that one: External Secrets has v1 since 0.16 and drops v1beta1 in 0.17. */
export const EARLIER: Readonly<Partial<Record<keyof typeof RESOURCES, ResourceType>>> = {
  ExternalSecret: { ...RESOURCES.ExternalSecret, version: 'v1beta1' },
};

export type ResourceKind = keyof typeof RESOURCES;

/** `v1`, `apps/v1`, … as it stands in `apiVersion`. */
export const apiVersion = (type: ResourceType): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;

/** Path of a collection, an object, or an object's subresource. Names are escaped. */
export const resourcePath = (
  type: ResourceType,
  namespace: string,
  name?: string,
  subresource?: string,
): string => {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const parts = ['namespaces', namespace, type.plural, name, subresource].filter(
    (part): part is string => part !== undefined,
  );
  return `${root}/${parts.map(encodeURIComponent).join('/')}`;
};
