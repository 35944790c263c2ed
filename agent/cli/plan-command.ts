/**
 * `plan`: shows what the agent would do for the state as it is. Reads only.
 *
 * **Invariant:** one instance that can't be looked at keeps no other from being shown.
 */
import { stringify } from 'yaml';
import { EXIT, exitCodeOf, UsageError } from './exit-codes.ts';
import { renderPlan } from './render-plan.ts';
import type { PlannedInstance, Services, Terminal } from './services.ts';

export const OUTPUTS = ['table', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface PlanRequest {
  readonly instance: string | undefined;
  readonly output: Output;
  /** Tell by the exit code whether something is left to do. */
  readonly exitCode: boolean;
}

type Outcome =
  | ({ readonly ok: true } & PlannedInstance)
  | { readonly ok: false; readonly name: string; readonly error: unknown };

/** The exit code. @throws UsageError where the instance asked for is not configured */
export const planCommand = async (
  services: Services,
  request: PlanRequest,
  terminal: Terminal,
): Promise<number> => {
  const outcomes: Outcome[] = [];
  for (const name of namesFor(services, request.instance)) {
    try {
      outcomes.push({ ok: true, ...(await services.plan(name)) });
    } catch (error) {
      outcomes.push({ ok: false, name, error });
    }
  }
  show(outcomes, request.output, terminal);
  return Math.max(...outcomes.map((outcome) => codeOf(outcome, request.exitCode)));
};

const namesFor = (services: Services, wanted: string | undefined): readonly string[] => {
  const names = services.instances.map(({ name }) => name);
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw new UsageError(
    `No instance is called ${JSON.stringify(wanted)}.`,
    `Configured: ${names.join(', ')}.`,
  );
};

/** A failure counts more than a state. */
const codeOf = (outcome: Outcome, detailed: boolean): number => {
  if (!outcome.ok) return 100 + exitCodeOf(outcome.error);
  if (!detailed) return EXIT.ok;
  if (outcome.plan.hold !== undefined) return EXIT.held;
  return outcome.plan.steps.length > 0 ? EXIT.stepsLeft : EXIT.ok;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const show = (outcomes: readonly Outcome[], output: Output, terminal: Terminal): void => {
  if (output === 'table') {
    outcomes.forEach((outcome, index) => {
      if (index > 0) terminal.out('\n');
      if (outcome.ok) terminal.out(renderPlan(outcome.plan, outcome.instance, { colours: terminal.colours }));
      else terminal.err(`${outcome.name}: ${messageOf(outcome.error)}\n`);
    });
    return;
  }
  const value = {
    instances: outcomes.map((outcome) =>
      outcome.ok
        ? {
            name: outcome.instance.name,
            namespace: outcome.instance.namespace,
            mode: outcome.instance.mode,
            plan: outcome.plan,
          }
        : { name: outcome.name, error: messageOf(outcome.error) },
    ),
  };
  terminal.out(
    output === 'json' ? `${JSON.stringify(value, undefined, 2)}\n` : stringify(value, { lineWidth: 0 }),
  );
};
