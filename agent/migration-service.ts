/**
 * What `migrate` works with: the cluster as its user may see it.
 *
 * **Invariant:** only this wiring has an inventory; the agent at work is given none.
 */
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { MigrationServices } from './cli/services.ts';
import { createCluster } from './kube/cluster.ts';
import { createInventory } from './kube/inventory.ts';
import { look } from './migration/look.ts';
import type { Clock, Random } from './ports.ts';

export interface MigrationParts {
  readonly kubeConfig: KubeConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** Who this is, for Events. */
  readonly identity: string;
}

export const createMigration = ({
  kubeConfig,
  clock,
  random,
  identity,
}: MigrationParts): MigrationServices => {
  const tools = { kubeConfig, clock, random };
  const cluster = createCluster({ ...tools, reporter: identity, onTrouble: () => undefined });
  const inventory = createInventory(tools);
  return {
    look: (request) => look({ cluster, inventory, clock }, request),
    close: () => Promise.resolve(),
  };
};
