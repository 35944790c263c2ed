/**
 * What the commands of `migrate` are given.
 */
import type { MigrationServices, OpenMigration, Terminal } from './services.ts';

export interface MigrateTools {
  readonly openMigration: OpenMigration;
  readonly terminal: Terminal;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

/** Opens what the commands work with, and closes it. */
export const withMigration = async (
  tools: MigrateTools,
  kubeconfig: string | undefined,
  work: (services: MigrationServices) => Promise<number>,
): Promise<number> => {
  const services = await tools.openMigration({ kubeconfig });
  try {
    return await work(services);
  } finally {
    await services.close();
  }
};
