/**
 * `migrate look` and `migrate plan`: show what is there and what would be done. Both only read, with the rights of whoever runs them.
 *
 * **Invariant:** a plan that is blocked is shown with everything that blocks it, and never written.
 */
import { stringify } from 'yaml';
import type { PlanChoice } from '../migration/planning/choice.ts';
import { EXIT } from './exit-codes.ts';
import type { Output } from './plan-command.ts';
import { writePlan } from './plan-files.ts';
import { renderLook } from './render-look.ts';
import { renderMigration } from './render-migration.ts';
import type { MigrationServices, Terminal } from './services.ts';

export interface LookCommandRequest {
  readonly namespace: string;
  readonly searchNamespace: readonly string[];
  readonly output: Output;
}

export interface PlanCommandRequest extends LookCommandRequest {
  readonly choice: PlanChoice;
  /** Directory. */
  readonly write: string | undefined;
}

/** JSON or YAML of a value, with a final newline; YAML without anchors, which not every reader follows. */
export const machineText = (value: object, output: Exclude<Output, 'table'>): string =>
  output === 'json'
    ? `${JSON.stringify(value, undefined, 2)}\n`
    : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

const show = <T extends object>(
  value: T,
  output: Output,
  terminal: Terminal,
  table: (value: T, options: { readonly colours: boolean }) => string,
): void =>
  terminal.out(output === 'table' ? table(value, { colours: terminal.colours }) : machineText(value, output));

/** The exit code: what was found is told, whatever it is. */
export const lookCommand = async (
  services: MigrationServices,
  { namespace, searchNamespace, output }: LookCommandRequest,
  terminal: Terminal,
): Promise<number> => {
  show(await services.look({ namespace, searched: searchNamespace }), output, terminal, renderLook);
  return EXIT.ok;
};

/** The exit code: `refused` where the plan is blocked. @throws UsageError where it can't be written there */
export const migrationPlanCommand = async (
  services: MigrationServices,
  { namespace, searchNamespace, output, choice, write }: PlanCommandRequest,
  terminal: Terminal,
): Promise<number> => {
  const plan = await services.plan({ namespace, searched: searchNamespace }, choice);
  show(plan, output, terminal, renderMigration);
  const isBlocked = plan.problems.some(({ severity }) => severity === 'blocking');
  if (isBlocked) return EXIT.refused;
  if (write !== undefined) {
    const files = writePlan(plan, write);
    // Beside the plan itself, which may go into a pipe.
    terminal.err(`Written to ${write}: ${files.join(', ')}\n`);
  }
  return EXIT.ok;
};
