/**
 * The agent's own image, from the repository's Dockerfile, by buildah without a registry: only its base is made here,
 * of the Debian root and the very Node that the repository pins.
 */
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { imageArchive, type Layer } from './image-archive.ts';
import { debian, importImage } from './images.ts';
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

function nodeBase(): Promise<string> {
  const binary = join(
    dirname(createRequire(join(folders.repository, 'package.json')).resolve('node/package.json')),
    'bin',
    'node',
  );
  const layer: Layer = {
    name: 'node',
    key: [process.version, 'layer 1'],
    fill: async (root) => {
      const bin = join(root, 'usr', 'local', 'bin');
      mkdirSync(bin, { recursive: true });
      cpSync(binary, join(bin, 'node'), { dereference: true });
      chmodSync(join(bin, 'node'), 0o755);
    },
  };
  return imageArchive(baseImage, [debian, layer], { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'] });
}
