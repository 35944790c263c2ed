/**
 * The resources the stand-in serves, and what the agent may do with each.
 *
 * **Invariant:** `agentVerbs` is the agent's whole surface. A call of the agent outside of it is a violation and fails the test.
 */

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  /** Spec changes bump metadata.generation. */
  readonly generation: boolean;
  /** Writes to the object leave `status` alone, and the other way round. */
  readonly statusSubresource: boolean;
  /** Verbs by subresource (`''` for the object). */
  readonly agentVerbs: Readonly<Record<string, readonly string[]>>;
  /** The agent lists and watches single objects only: a list or watch needs `fieldSelector=metadata.name=…`. */
  readonly byNameOnly: boolean;
  /** Or those that a labelSelector picks. */
  readonly byLabel?: boolean;
}

export const KINDS: readonly Kind[] = [
  {
    group: '',
    version: 'v1',
    plural: 'secrets',
    kind: 'Secret',
    generation: false,
    statusSubresource: false,
    // `create` is what an apply that creates needs besides `patch`; a POST is told apart in http.ts.
    agentVerbs: { '': ['get', 'watch', 'patch', 'delete'] },
    byNameOnly: true,
  },
  {
    group: '',
    version: 'v1',
    plural: 'configmaps',
    kind: 'ConfigMap',
    generation: false,
    statusSubresource: false,
    agentVerbs: { '': ['get', 'watch', 'patch'] },
    byNameOnly: true,
  },
  {
    group: '',
    version: 'v1',
    plural: 'pods',
    kind: 'Pod',
    generation: false,
    statusSubresource: true,
    agentVerbs: { '': ['list', 'watch'], eviction: ['create'] },
    byNameOnly: false,
  },
  {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    generation: true,
    statusSubresource: true,
    agentVerbs: { '': ['list', 'watch', 'patch'] },
    byNameOnly: false,
  },
  {
    group: 'apps',
    version: 'v1',
    plural: 'statefulsets',
    kind: 'StatefulSet',
    generation: true,
    statusSubresource: true,
    agentVerbs: { '': ['list', 'watch', 'patch'] },
    byNameOnly: false,
  },
  {
    group: 'events.k8s.io',
    version: 'v1',
    plural: 'events',
    kind: 'Event',
    generation: false,
    statusSubresource: false,
    agentVerbs: { '': ['create'] },
    byNameOnly: false,
  },
  {
    group: 'policy',
    version: 'v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    generation: true,
    statusSubresource: true,
    // Somebody else's: it only answers an eviction.
    agentVerbs: {},
    byNameOnly: true,
  },
  {
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    generation: false,
    statusSubresource: false,
    agentVerbs: { '': ['get', 'patch'] },
    byNameOnly: true,
  },
  {
    group: 'cert-manager.io',
    version: 'v1',
    plural: 'certificates',
    kind: 'Certificate',
    generation: true,
    statusSubresource: true,
    agentVerbs: { '': ['get', 'list', 'watch'], status: ['patch'] },
    byNameOnly: true,
    byLabel: true,
  },
  // Made by `migrate` only: the agent has no business with them.
  ...[
    ['cert-manager.io', 'issuers', 'Issuer'] as const,
    ['', 'serviceaccounts', 'ServiceAccount'] as const,
    ['rbac.authorization.k8s.io', 'roles', 'Role'] as const,
    ['rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding'] as const,
  ].map(
    ([group, plural, kind]): Kind => ({
      group,
      version: 'v1',
      plural,
      kind,
      generation: group === 'cert-manager.io',
      statusSubresource: group === 'cert-manager.io',
      agentVerbs: {},
      byNameOnly: true,
    }),
  ),
  ...['v1', 'v1beta1'].map(
    (version): Kind => ({
      group: 'external-secrets.io',
      version,
      plural: 'externalsecrets',
      kind: 'ExternalSecret',
      generation: true,
      statusSubresource: true,
      agentVerbs: { '': ['get', 'watch'] },
      byNameOnly: true,
    }),
  ),
];

export const kindByName = (kind: string): Kind => {
  const found = KINDS.find((candidate) => candidate.kind === kind);
  if (found === undefined) throw new Error(`the stand-in knows no kind ${kind}`);
  return found;
};

export const apiVersionOf = (kind: Kind): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
