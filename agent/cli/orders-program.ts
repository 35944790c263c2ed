/**
 * The command lines of `approve`, `pause` and `resume`.
 *
 * **Invariant:** works as whoever runs it; the agent's own rights do not suffice.
 */
import { type Command, Option } from 'commander';
import { approve, pause, resume } from './orders-command.ts';
import type { Services, Terminal } from './services.ts';

interface Common {
  readonly config: string;
  readonly kubeconfig?: string;
  readonly by: string;
}

/** Options that every command has, and what it works with. */
export interface OrdersTools {
  readonly terminal: Terminal;
  readonly common: (command: Command) => Command;
  readonly using: (options: Common, work: (services: Services) => Promise<void>) => Promise<void>;
}

const byOption = () =>
  new Option('--by <name>', 'who says so; in trace, Event and journal').makeOptionMandatory();

/** Adds the commands to the program. */
export const addOrders = (program: Command, { terminal, common, using }: OrdersTools): void => {
  common(
    program
      .command('approve')
      .description('approve the plan that an instance is held with; `plan` shows its digest')
      .argument('<instance>', 'name of the instance')
      .argument('<plan-digest>', 'digest of the plan'),
  )
    .addOption(byOption())
    .option('--change <id>', "id of the change in the organisation's change management")
    .action(async (instance: string, digest: string, options: Common & { change?: string }) => {
      const { by, change } = options;
      await using(options, (services) => approve(services, { instance, digest, by, change }, terminal));
    });

  common(
    program
      .command('pause')
      .description('have an instance left as it is, whatever is due')
      .argument('<instance>', 'name of the instance'),
  )
    .addOption(byOption())
    .requiredOption('--why <text>', 'why; whoever is held reads it')
    .action(async (instance: string, options: Common & { why: string }) => {
      const { by, why } = options;
      await using(options, (services) => pause(services, { instance, by, why }, terminal));
    });

  common(program.command('resume').description('end a pause').argument('<instance>', 'name of the instance'))
    .addOption(byOption())
    .action(async (instance: string, options: Common) => {
      await using(options, (services) => resume(services, { instance, by: options.by }, terminal));
    });
};
