/**
 * Puts a set of files into a directory so that a reader sees all of the old or all of the new: as the kubelet does it
 * (kubernetes v1.37.2, pkg/volume/util/atomic_writer.go).
 *
 * ```
 *  client.crt ─► ..data/client.crt          ..data ─► ..2026_11_25_01_30_00.1f2e3d4c
 * ```
 *
 * **Invariant:** the one moment at which anything changes for a reader is the renaming of `..data`.
 */
import { join } from 'node:path';
import { SecretBytes } from '../../model/secret-bytes.ts';
import type { Instant } from '../../model/terms.ts';
import type { Random } from '../../ports.ts';
import { errorCode, type FileSystem } from './file-system.ts';
import { foreignFile, writeError } from './write-error.ts';

const DATA = '..data';
const DATA_NEW = '..data_tmp';
/** Directories must be entered by the other container whoever it runs as; the files in them say who may read. As the kubelet has it. */
const DIRECTORY_MODE = 0o755;

/** What files look like to the other container. */
export interface FileLook {
  readonly mode: number;
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

/** Name → content. Names that begin with a dot get no link of their own: they are for the sidecar. */
export type FileSet = ReadonlyMap<string, SecretBytes>;

export interface WriteTools {
  readonly files: FileSystem;
  readonly random: Random;
}

const isOurs = (name: string): boolean => name.startsWith('..2');
const isVisible = (name: string): boolean => !name.startsWith('.');

/** `..2026_11_25_01_30_00.1f2e3d4c`. */
const directoryName = (at: Instant, random: Random): string =>
  `..${new Date(at).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_')}.${random.hex(4)}`;

/** Name of the directory that `..data` leads to. */
const currentOf = async (directory: string, files: FileSystem): Promise<string | undefined> => {
  if ((await files.kind(join(directory, DATA))) !== 'link') return undefined;
  return files.readLink(join(directory, DATA));
};

/**
 * What is written now; `undefined` where no set was ever completed.
 *
 * @throws RotatorError where the directory can't be read
 */
export const readSet = async (directory: string, files: FileSystem): Promise<FileSet | undefined> => {
  try {
    const current = await currentOf(directory, files);
    if (current === undefined) return undefined;
    const set = new Map<string, SecretBytes>();
    for (const name of (await files.list(join(directory, current))).toSorted())
      set.set(name, SecretBytes.ofBytes(await files.read(join(directory, current, name))));
    return set;
  } catch (error) {
    throw writeError(directory, error);
  }
};

/**
 * Takes away what a crashed write left, and the set before the present one. Call it some time after a write: a reader that had
 * just resolved `..data` still opens files in the directory before.
 *
 * @throws RotatorError
 */
export const clearLeftovers = async (directory: string, files: FileSystem): Promise<void> => {
  try {
    const current = await currentOf(directory, files);
    for (const name of await files.list(directory)) {
      if (name === DATA_NEW) await files.unlink(join(directory, name));
      if (isOurs(name) && name !== current) await files.removeTree(join(directory, name));
    }
    const names = current === undefined ? [] : await files.list(join(directory, current));
    await linkVisible(directory, names, files);
    await unlinkOthers(directory, names, files);
  } catch (error) {
    throw writeError(directory, error);
  }
};

/** Every visible name leads through `..data`. */
const linkVisible = async (directory: string, names: readonly string[], files: FileSystem): Promise<void> => {
  for (const name of names.filter(isVisible)) {
    const kind = await files.kind(join(directory, name));
    if (kind === undefined) await files.link(join(DATA, name), join(directory, name));
  }
  await files.syncDirectory(directory);
};

/** Links of ours that lead to nothing any more go. */
const unlinkOthers = async (
  directory: string,
  names: readonly string[],
  files: FileSystem,
): Promise<void> => {
  for (const name of (await files.list(directory)).filter(isVisible)) {
    if (names.includes(name) || (await files.kind(join(directory, name))) !== 'link') continue;
    if ((await files.readLink(join(directory, name))) === join(DATA, name))
      await files.unlink(join(directory, name));
  }
};

const refuseForeign = async (directory: string, set: FileSet, files: FileSystem): Promise<void> => {
  for (const name of [...set.keys()].filter(isVisible)) {
    const path = join(directory, name);
    const kind = await files.kind(path);
    if (kind === undefined) continue;
    if (kind !== 'link' || (await files.readLink(path)) !== join(DATA, name)) throw foreignFile(path);
  }
};

/** Argo CD reads a pair again only where a file's time is strictly newer (argo-cd v3.6.1, reposerver/apiclient/clientset.go). */
const makeNewer = async (path: string, than: bigint, files: FileSystem): Promise<void> => {
  for (const step of [1, 1_000, 2_000]) {
    if ((await files.look(path)).modified > than) return;
    // The clock was set back, or the file system counts in whole seconds.
    await files.setTime(path, Number(than / 1_000_000n) + step);
  }
};

const timeOf = async (path: string, files: FileSystem): Promise<bigint> => {
  try {
    return (await files.look(path)).modified;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0n;
    throw error;
  }
};

const fill = async (
  path: string,
  before: string | undefined,
  set: FileSet,
  look: FileLook,
  files: FileSystem,
): Promise<void> => {
  await files.makeDirectory(path, DIRECTORY_MODE);
  for (const [name, content] of set) {
    const file = join(path, name);
    await files.create(file, content.revealBytes(), 0o600);
    if (look.owner !== undefined || look.group !== undefined)
      await files.setOwner(file, look.owner ?? -1, look.group ?? -1);
    await files.setMode(file, look.mode);
    if (before !== undefined) await makeNewer(file, await timeOf(join(before, name), files), files);
  }
  await files.syncDirectory(path);
};

/**
 * Replaces what is in the directory by `set`, all of it in one moment. The set before stays on disk until {@link clearLeftovers}.
 *
 * @throws RotatorError what was there before is still read
 */
export const writeSet = async (
  directory: string,
  set: FileSet,
  look: FileLook,
  at: Instant,
  { files, random }: WriteTools,
): Promise<void> => {
  const name = directoryName(at, random);
  const fresh = join(directory, name);
  try {
    await refuseForeign(directory, set, files);
    await clearLeftovers(directory, files);
    const current = await currentOf(directory, files);
    await fill(fresh, current === undefined ? undefined : join(directory, current), set, look, files);
    // Links to names that are new lead to nothing for a moment, which is what was there before.
    await linkVisible(directory, [...set.keys()], files);
    await files.link(name, join(directory, DATA_NEW));
    await files.rename(join(directory, DATA_NEW), join(directory, DATA));
  } catch (error) {
    await abandon(directory, fresh, files);
    throw writeError(directory, error);
  }
};

/** Best effort: what stays is cleared before the next write. */
const abandon = async (directory: string, fresh: string, files: FileSystem): Promise<void> => {
  for (const clear of [() => files.unlink(join(directory, DATA_NEW)), () => files.removeTree(fresh)]) {
    try {
      await clear();
    } catch {
      // On a file system that refuses everything there is nothing to clear.
    }
  }
};
