/**
 * `migrate look`: shows what is there. Reads only, with the rights of whoever runs it.
 */
import { stringify } from 'yaml';
import type { MigrationFindings } from '../model/migration-findings.ts';
import { EXIT } from './exit-codes.ts';
import type { Output } from './plan-command.ts';
import { renderLook } from './render-look.ts';
import type { MigrationServices, Terminal } from './services.ts';

export interface LookCommandRequest {
  readonly namespace: string;
  readonly searchNamespace: readonly string[];
  readonly output: Output;
}

/** JSON or YAML of a value, with a final newline. */
export const machineText = (value: object, output: Exclude<Output, 'table'>): string =>
  output === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : stringify(value, { lineWidth: 0 });

/** The exit code: what was found is told, whatever it is. */
export const lookCommand = async (
  services: MigrationServices,
  { namespace, searchNamespace, output }: LookCommandRequest,
  terminal: Terminal,
): Promise<number> => {
  const found: MigrationFindings = await services.look({ namespace, searched: searchNamespace });
  terminal.out(
    output === 'table' ? renderLook(found, { colours: terminal.colours }) : machineText(found, output),
  );
  return EXIT.ok;
};
