/**
 * The command line of `migrate`: `look`; what carries a plan out is in `migrate-run-program.ts`.
 *
 * **Invariant:** needs no configuration file and no rights of the agent: it works as whoever runs it.
 */
import { type Command, Option } from 'commander';
import { lookCommand } from './migrate-command.ts';
import { kubeconfigOption, namespaceOption, outputOption } from './migrate-options.ts';
import { addMigrateRun } from './migrate-run-program.ts';
import { type MigrateTools, withMigration } from './migrate-tools.ts';
import type { Output } from './plan-command.ts';

const searchOption = () =>
  new Option(
    '--search-namespace <name...>',
    'further namespaces whose Secrets and ConfigMaps are looked through',
  ).default([], 'none');
/** Where to look. */
interface LookOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly searchNamespace: string[];
  readonly output: Output;
}

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

  addMigrateRun(migrate, tools, ended);
};
