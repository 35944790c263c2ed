/**
 * `npm run explore`: explores every world of the table and prints what came of it.
 *
 * Arguments: `--quick` for what `npm test` explores, `--telling` for what mutations are tried in, `--only <text>` for worlds whose name holds it, `--states <n>` for the most states of
 * one world.
 *
 * **Invariant:** a broken rule ends it with 1, and the shortest way to it is printed as a case that can be replayed.
 */
import { parseArgs } from 'node:util';
import { PATIENCE } from './agent.ts';
import { explore } from './explore.ts';
import { writeCase } from './replay.ts';
import { RULES } from './rules.ts';
import { startOf } from './scenarios.ts';
import { LONG_GAP, TIMING } from './state.ts';
import { ALL, QUICK, TELLING } from './worlds.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    telling: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    states: { type: 'string', default: '40000' },
  },
});
const maximumStates = Number(values.states);

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

print(
  `Waits of the agent: ${JSON.stringify(TIMING)} ms; what is further apart than ${LONG_GAP} ms counts as that far apart.`,
);
print(
  `A second agent acts on what it saw within ${PATIENCE} events, or not at all. At most ${maximumStates} states of one world.`,
);
print(
  'Cuts: status of a workload is never late; a pod shows all of its volumes anew at once; a rollout goes one pod at a time;',
);
print(
  '  time stands still in a rollout but where one "takes long"; restart budgets and the age of proofs are not explored.',
);
print('');
print(
  '| world | states | transitions | turns taken | turns remembered | deepest | longest way to rest | cut |',
);
print('|---|---|---|---|---|---|---|---|');
const total = { states: 0, transitions: 0, turns: 0, cut: 0 };
const began = process.hrtime.bigint();
const worlds = values.quick ? QUICK : values.telling ? TELLING : ALL;
for (const scenario of worlds.filter(({ name }) => name.includes(values.only))) {
  const { configured, sources = [], allowance } = scenario;
  const found = await explore({
    start: await startOf(scenario),
    configured,
    sources,
    allowance,
    maximumStates,
  });
  print(
    `| ${scenario.name.replaceAll('|', '·')} | ${found.states} | ${found.transitions} | ${found.turns} | ${found.turnsRemembered} | ${found.depth} | ${found.longestWay} | ${found.cut} |`,
  );
  total.states += found.states;
  total.transitions += found.transitions;
  total.turns += found.turns;
  total.cut += found.cut;
  if (found.counterexample !== undefined) {
    print(`\nBroken: ${RULES[found.counterexample.broken.rule]}.\n`);
    print(writeCase(scenario, found.counterexample));
    process.exit(1);
  }
}
const seconds = Number((process.hrtime.bigint() - began) / 1_000_000_000n);
print('');
print(
  `${total.states} states, ${total.transitions} transitions, ${total.turns} turns of the shipped engine, ${total.cut} states not followed further, ${seconds} s. No rule is broken:`,
);
for (const sentence of Object.values(RULES)) print(`- ${sentence}`);
