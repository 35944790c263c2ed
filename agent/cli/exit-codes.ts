/**
 * What the process ends with.
 *
 * **Invariant:** a code keeps its meaning between versions; scripts stand on them.
 */
import { ConfigError } from '../config/problem.ts';
import { RotatorError } from '../model/errors.ts';

export const EXIT = {
  /** Done; for `plan`: planned, whatever the plan says. */
  ok: 0,
  /** A defect, or an answer that makes no sense. */
  broken: 1,
  /** Wrong usage, or a configuration that is not valid. */
  usage: 2,
  /** The cluster refused: somebody must change something. */
  refused: 3,
  /** The cluster could not be reached, or not now: trying again may help. */
  transient: 4,
  /** Steps are left to do: of `plan --exit-code`, and of a migration that was stopped or waits. */
  stepsLeft: 10,
  /** `plan --exit-code` only: something is left to do and may not be done. */
  held: 11,
} as const;

export const EXIT_HELP = `
Exit codes:
  0   done (plan: planned, whatever the plan says)
  1   a defect of the program
  2   wrong usage, or a configuration that is not valid
  3   the cluster refused, or migrate plan is blocked; somebody must change something
  4   the cluster could not be reached; trying again may help
  10  with plan --exit-code: steps are left to do; migrate run and undo: stopped, or waiting
  11  with plan --exit-code: something is left to do and may not be done`;

/** Something on the command line that can't be done. */
export class UsageError extends RotatorError {
  constructor(what: string, next: string) {
    super('refused', { what, effect: 'Nothing was done.', next });
    this.name = 'UsageError';
  }
}

export const exitCodeOf = (error: unknown): number => {
  if (!(error instanceof RotatorError)) return EXIT.broken;
  if (error instanceof ConfigError || error instanceof UsageError) return EXIT.usage;
  return error.kind === 'broken' ? EXIT.broken : EXIT[error.kind];
};
