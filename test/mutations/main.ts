/**
 * `npm run test:mutations`: makes each defect of the table in a copy of the tree, and prints what caught it.
 *
 * The explorer goes first; where it finds nothing, the quick tests that the mutation names. `--only <text>` takes those whose name holds it.
 *
 * **Invariant:** the tree itself is never written to; a defect that nothing catches ends it with 1.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

const copy = (): string => {
  const tree = mkdtempSync(join(tmpdir(), 'mutations-'));
  for (const part of ['agent', 'integrations', 'test', 'package.json', 'tsconfig.json', 'jest.config.mjs'])
    cpSync(join(ROOT, part), join(tree, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  return tree;
};

interface Run {
  readonly failed: 'yes' | 'no';
  readonly output: string;
}

const run = (tree: string, ...args: readonly string[]): Run => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return { failed: status === 0 ? 'no' : 'yes', output: stdout + stderr };
};

const explored = (tree: string, worlds: '--quick' | '--telling'): string | undefined => {
  const { failed, output } = run(tree, 'test/explore/main.ts', worlds, '--states', '6000');
  if (failed === 'no') return undefined;
  const rule = /^Broken: (.*)$/m.exec(output)?.[1];
  if (rule === undefined) throw new Error(`the explorer did not run: ${output.slice(-2_000)}`);
  const steps = output.match(/^ {2}- /gm)?.length ?? 0;
  return `explorer, ${steps} steps: ${rule}`;
};

const tested = (tree: string, tests: readonly string[]): string | undefined => {
  const { failed, output } = run(
    tree,
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...tests,
  );
  if (failed === 'no') return undefined;
  return `test: ${/● (.*)$/m.exec(output)?.[1] ?? 'did not run'}`;
};

const caughtBy = (tree: string, { file, from, to, tests = [] }: Mutation): string | undefined => {
  const path = join(tree, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    return explored(tree, '--telling') ?? (tests.length === 0 ? undefined : tested(tree, tests));
  } finally {
    writeFileSync(path, text);
  }
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const tree = copy();
try {
  const unharmed = explored(tree, '--quick');
  if (unharmed !== undefined) throw new Error(`without any mutation: ${unharmed}`);
  const chosen = MUTATIONS.filter(({ what }) => what.includes(values.only));
  print('| mutation | caught by |');
  print('|---|---|');
  let caught = 0;
  for (const mutation of chosen) {
    const by = caughtBy(tree, mutation);
    if (by !== undefined) caught += 1;
    print(`| ${mutation.what} | ${by ?? '**nothing**'} |`);
  }
  print('');
  print(`${caught} of ${chosen.length} mutations caught.`);
  process.exitCode = caught === chosen.length ? 0 : 1;
} finally {
  rmSync(tree, { recursive: true, force: true });
}
