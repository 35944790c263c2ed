/**
 * The exact Role and RoleBinding of each instance of a configuration, as YAML.
 *
 * **Invariant:** made from {@link rightsOf} alone; `kubectl apply` of it grants what the configuration needs and nothing else.
 */
import { stringify } from 'yaml';
import { PRODUCT } from '../model/product.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { rightsOf } from './rights.ts';

export interface RoleOptions {
  /** Where the agent's ServiceAccount lives. */
  readonly agentNamespace: string;
  readonly serviceAccount: string;
}

export const roleManifests = (instances: readonly InstanceSettings[], options: RoleOptions): string =>
  instances
    .flatMap((instance) => [roleOf(instance), bindingOf(instance, options)])
    .map((manifest) => stringify(manifest, { lineWidth: 0 }))
    .join('---\n');

const API_VERSION = 'rbac.authorization.k8s.io/v1';

const roleOf = (instance: InstanceSettings) => ({
  apiVersion: API_VERSION,
  kind: 'Role',
  metadata: { name: PRODUCT, namespace: instance.namespace },
  rules: rightsOf(instance).map(({ group, resource, names, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    ...(names === 'any' ? {} : { resourceNames: [...names] }),
    verbs: [...verbs],
  })),
});

const bindingOf = (instance: InstanceSettings, { agentNamespace, serviceAccount }: RoleOptions) => ({
  apiVersion: API_VERSION,
  kind: 'RoleBinding',
  metadata: { name: PRODUCT, namespace: instance.namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: PRODUCT },
  subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: agentNamespace }],
});
