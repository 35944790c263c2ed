/**
 * What the contract suite needs of a server, whichever it is.
 *
 * **Invariant:** the agent's calls are made under `AGENT_RULES`, never as an administrator.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { type ClientTools, KubeClient } from '../../agent/kube/client.ts';
import { createCluster } from '../../agent/kube/cluster.ts';
import { createInventory } from '../../agent/kube/inventory.ts';
import { createLeases } from '../../agent/kube/lease.ts';
import { createOwnObjects } from '../../agent/kube/own-objects.ts';
import type { Cluster, Inventory, Leases, OwnObjects, Random } from '../../agent/ports.ts';
import { realClock } from '../kit/api-server/clock.ts';
import type { Admin } from './admin.ts';

export interface ContractRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The agent's Role in `manage`, without names (each test has objects of its own). */
export const AGENT_RULES: readonly ContractRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'watch', 'create', 'patch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: ['list', 'watch', 'patch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
  { apiGroups: ['cert-manager.io'], resources: ['certificates'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['external-secrets.io'], resources: ['externalsecrets'], verbs: ['get', 'watch'] },
  { apiGroups: ['cert-manager.io'], resources: ['certificates/status'], verbs: ['patch'] },
];

/** Somebody who may touch one Secret by its name, and create that one by applying it. */
export const NARROW_RULES: readonly ContractRule[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get', 'watch', 'patch', 'create'],
    resourceNames: ['narrow'],
  },
];

/** Somebody who runs `migrate`: may list Secrets but not ConfigMaps, and make ConfigMaps but not Secrets. */
export const OPERATOR_RULES: readonly ContractRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['list'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create', 'delete'] },
];

export interface ContractWorld {
  readonly namespace: string;
  readonly admin: Admin;
  readonly agent: Agent;
  readonly narrow: Agent;
  readonly operator: Agent;
  /** An image that is there and runs until it is told to stop. */
  readonly image: string;
  /** The Certificate resource is served. */
  readonly certificates: boolean;
  /** The ExternalSecret resource is served. */
  readonly externalSecrets: boolean;
  /** Checks what the server saw, where it can, and cleans up. */
  close(): Promise<void>;
}

export interface Agent {
  readonly cluster: Cluster;
  readonly leases: Leases;
  readonly client: KubeClient;
  readonly inventory: Inventory;
  readonly own: OwnObjects;
}

const random: Random = { hex: (bytes) => 'ab'.repeat(bytes) };

export const agentOf = (kubeConfig: KubeConfig): Agent => {
  const tools: ClientTools = { kubeConfig, clock: realClock, random };
  return {
    cluster: createCluster({ ...tools, reporter: 'contract' }),
    leases: createLeases(tools),
    client: new KubeClient(tools),
    inventory: createInventory(tools),
    own: createOwnObjects(tools),
  };
};
