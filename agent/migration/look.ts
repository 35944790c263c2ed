/**
 * `migrate look`: what is there, read with the user's own rights.
 *
 * **Invariant:** reads only.
 */
import type { MigrationFindings } from '../model/migration-findings.ts';
import type { Clock, Cluster, Inventory } from '../ports.ts';
import { assemble } from './findings/assemble.ts';
import { type LookRequest, readNamespaces } from './read-namespaces.ts';

export type { LookRequest } from './read-namespaces.ts';

export interface LookTools {
  readonly cluster: Cluster;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** @throws ApiError where the instance's workloads can't be read */
export const look = async (
  { cluster, inventory, clock }: LookTools,
  request: LookRequest,
): Promise<MigrationFindings> =>
  assemble({ ...request, ...(await readNamespaces(cluster, inventory, request)), at: clock.now() });
