/**
 * Images without a registry: a docker-archive written by hand from folders, cached under a hash of what went in.
 * Invariant: an archive is renamed into place when it is whole, so a killed run leaves none that is half.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { folders } from './settings.ts';
import { shell } from './shell.ts';

export interface Layer {
  readonly name: string;
  /** Whatever decides what the layer holds. */
  readonly key: readonly string[];
  /** Fills an empty folder with the layer's files, owners and modes as they shall be in the image. */
  readonly fill: (root: string) => Promise<void>;
}

export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

const cache = () => {
  const folder = join(folders.cache, 'images');
  mkdirSync(folder, { recursive: true });
  return folder;
};

export function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Answers the archive's path, made now if it is not in the cache. */
export async function imageArchive(
  name: string,
  layers: readonly Layer[],
  config: ImageConfig,
): Promise<string> {
  const key = keyOf(name, JSON.stringify(config), ...layers.flatMap((layer) => layer.key));
  const archive = join(cache(), `${name.replaceAll(/[^a-z0-9.]+/g, '-')}-${key}.tar`);
  if (existsSync(archive)) return touched(archive);

  const work = join(cache(), `.making-${randomUUID()}`);
  mkdirSync(work);
  try {
    const files: string[] = [];
    for (const layer of layers) {
      const tar = await layerTar(layer);
      const file = `${await sha256(tar)}.tar`;
      await link(tar, join(work, file));
      files.push(file);
    }
    const image = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: files.map((file) => `sha256:${file.replace('.tar', '')}`) },
    };
    writeFileSync(join(work, 'config.json'), JSON.stringify(image));
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: files }];
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    const whole = `${archive}.${randomUUID()}`;
    await shell('tar', ['-C', work, '-cf', whole, ...(await readdir(work))]);
    renameSync(whole, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

async function layerTar(layer: Layer): Promise<string> {
  const tar = join(cache(), `layer-${layer.name}-${keyOf(...layer.key)}.tar`);
  if (existsSync(tar)) return touched(tar);
  const root = join(cache(), `.filling-${randomUUID()}`);
  mkdirSync(root, { mode: 0o755 });
  try {
    await layer.fill(root);
    const whole = `${tar}.${randomUUID()}`;
    await shell('tar', ['-C', root, '--numeric-owner', '--sort=name', '-cf', whole, '.']);
    renameSync(whole, tar);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return tar;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Its time of last use, so that a cache can be thinned out by age. */
function touched(file: string): string {
  const now = new Date();
  utimesSync(file, now, statSync(file).mtime);
  return file;
}
