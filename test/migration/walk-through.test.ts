/**
 * docs/migration.md, every command of it, one after the other, on an Argo CD of static Secrets: as somebody would type them.
 *
 * **Invariant:** the commands are the document's own; what this file adds is the terminal.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { EXIT } from '../../agent/cli/exit-codes.ts';
import { patchedByKubectl } from '../kit/argocd/patched.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { differences, snapshot } from '../kit/migration/snapshot.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';
import { ROOT } from '../repo/sources.ts';

const LIMIT = 120_000;
const text = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');

/** Lines of all `sh` blocks, by the section that they stand in. */
const commandsOf = (section: string): readonly string[] => {
  const body = text.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
  return [...body.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line !== ''),
  );
};

let migrating: Migrating;
let folder: string;
let printed: string;
afterEach(async () => {
  await migrating.close();
  rmSync(folder, { recursive: true, force: true });
});

const begun = async (): Promise<void> => {
  folder = mkdtempSync(join(tmpdir(), 'migration-'));
  printed = '';
  const names = ['argocd-repo-server-mtls-rotator', 'argocd-repo-server-tls-rotator'];
  const made = ['argocd-mtls-root', 'argocd-mtls-client', 'argocd-mtls-serving'];
  migrating = await Migrating.begin(plainStaticSecret(), [...names, ...made]);
};

/** @returns the folder that later commands are typed in */
const typed = async (line: string, at: string): Promise<string> => {
  const [program = '', ...words] = line.split(' ');
  if (program === 'cd') return join(at, words.join(' '));
  if (program === 'mtls-rotator') {
    // As the shell's folder would have it.
    const args = words.map((word, index) =>
      ['--plan', '--write'].includes(words[index - 1] ?? '') ? join(at, word) : word,
    );
    const { code, out, err } = await migrating.command(args);
    printed += out;
    expect({ line, code, err: code === EXIT.ok ? '' : err }).toEqual({ line, code: EXIT.ok, err: '' });
    return at;
  }
  const [, name, file] =
    /^kubectl -n argocd patch (?:deployment|statefulset) (\S+) --patch-file (\S+)$/.exec(line) ?? [];
  if (name === undefined || file === undefined) throw new Error(`nobody knows what to do with: ${line}`);
  const patch = readFileSync(join(at, file), 'utf8');
  await migrating.change([name], (workload) => patchedByKubectl(workload, patch));
  return at;
};

const typedAll = async (lines: readonly string[]): Promise<void> => {
  let at = folder;
  for (const line of lines) at = await typed(line, at);
};

const whatWasMade = () => differences(before, snapshot(migrating.installation));
let before: ReturnType<typeof snapshot>;

test(
  'look, plan and run, as the document has them, come to the end without a failed call',
  async () => {
    await begun();
    before = snapshot(migrating.installation);
    await typedAll([...commandsOf('Look'), ...commandsOf('Plan'), ...commandsOf('Run')]);
    expect(printed).toContain('The end is reached.');
    expect(printed).toContain('Secret argocd/argocd-repo-server-mtls: No workload opens it');
    expect(migrating.installation.traffic.failed).toEqual([]);
    expect(migrating.installation.api.violations).toEqual([]);
    expect(whatWasMade().gone).toEqual([]);
    expect(
      printed.split('\n').filter((line) => line.length > 100 && !/^ {4}|^ {2}kubectl /.test(line)),
    ).toEqual([]);
    // What the document shows of it is what is printed.
    const [, shown = ''] = /^```text\n(publish: [\s\S]*?)^```$/m.exec(text) ?? [];
    const times = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
    expect(printed.replaceAll(times, 'T')).toContain(shown.replaceAll(times, 'T'));
  },
  LIMIT,
);

test(
  'taken back after its first command, everything is as before',
  async () => {
    await begun();
    before = snapshot(migrating.installation);
    await typedAll([...commandsOf('Plan'), ...commandsOf('Run').slice(0, 1), ...commandsOf('Take it back')]);
    expect(printed).toContain('The end is reached.');
    expect(migrating.installation.traffic.failed).toEqual([]);
    expect(whatWasMade()).toEqual({ made: [], changed: [], gone: [] });
  },
  LIMIT,
);

test('no command of the document is left out', () => {
  const all = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line !== ''),
  );
  const run = ['Look', 'Plan', 'Run', 'Take it back'].flatMap(commandsOf);
  expect(all).toEqual(run);
});
