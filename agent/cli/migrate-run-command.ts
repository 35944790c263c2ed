/**
 * `migrate run`, `migrate undo` and `migrate status`: carry a plan out, take it back, tell how far it is.
 *
 * **Invariant:** an end that is not the end has an exit code of its own, and the same command goes on from there.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readPlan } from '../migration/running/read-plan.ts';
import type { Ended, Telling } from '../migration/running/tools.ts';
import type { MigrationPlan, MigrationStepId } from '../model/migration.ts';
import type { Duration } from '../model/terms.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { machineText } from './migrate-command.ts';
import type { Output } from './plan-command.ts';
import { renderEnd, renderStatus, renderTelling } from './render-telling.ts';
import type { MigrationServices, Terminal } from './services.ts';
import { painter } from './text.ts';

/** The plan in a directory that `migrate plan` wrote. */
export const PLAN_FILES = ['plan.yaml', 'plan.json'] as const;

const contentOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new UsageError(
      `The plan ${path} can't be read (${why}).`,
      'Give the file that migrate plan wrote, or its directory.',
    );
  }
};

/** From a file, or from the directory that it was written to. @throws UsageError, RotatorError */
export const planAt = async (path: string): Promise<MigrationPlan> => {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isDirectory) return readPlan(await contentOf(path));
  for (const name of PLAN_FILES) {
    const file = join(path, name);
    const isThere = await stat(file).then(
      () => true,
      () => false,
    );
    if (isThere) return readPlan(await contentOf(file));
  }
  throw new UsageError(
    `${path} holds no ${PLAN_FILES.join(' and no ')}.`,
    'Give the directory that migrate plan wrote to.',
  );
};

export interface CarryOut {
  readonly plan: string;
  readonly until: MigrationStepId | undefined;
  readonly wait: Duration | undefined;
}

const shown = async (
  terminal: Terminal,
  work: (tell: (telling: Telling) => void) => Promise<Ended>,
): Promise<number> => {
  const paint = painter(terminal.colours);
  const ended = await work((telling) => terminal.out(renderTelling(telling, paint)));
  terminal.out(renderEnd(ended));
  return ended.end === 'done' || ended.end === 'reached' ? EXIT.ok : EXIT.stepsLeft;
};

export const runCommand = async (
  services: MigrationServices,
  { plan: path, until, wait }: CarryOut,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> => {
  const plan = await planAt(path);
  if (until !== undefined && !plan.steps.some(({ id }) => id === until))
    throw new UsageError(
      `The plan has no step ${until}.`,
      `Its steps: ${plan.steps.map(({ id }) => id).join(', ')}.`,
    );
  return await shown(terminal, (tell) => services.run({ plan, until, wait, signal, tell }));
};

export const undoCommand = async (
  services: MigrationServices,
  { plan: path, wait }: Omit<CarryOut, 'until'>,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> => {
  const plan = await planAt(path);
  return await shown(terminal, (tell) => services.undo({ plan, wait, signal, tell }));
};

export const statusCommand = async (
  services: MigrationServices,
  { namespace, output }: { readonly namespace: string; readonly output: Output },
  terminal: Terminal,
): Promise<number> => {
  const journal = await services.status(namespace);
  terminal.out(
    output === 'table'
      ? renderStatus(namespace, journal, painter(terminal.colours))
      : machineText({ namespace, migration: journal ?? null }, output),
  );
  return EXIT.ok;
};
