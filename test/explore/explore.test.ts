/**
 * The shipped engine in every state of a few small worlds; `npm run explore` goes through larger ones, and more of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { explore } from './explore.ts';
import { readCase, replay, writeCase } from './replay.ts';
import { startOf } from './scenarios.ts';
import { ALL, QUICK } from './worlds.ts';

const LIMIT = 60_000;

test.each(QUICK)(
  'in every state of "$name" calls go through, trust goes on evidence only, nothing is restarted for nothing, and one end is reached',
  async (scenario) => {
    const { configured, sources = [], allowance } = scenario;
    const found = await explore({
      start: await startOf(scenario),
      configured,
      sources,
      allowance,
      maximumStates: 5_000,
    });
    const { counterexample } = found;
    expect(counterexample === undefined ? '' : writeCase(scenario, counterexample)).toBe('');
    expect({ cut: found.cut, explored: found.states > 10 }).toEqual({ cut: 0, explored: true });
  },
  LIMIT,
);

const CASES = join(import.meta.dirname, 'cases');
const cases = readdirSync(CASES).map((file) => ({
  file,
  ...readCase(readFileSync(join(CASES, file), 'utf8')),
}));

test.each(cases)(
  'on the way of $file no rule breaks: $why',
  async ({ scenario: name, path, open }) => {
    const scenario = ALL.find((each) => each.name === name);
    expect(scenario?.name).toBe(name);
    if (scenario !== undefined) expect(await replay(scenario, path)).toEqual({ broken: [], open });
  },
  LIMIT,
);
