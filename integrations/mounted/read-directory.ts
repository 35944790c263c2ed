/**
 * Reads the files of one mounted directory so that all of them are of one moment.
 *
 * A directory that the kubelet or a CSI driver writes has a link `..data`, which is replaced as the last step of an update (kubernetes
 * v1.37.2, pkg/volume/util/atomic_writer.go). It is resolved once, and every file is read from where it led then. In any other directory
 * each file is looked at again after all were read.
 *
 * **Invariant:** a set in which anything moved while it was read is never handed over.
 *
 * **Invariant:** a link may lead anywhere inside the directory, or inside `within` where that is given, and nowhere else: what writes into
 * a volume must not be able to have the agent publish a file of somebody else's. The kubelet's own links all stay inside.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { FileFacts, FileTree } from './file-tree.ts';
import {
  astray,
  errorCode,
  FileTrouble,
  fileTooLarge,
  midUpdate,
  notADirectory,
  notAFile,
  nothingIn,
  tooManyFiles,
  troubleOf,
  type Unread,
} from './file-trouble.ts';

/** As much as a Secret holds (Kubernetes core/v1 MaxSecretSize), since that is where it would go. */
export const LARGEST_FILE = 1024 * 1024;
/** A directory of certificates has a handful. */
const MOST_FILES = 200;
const ATTEMPTS = 3;
const DATA = '..data';
const READABLE_BY_ALL = 0o004;

export interface DirectoryPlace {
  /** Absolute path. */
  readonly directory: string;
  /** Where links may lead; `undefined`: the directory itself. */
  readonly within?: string | undefined;
  /** Names without a slash. What is wrong with one of them is told; a name that is not there is left out. */
  readonly names: readonly string[];
  /** `read`: every other visible file too; what is wrong with one of those is only listed in {@link ReadSet.passedOver}. */
  readonly others: 'read' | 'leave';
}

export interface ReadSet {
  readonly files: ReadonlyMap<string, SecretBytes>;
  /** Changes with each of the files. */
  readonly version: string;
  /** When the last of the files changed. */
  readonly changedAt: Instant;
  /** `at-once`: by the swap of one link. `one-by-one`: nobody knows when its writer is done. */
  readonly written: 'at-once' | 'one-by-one';
  /** Files that every user of the container may read. */
  readonly readableByAll: readonly string[];
  /** Files that were not read, each with the reason: `dump (more than 1048576 bytes)`. */
  readonly passedOver: readonly string[];
}

export type DirectoryReading = { readonly state: 'read'; readonly set: ReadSet } | Unread;

const asked = async <T>(path: string, what: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw new FileTrouble(troubleOf(path, what, error));
  }
};

const isInside = (path: string, boundary: string): boolean =>
  path === boundary || path.startsWith(boundary.endsWith('/') ? boundary : `${boundary}/`);

interface Base {
  /** Where the files stand, without links. */
  readonly path: string;
  /** Where links may lead, without links. */
  readonly boundary: string;
  readonly identity: string;
  readonly written: ReadSet['written'];
}

const baseOf = async (tree: FileTree, { directory, within }: DirectoryPlace): Promise<Base> => {
  const root = await asked(directory, 'look at', tree.resolve(directory));
  const boundary = within === undefined ? root : await asked(within, 'look at', tree.resolve(within));
  const data = await tree.resolve(join(root, DATA)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new FileTrouble(troubleOf(join(directory, DATA), 'look at', error));
  });
  const path = data ?? root;
  for (const [place, real] of [
    [directory, root],
    [join(directory, DATA), path],
  ] as const)
    if (!isInside(real, boundary))
      throw new FileTrouble(astray(place, `leads out of ${within ?? directory}`));
  const facts = await asked(path, 'look at', tree.look(path));
  if (facts.kind !== 'directory') throw new FileTrouble(notADirectory(directory));
  return {
    path,
    boundary,
    identity: `${root} ${path} ${facts.identity}`,
    written: data === undefined ? 'one-by-one' : 'at-once',
  };
};

interface OneFile {
  readonly name: string;
  readonly path: string;
  readonly facts: FileFacts;
  readonly content: SecretBytes;
}

const sameFile = (one: FileFacts, other: FileFacts): boolean =>
  one.identity === other.identity &&
  one.bytes === other.bytes &&
  one.modified === other.modified &&
  one.changed === other.changed;

const WORDS = { directory: 'a directory', other: 'a pipe, a socket or a device' } as const;

