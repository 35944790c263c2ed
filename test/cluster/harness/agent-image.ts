/**
 * The agent's own image, from the repository's Dockerfile, by buildah without a registry: only its base is made here,
 * of the very Node that the repository pins.
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { imageArchive, type Layer } from './image-archive.ts';
import { importImage } from './images.ts';
import { folders, state } from './settings.ts';
import { shell } from './shell.ts';

export const agentImage = 'localhost/argocd-mtls-rotator:test';
const baseImage = 'localhost/node-base:24';

/** Compiles the agent as it stands, builds its image and loads it into the node. Answers the image's name for a pod. */
export async function buildAgentImage(): Promise<string> {
  const env = {
    ...process.env,
    STORAGE_DRIVER: 'vfs',
    BUILDAH_ISOLATION: 'chroot',
    PATH: `${join(folders.repository, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
  };
  const cwd = folders.repository;
  await shell('npm', ['run', '--silent', 'bundle'], { cwd, env });

  const storage = ['--root', state('buildah', 'root'), '--runroot', state('buildah', 'run')];
  const archive = state('agent-image.tar');
  mkdirSync(state('buildah'), { recursive: true });
  const base = await nodeBase();
  await shell('buildah', [...storage, 'pull', '-q', `docker-archive:${base}`], { env });
  const build = ['build', '-q', '--pull=never', '--build-arg', `BASE=${baseImage}`, '-t', agentImage];
  await shell('buildah', [...storage, ...build, '-f', join(cwd, 'Dockerfile'), cwd], { env });
  rmSync(archive, { force: true });
  await shell('buildah', [...storage, 'push', '-q', agentImage, `docker-archive:${archive}:${agentImage}`], {
    env,
  });
  // The base's layers are in the cache already; a second copy of them is not worth the room.
  await shell('buildah', [...storage, 'rmi', '--all', '--force'], { env });
  await importImage(archive);
  return agentImage;
}

/** Nothing but Node, the libraries it is linked with, and what they look for. */
async function nodeBase(): Promise<string> {
  const resolved = createRequire(join(folders.repository, 'package.json')).resolve('node/package.json');
  const binary = join(dirname(resolved), 'bin', 'node');
  const linked = await shell('ldd', [binary]);
  const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
  const layer: Layer = {
    name: 'node',
    key: [await shell(binary, ['--version']), linked.replaceAll(/0x[0-9a-f]+/g, ''), 'layer 2'],
    fill: async (root) => {
      for (const library of libraries) copy(library, join(root, library));
      copy(binary, join(root, 'usr', 'local', 'bin', 'node'));
      mkdirSync(join(root, 'tmp'));
      chmodSync(join(root, 'tmp'), 0o1777);
      mkdirSync(join(root, 'etc'));
      writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0::/:/\nagent:x:65532:65532::/tmp:/\n');
      writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\nagent:x:65532:\n');
      writeFileSync(join(root, 'etc', 'nsswitch.conf'), 'hosts: files dns\n');
    },
  };
  return imageArchive(baseImage, [layer], { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] });
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
