/**
 * The command line: `run`, `plan`, `approve`, `pause`, `resume`, `check`, `rights`, `migrate`, `sidecar`, `version`.
 *
 * **Invariant:** reads no environment and ends no process; it answers an exit code.
 */
import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../config/problem.ts';
import { roleManifests } from '../config/role.ts';
import { loadConfig } from '../config/watch.ts';
import { COMMAND, PRODUCT } from '../model/product.ts';
import { EXIT, EXIT_HELP, exitCodeOf } from './exit-codes.ts';
import { addMigrate } from './migrate-program.ts';
import { addOrders } from './orders-program.ts';
import { OUTPUTS, type Output, planCommand } from './plan-command.ts';
import type { OpenMigration, OpenServices, RunSidecar, Services, Terminal } from './services.ts';

export interface ProgramTools {
  readonly open: OpenServices;
  readonly runSidecar: RunSidecar;
  readonly openMigration: OpenMigration;
  readonly terminal: Terminal;
  readonly version: string;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
}

const DEFAULT_CONFIG = '/etc/mtls-rotator/config.yaml';

const configOption = () => new Option('-c, --config <file>', 'configuration file').default(DEFAULT_CONFIG);
const kubeconfigOption = () =>
  new Option(
    '--kubeconfig <file>',
    "kubeconfig (default: KUBECONFIG, the home folder's, or the pod's own account)",
  );

/** Arguments without program and script. Never rejects. */
export const runProgram = async (argv: readonly string[], tools: ProgramTools): Promise<number> => {
  const { terminal } = tools;
  let code: number = EXIT.ok;
  const program = new Command(COMMAND)
    .description("Keeps Argo CD's repo-server mTLS alive through every certificate change, and proves it.")
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHasColors: () => terminal.colours,
    })
    .showHelpAfterError()
    .addHelpText('after', EXIT_HELP);

  program
    .command('run')
    .description('work until stopped: observe, plan, carry out')
    .addOption(configOption())
    .addOption(kubeconfigOption())
    .action(async (options: { config: string; kubeconfig?: string }) => {
      await using(tools, options, (services) => services.run(tools.signal));
    });

  program
    .command('plan')
    .description('show what would be done for the state as it is; reads only')
    .addOption(configOption())
    .addOption(kubeconfigOption())
    .option('-i, --instance <name>', 'only this instance')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(OUTPUTS).default('table'))
    .option('--exit-code', 'tell by the exit code whether something is left to do', false)
    .action(
      async (options: {
        config: string;
        kubeconfig?: string;
        instance?: string;
        output: Output;
        exitCode: boolean;
      }) => {
        await using(tools, options, async (services) => {
          code = await planCommand(services, { ...options, instance: options.instance }, terminal);
        });
      },
    );

  addOrders(program, {
    terminal,
    common: (command) => command.addOption(configOption()).addOption(kubeconfigOption()),
    using: (options, work) => using(tools, options, work),
  });

  program
    .command('check')
    .description('check a configuration file; needs no cluster')
    .addOption(configOption())
    .action(async (options: { config: string }) => {
      const { settings } = await loadConfig(options.config);
      terminal.out(`${options.config} is valid: ${settings.instances.map(({ name }) => name).join(', ')}\n`);
    });

  program
    .command('rights')
    .description(
      'print the Role and RoleBinding that each instance needs; needs no cluster. A Certificate is taken to have a Secret of its own name',
    )
    .addOption(configOption())
    .option('--agent-namespace <name>', "namespace of the agent's ServiceAccount", PRODUCT)
    .option('--service-account <name>', "the agent's ServiceAccount", PRODUCT)
    .action(async (options: { config: string; agentNamespace: string; serviceAccount: string }) => {
      const { settings } = await loadConfig(options.config);
      terminal.out(roleManifests(settings.instances, options));
    });

  addMigrate(program, tools, (ended) => {
    code = ended;
  });

  program
    .command('sidecar')
    .description("write Argo CD's files beside it, in its own pod, until stopped")
    .addOption(
      new Option('-c, --config <file>', "the sidecar's configuration file").default(
        '/etc/mtls-rotator/sidecar.yaml',
      ),
    )
    .addOption(kubeconfigOption())
    .action(async (options: { config: string; kubeconfig?: string }) => {
      await tools.runSidecar({ config: options.config, kubeconfig: options.kubeconfig }, tools.signal);
    });

  program
    .command('version')
    .description('print the version')
    .action(() => terminal.out(`${tools.version}\n`));

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code > 100 ? code - 100 : code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    terminal.err(`${describe(error)}\n`);
    return exitCodeOf(error);
  }
};

const using = async (
  tools: ProgramTools,
  options: { readonly config: string; readonly kubeconfig?: string },
  work: (services: Services) => Promise<void>,
): Promise<void> => {
  const services = await tools.open({ config: options.config, kubeconfig: options.kubeconfig });
  try {
    await work(services);
  } finally {
    await services.close();
  }
};

/** A defect shows where it happened; anything else is for people. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ConfigError || exitCodeOf(error) !== EXIT.broken
    ? error.message
    : (error.stack ?? error.message);
};
