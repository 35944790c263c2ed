/**
 * `npm run fuzz [-- --seconds 60] [--seed N] [--target NAME] [--input FILE]`: every reader of what somebody else wrote, fed with changed input.
 *
 * **Invariant:** a reader that throws anything but our own refusals, needs more than 512 MiB, or is not done with one input in half a minute of the processor, is a
 * finding: told with the seed, and the input kept in a file.
 */
import { fork } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tried } from './campaign.ts';
import type { Order, Report } from './order.ts';
import { TARGETS } from './targets.ts';

/** Milliseconds of the processor: what is looked for is work without an end, not a machine that is busy. */
const PATIENCE = 30_000;
const MEMORY = '--max-old-space-size=512';
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    target: { type: 'string' },
    input: { type: 'string' },
  },
});
const only = values.target;
if (only !== undefined && !TARGETS.some(({ name }) => name === only))
  throw new Error(`no such target; there are: ${TARGETS.map(({ name }) => name).join(', ')}`);

const once = async (file: string): Promise<number> => {
  const target = TARGETS.find(({ name }) => name === only);
  if (target === undefined) throw new Error('--input needs a --target');
  const finding = await tried(target, readFileSync(file));
  console.log(finding?.why ?? 'answered or refused');
  return finding === undefined ? 0 : 1;
};

/** Milliseconds of the processor that a process has had; where there is no `/proc`, of the clock. */
const spentBy = (pid: number | undefined): number => {
  try {
    // proc(5): utime and stime, in hundredths of a second, behind the name in brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return performance.now();
  }
};

interface Outcome {
  readonly runs: number;
  readonly findings: number;
}

/** One target in a process of its own, which a reader may take down with it. */
const campaign = (target: string, seed: number, seconds: number): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-fuzz-'));
  const order: Order = { seed, seconds, only: target, file: join(folder, 'input') };
  const child = fork(WORKER, [JSON.stringify(order)], {
    execArgv: [MEMORY],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let [findings, runs, last, ended] = [0, 0, spentBy(child.pid), false];
  let printed = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    printed = `${printed}${chunk.toString()}`.slice(-4000);
  });
  const told = (why: string): void => {
    if (findings > 0) return;
    findings += 1;
    const kept = join(tmpdir(), `fuzz-${target.replaceAll(/\W/g, '-')}-${seed}`);
    copyFileSync(order.file, kept);
    console.error(
      `FINDING in ${target}, seed ${seed}: ${why}\n  npm run fuzz -- --target "${target}" --input ${kept}`,
    );
  };
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (spentBy(child.pid) - last < PATIENCE) return;
      told(`not done with one input in ${PATIENCE / 1000} s of the processor`);
      child.kill('SIGKILL');
    }, 1000);
    child.on('message', (report: Report) => {
      last = spentBy(child.pid);
      if (report.type === 'finding') told(report.why);
      if (report.type !== 'ended') return;
      ended = true;
      runs = report.runs;
      console.log(
        `${target.padEnd(20)}${String(runs).padStart(8)} inputs, the longest took ${report.longest} ms`,
      );
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (!ended) told(`the process ended (${signal ?? code}): ${printed}`);
      rmSync(folder, { recursive: true, force: true });
      resolve({ runs, findings });
    });
  });
};

const all = async (seed: number, seconds: number): Promise<number> => {
  const targets = TARGETS.filter(({ name }) => only === undefined || name === only);
  let [runs, findings] = [0, 0];
  for (const { name } of targets) {
    const outcome = await campaign(name, seed, seconds / targets.length);
    runs += outcome.runs;
    findings += outcome.findings;
  }
  console.log(`${runs} inputs for ${targets.length} readers, seed ${seed}: ${findings} findings`);
  return findings === 0 ? 0 : 1;
};

process.exitCode =
  values.input === undefined
    ? await all(Number(values.seed ?? Date.now() % 1_000_000), Number(values.seconds))
    : await once(values.input);
