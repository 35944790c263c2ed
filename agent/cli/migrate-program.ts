/**
 * The command line of `migrate`: `look`; a plan is made in `migrate-plan-program.ts` and carried out in `migrate-run-program.ts`.
 *
 * **Invariant:** needs no configuration file and no rights of the agent: it works as whoever runs it.
 */
import type { Command } from 'commander';
import { lookCommand } from './migrate-command.ts';
import {
  kubeconfigOption,
  type LookOptions,
  namespaceOption,
  outputOption,
  searchOption,
} from './migrate-options.ts';
import { addMigratePlan } from './migrate-plan-program.ts';
import { addMigrateRun } from './migrate-run-program.ts';
import { type MigrateTools, withMigration } from './migrate-tools.ts';

/** Adds `migrate` to the program. `ended` is told the exit code. */
export const addMigrate = (program: Command, tools: MigrateTools, ended: (code: number) => void): void => {
  const migrate = program
    .command('migrate')
    .description('take an installation from static Secrets, hand-wired certificates or a mesh to this agent');

  migrate
    .command('look')
    .description('show which certificates, keys, mounts and writers are there; reads only')
    .addOption(namespaceOption())
    .addOption(searchOption())
    .addOption(kubeconfigOption())
    .addOption(outputOption())
    .action(async (options: LookOptions) => {
      ended(
        await withMigration(tools, options.kubeconfig, (services) =>
          lookCommand(services, options, tools.terminal),
        ),
      );
    });

  addMigratePlan(migrate, tools, ended);
  addMigrateRun(migrate, tools, ended);
};
