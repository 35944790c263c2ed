/**
 * The process in which readers are fuzzed; `main.ts` ends it where it is never done with one input.
 *
 * **Invariant:** the input that is being read stands in the file before it is read, so that it is known whatever becomes of this process.
 */
import { ftruncateSync, openSync, writeSync } from 'node:fs';
import { attempt } from './campaign.ts';
import type { Order, Report } from './order.ts';
import { TARGETS } from './targets.ts';

const order: Order = JSON.parse(process.argv[2] ?? '{}');
const file = openSync(order.file, 'w');
const tell = (report: Report): void => void process.send?.(report);
const show = (input: Buffer): void => {
  ftruncateSync(file);
  writeSync(file, input, 0, input.length, 0);
};

/** Milliseconds of the processor, not of the clock: the machine may be busy. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const targets = TARGETS.filter(({ name }) => order.only === undefined || name === order.only);
for (const target of targets) {
  tell({ type: 'begins', target: target.name });
  target.seeds();
  const until = performance.now() + (order.seconds * 1000) / targets.length;
  let [runs, longest, told] = [0, 0, performance.now()];
  do {
    runs += 1;
    const began = spent();
    const finding = await attempt(target, order.seed, runs, show);
    longest = Math.max(longest, spent() - began);
    if (finding !== undefined) {
      tell({ type: 'finding', why: finding.why });
      break;
    }
    if (performance.now() - told > 1000) {
      tell({ type: 'goes on' });
      told = performance.now();
    }
  } while (performance.now() < until);
  tell({ type: 'ended', runs, longest: Math.round(longest) });
}
process.disconnect?.();
