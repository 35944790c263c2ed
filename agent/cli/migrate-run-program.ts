/**
 * The command line of `migrate run`, `migrate status` and `migrate undo`.
 */
import { type Command, Option } from 'commander';
import { DURATION_ALLOWED, parseDuration } from '../config/duration.ts';
import { MIGRATION_STEPS, type MigrationStepId } from '../model/migration.ts';
import type { Duration } from '../model/terms.ts';
import { UsageError } from './exit-codes.ts';
import { kubeconfigOption, namespaceOption, outputOption } from './migrate-options.ts';
import { runCommand, statusCommand, undoCommand } from './migrate-run-command.ts';
import { type MigrateTools, withMigration } from './migrate-tools.ts';
import type { Output } from './plan-command.ts';

const planOption = () =>
  new Option(
    '-p, --plan <file>',
    'the plan, or the directory that migrate plan wrote it to',
  ).makeOptionMandatory();
const waitOption = () =>
  new Option(
    '--wait <duration>',
    'how long to wait for one thing that somebody else has to do (default: until it is there)',
  );

interface CarryOptions {
  readonly plan: string;
  readonly until?: MigrationStepId;
  readonly wait?: string;
  readonly kubeconfig?: string;
}

const waitOf = ({ wait }: Pick<CarryOptions, 'wait'>): Duration | undefined => {
  if (wait === undefined) return undefined;
  const duration = parseDuration(wait);
  if (duration === undefined)
    throw new UsageError(`--wait ${wait} is no duration.`, `Give ${DURATION_ALLOWED}.`);
  return duration;
};

/** Adds the commands that carry a plan out. `ended` is told the exit code. */
export const addMigrateRun = (migrate: Command, tools: MigrateTools, ended: (code: number) => void): void => {
  const { signal, terminal } = tools;

  migrate
    .command('run')
    .description('carry a plan out, step by step; can be stopped at any moment and goes on from there')
    .addOption(planOption())
    .addOption(new Option('--until <step>', 'stop when this step is done').choices(MIGRATION_STEPS))
    .addOption(waitOption())
    .addOption(kubeconfigOption())
    .action(async (options: CarryOptions) => {
      const request = { plan: options.plan, until: options.until, wait: waitOf(options) };
      ended(
        await withMigration(tools, options.kubeconfig, (services) =>
          runCommand(services, request, signal, terminal),
        ),
      );
    });

  migrate
    .command('undo')
    .description('take a migration back, in an order in which no call fails; until its last step')
    .addOption(planOption())
    .addOption(waitOption())
    .addOption(kubeconfigOption())
    .action(async (options: CarryOptions) => {
      const request = { plan: options.plan, wait: waitOf(options) };
      ended(
        await withMigration(tools, options.kubeconfig, (services) =>
          undoCommand(services, request, signal, terminal),
        ),
      );
    });

  migrate
    .command('status')
    .description('tell how far a migration is; reads only')
    .addOption(namespaceOption())
    .addOption(kubeconfigOption())
    .addOption(outputOption())
    .action(async (options: { kubeconfig?: string; namespace: string; output: Output }) => {
      ended(
        await withMigration(tools, options.kubeconfig, (services) =>
          statusCommand(services, options, terminal),
        ),
      );
    });
};
