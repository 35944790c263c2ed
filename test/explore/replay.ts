/**
 * A path through the model as a file, and a file as a path again: what was found once is tried for ever.
 *
 * **Invariant:** a case names events, not states; where an event is no longer offered the way is closed, and the case holds.
 */
import { parse, stringify } from 'yaml';
import { Agents } from './agent.ts';
import { canonical } from './canonical.ts';
import { environmentEvents } from './environment.ts';
import { type Counterexample, namesApart, patient } from './explore.ts';
import { type Broken, brokenIn } from './rules.ts';
import { type Scenario, startOf } from './scenarios.ts';

export interface PathCase {
  /** The sentence that a reader needs: what went wrong, and what keeps it from doing so now. */
  readonly why: string;
  readonly scenario: string;
  readonly path: readonly string[];
  /** How many of its events are offered, one after the other; the way is closed after them. */
  readonly open: number;
}

export interface Walked {
  readonly broken: readonly Broken[];
  readonly open: number;
}

export const readCase = (text: string): PathCase => parse(text) as PathCase;

export const writeCase = (scenario: Scenario, { broken, path, state }: Counterexample): string =>
  stringify({
    why: `${broken.rule}: ${broken.what}`,
    scenario: scenario.name,
    path,
    open: path.length,
    leads: { pods: state.pods, objects: state.objects },
  });

/** An event without what the agent said of it, which may be put otherwise one day. */
const bare = (name: string): string => name.replace(/(: ).*$/, '$1');

/** Walks a path as far as it is open. */
export const replay = async (scenario: Scenario, path: readonly string[]): Promise<Walked> => {
  const agents = new Agents(scenario.configured, scenario.allowance);
  let state = canonical(await startOf(scenario));
  const broken: Broken[] = [...brokenIn(state)];
  for (const [open, name] of path.entries()) {
    const events = namesApart([
      ...environmentEvents(state, scenario.sources ?? []),
      ...(await agents.events(state)),
    ]);
    const event =
      events.find((each) => each.name === name) ?? events.find((each) => bare(each.name) === bare(name));
    if (event === undefined) return { broken, open };
    broken.push(...(event.broken ?? []));
    state = canonical(patient(state, event.to));
    broken.push(...brokenIn(state));
  }
  return { broken, open: path.length };
};
