/** One bare git repository with an Application's manifests in each folder, served to pods over HTTP on the bridge. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonReady, startDaemon } from './daemon.ts';
import { network, ports, state } from './settings.ts';
import { shell } from './shell.ts';

export const applicationPaths = ['one', 'two', 'three', 'four'] as const;
export const repositoryUrl = `http://${network.host}:${ports.git}/applications.git`;

export async function startGitServer(): Promise<void> {
  const root = state('git');
  const work = state('git-work');
  const bare = join(root, 'applications.git');
  mkdirSync(root, { recursive: true });
  await shell('git', ['init', '-q', '--bare', '-b', 'main', bare]);
  await shell('git', ['init', '-q', '-b', 'main', work]);
  for (const name of applicationPaths) {
    mkdirSync(join(work, name));
    const manifest = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: application-${name}\ndata:\n  hello: ${name}\n`;
    writeFileSync(join(work, name, 'configmap.yaml'), manifest);
  }
  const identity = [
    '-c',
    'user.name=cluster',
    '-c',
    'user.email=cluster@localhost',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  await shell('git', ['add', '.'], { cwd: work });
  await shell('git', [...identity, 'commit', '-q', '-m', 'Applications'], { cwd: work });
  await shell('git', ['push', '-q', bare, 'main'], { cwd: work });
  rmSync(work, { recursive: true });

  const script = join(import.meta.dirname, 'git-server.ts');
  const args = [script, root, network.host, String(ports.git)];
  startDaemon({ name: 'git-server', command: process.execPath, args });
  await daemonReady('git-server', 15, async () => {
    const answer = await fetch(`${repositoryUrl}/info/refs?service=git-upload-pack`);
    return answer.ok;
  });
}
