/**
 * `migrate look`: what is there, read with the user's own rights.
 *
 * **Invariant:** reads only.
 */
import type { MigrationFindings } from '../model/migration-findings.ts';
import type { Clock, Cluster, Inventory } from '../ports.ts';
import { assemble, type Sight } from './findings/assemble.ts';
import { type LookRequest, readNamespaces } from './read-namespaces.ts';

export type { LookRequest } from './read-namespaces.ts';

export interface LookTools {
  readonly cluster: Cluster;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

export interface Seen {
  readonly sight: Sight;
  readonly findings: MigrationFindings;
}

/** What was read, and what it comes to. @throws ApiError where the instance's workloads can't be read */
export const see = async ({ cluster, inventory, clock }: LookTools, request: LookRequest): Promise<Seen> => {
  const sight = { ...request, ...(await readNamespaces(cluster, inventory, request)), at: clock.now() };
  return { sight, findings: assemble(sight) };
};

/** @throws ApiError where the instance's workloads can't be read */
export const look = async (tools: LookTools, request: LookRequest): Promise<MigrationFindings> =>
  (await see(tools, request)).findings;
