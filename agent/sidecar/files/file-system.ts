/**
 * The file system, as far as the writer needs it: a port, so that a full disk and a crash can be tried at every single call.
 *
 * **Invariant:** every method is one call to the operating system's, with its own error codes; nothing is added.
 */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';

export interface FileSystem {
  /** Names in a directory. */
  list(directory: string): Promise<readonly string[]>;
  read(path: string): Promise<Buffer>;
  readLink(path: string): Promise<string>;
  /** Of the file itself, links followed: modification time in nanoseconds since 1970, length in bytes. */
  look(path: string): Promise<{ readonly modified: bigint; readonly size: number }>;
  /** What stands at a path, links not followed; `undefined`: nothing. */
  kind(path: string): Promise<'link' | 'directory' | 'other' | undefined>;
  makeDirectory(path: string, mode: number): Promise<void>;
  /** A file that is not there yet, with its content on disk when this resolves. */
  create(path: string, content: Buffer, mode: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, owner: number, group: number): Promise<void>;
  /** Modification and access time, in milliseconds since 1970. */
  setTime(path: string, time: number): Promise<void>;
  link(target: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A directory's entries are on disk when this resolves. */
  syncDirectory(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeTree(path: string): Promise<void>;
}

const SET_GROUP_ID = 0o2000;

/** The operating system's code of a failure; empty where it has none. */
export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export const realFileSystem: FileSystem = {
  list: (directory) => readdir(directory),
  read: (path) => readFile(path),
  readLink: (path) => readlink(path),
  look: async (path) => {
    const { mtimeNs, size } = await stat(path, { bigint: true });
    return { modified: mtimeNs, size: Number(size) };
  },
  kind: async (path) => {
    try {
      const found = await lstat(path);
      return found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'directory' : 'other';
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  makeDirectory: async (path, mode) => {
    await mkdir(path);
    // mkdir's own mode is cut by the umask. Set-group-ID comes from the directory above (a pod's fsGroup), and gives files its group.
    const { mode: made } = await stat(path);
    await chmod(path, mode | (made & SET_GROUP_ID));
  },
  create: async (path, content, mode) => {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  setMode: (path, mode) => chmod(path, mode),
  setOwner: (path, owner, group) => chown(path, owner, group),
  setTime: (path, time) => utimes(path, time / 1000, time / 1000),
  link: (target, path) => symlink(target, path),
  rename: (from, to) => rename(from, to),
  syncDirectory: async (path) => {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  unlink: (path) => unlink(path),
  removeTree: (path) => rm(path, { recursive: true, force: true }),
};
