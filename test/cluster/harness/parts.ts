/** The programs built by bin/build. Invariant: a missing one is built or is an error, never skipped. */
import { join } from 'node:path';
import { folders } from './settings.ts';
import { shell } from './shell.ts';

export type Part =
  | 'pause'
  | 'containerd'
  | 'kubernetes'
  | 'coredns'
  | 'certmanager'
  | 'otelcol'
  | 'argocd'
  | 'meter'
  | 'clientprobe'
  | 'tlsjudge'
  | 'vault'
  | 'externalsecrets';

const build = join(folders.cluster, 'bin', 'build');
const where = new Map<string, string>();

/** All of them, or only those named. */
export async function buildParts(only: readonly Part[] = []): Promise<void> {
  await shell(build, only, { show: true });
  for (const line of (await shell(build, ['--where', ...only])).trim().split('\n')) {
    const [part, folder] = line.split(' ');
    if (part !== undefined && folder !== undefined) where.set(part, folder);
  }
}

export async function program(part: Part, name: string = part): Promise<string> {
  if (!where.has(part)) await buildParts([part]);
  const folder = where.get(part);
  if (folder === undefined) throw new Error(`bin/build knows no part ${part}`);
  return join(folder, name);
}

/** The folder of a part's own Go module or of one it requires, as the Go client has it. */
export async function moduleFolder(part: Part, module: string): Promise<string> {
  const cwd = join(folders.cluster, 'parts', part);
  const env = part === 'argocd' ? { ...process.env, GOTOOLCHAIN: 'go1.27.0' } : process.env;
  const folder = (
    await shell('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', module], { cwd, env })
  ).trim();
  if (folder === '') throw new Error(`the Go client has no folder for ${module}: is ${part} built?`);
  return folder;
}
