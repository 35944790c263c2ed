/**
 * The command line of `migrate`: `look`.
 *
 * **Invariant:** needs no configuration file and no rights of the agent: it works as whoever runs it.
 */
import { type Command, Option } from 'commander';
import { lookCommand } from './migrate-command.ts';
import { OUTPUTS, type Output } from './plan-command.ts';
import type { MigrationServices, OpenMigration, Terminal } from './services.ts';

export interface MigrateTools {
  readonly openMigration: OpenMigration;
  readonly terminal: Terminal;
}

const kubeconfigOption = () =>
  new Option(
    '--kubeconfig <file>',
    "kubeconfig (default: KUBECONFIG, the home folder's, or the pod's own account)",
  );
const namespaceOption = () => new Option('-n, --namespace <name>', "Argo CD's namespace").default('argocd');
const searchOption = () =>
  new Option(
    '--search-namespace <name...>',
    'further namespaces whose Secrets and ConfigMaps are looked through',
  ).default([], 'none');
const outputOption = () =>
  new Option('-o, --output <format>', 'how to show it').choices(OUTPUTS).default('table');

/** Where to look. */
interface LookOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly searchNamespace: string[];
  readonly output: Output;
}

const using = async (
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
        await using(tools, options.kubeconfig, (services) => lookCommand(services, options, tools.terminal)),
      );
    });
};