/** `moved`: it changed while it was read. */
const readOne = async (
  tree: FileTree,
  { directory, within }: DirectoryPlace,
  base: Base,
  name: string,
): Promise<OneFile | 'moved'> => {
  const shown = join(directory, name);
  const path = await asked(shown, 'look at', tree.resolve(join(base.path, name)));
  if (!isInside(path, base.boundary))
    throw new FileTrouble(astray(shown, `is a link that leads out of ${within ?? directory}`));
  const facts = await asked(shown, 'look at', tree.look(path));
  const refuseOdd = (found: FileFacts): void => {
    if (found.kind !== 'file') throw new FileTrouble(notAFile(shown, WORDS[found.kind]));
    if (found.bytes > LARGEST_FILE) throw new FileTrouble(fileTooLarge(shown, found.bytes, LARGEST_FILE));
  };
  refuseOdd(facts);
  const { before, after, content } = await asked(shown, 'open', tree.read(path, LARGEST_FILE));
  refuseOdd(before);
  if (content === undefined || !sameFile(facts, before) || !sameFile(before, after)) return 'moved';
  return { name, path, facts, content };
};

/** Whether each file is still what and where it was, links included. */
const stillThere = async (tree: FileTree, base: Base, files: readonly OneFile[]): Promise<boolean> => {
  for (const { name, path, facts } of files) {
    try {
      if ((await tree.resolve(join(base.path, name))) !== path) return false;
      if (!sameFile(await tree.look(path), facts)) return false;
    } catch {
      return false;
    }
  }
  return true;
};

const reasonOf = (unread: Unread): string => (unread.state === 'refused' ? unread.refusal.what : unread.why);

const changedAt = ({ modified, changed }: FileFacts): Instant =>
  Number((modified > changed ? modified : changed) / 1_000_000n);

const setOf = (base: Base, files: readonly OneFile[], passedOver: readonly string[]): ReadSet => {
  const stamps = files.map(({ name, facts: { identity, bytes, modified, changed } }) =>
    [name, identity, bytes, modified, changed].join(' '),
  );
  return {
    files: new Map(files.map(({ name, content }) => [name, content])),
    version: `files ${createHash('sha256').update(stamps.join('\n')).digest('hex').slice(0, 16)}`,
    changedAt: Math.max(...files.map(({ facts }) => changedAt(facts))),
    written: base.written,
    readableByAll: files.filter(({ facts }) => (facts.mode & READABLE_BY_ALL) !== 0).map(({ name }) => name),
    passedOver,
  };
};

/** `undefined`: something moved. @throws FileTrouble */
const readFrom = async (tree: FileTree, place: DirectoryPlace, base: Base): Promise<ReadSet | undefined> => {
  const list = async () => (await asked(place.directory, 'list', tree.list(base.path))).toSorted();
  const present = await list();
  const wanted = present.filter(
    (name) => place.names.includes(name) || (place.others === 'read' && !name.startsWith('.')),
  );
  if (wanted.length > MOST_FILES)
    throw new FileTrouble(tooManyFiles(place.directory, wanted.length, MOST_FILES));
  const files: OneFile[] = [];
  const passedOver: string[] = [];
  for (const name of wanted) {
    try {
      const file = await readOne(tree, place, base, name);
      if (file === 'moved') return undefined;
      files.push(file);
    } catch (error) {
      if (!(error instanceof FileTrouble) || place.names.includes(name)) throw error;
      passedOver.push(reasonOf(error.unread));
    }
  }
  const listedAgain = await list();
  if (listedAgain.join('/') !== present.join('/') || !(await stillThere(tree, base, files))) return undefined;
  if (files.length === 0) throw new FileTrouble(nothingIn(place.directory));
  return setOf(base, files, passedOver);
};

/** Reads everything once. `undefined`: something moved. @throws FileTrouble */
const readOnce = async (tree: FileTree, place: DirectoryPlace): Promise<ReadSet | undefined> => {
  const base = await baseOf(tree, place);
  const set = await readFrom(tree, place, base);
  return (await baseOf(tree, place)).identity === base.identity ? set : undefined;
};

/** Reads the directory now. What is wrong is told, never thrown. */
export const readDirectory = async (tree: FileTree, place: DirectoryPlace): Promise<DirectoryReading> => {
  let unread = midUpdate(place.directory);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const set = await readOnce(tree, place);
      if (set !== undefined) return { state: 'read', set };
      unread = midUpdate(place.directory);
    } catch (error) {
      if (!(error instanceof FileTrouble)) throw error;
      unread = error.unread;
      // What is not there may have been taken away by a swap just now; everything else stays as it is.
      if (unread.state !== 'waiting') return unread;
    }
  }
  return unread;
};
