/**
 * The file system, as far as reading a mounted directory needs it: a port, so that every fault can be tried at every call.
 *
 * **Invariant:** no call waits for a writer: a pipe is never opened for reading to its end, and no file is read beyond the limit that is given.
 */
import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';

export interface FileFacts {
  /** `other`: a pipe, a socket, a device. */
  readonly kind: 'file' | 'directory' | 'other';
  /** Device and inode: another file under the same name has another one. */
  readonly identity: string;
  readonly bytes: number;
  /** Last change of the content, nanoseconds since 1970; a program may set it. */
  readonly modified: bigint;
  /** Last change of content, name or mode, nanoseconds since 1970; only the kernel sets it. */
  readonly changed: bigint;
  /** Permission bits. */
  readonly mode: number;
}

export interface FileContent {
  /** Of the file that was opened, before and after it was read. */
  readonly before: FileFacts;
  readonly after: FileFacts;
  /** `undefined`: it is no file, or holds more than was to be read. */
  readonly content: SecretBytes | undefined;
}

/** Every method fails with the operating system's own code (`ENOENT`, `EACCES`, …). */
export interface FileTree {
  /** Names in a directory. */
  list(directory: string): Promise<readonly string[]>;
  /** The absolute path without links. */
  resolve(path: string): Promise<string>;
  /** Links are followed. */
  look(path: string): Promise<FileFacts>;
  /** @param most number of bytes that are read at most */
  read(path: string, most: number): Promise<FileContent>;
}

type BigStats = Awaited<ReturnType<typeof bigStat>>;
const bigStat = (path: string) => stat(path, { bigint: true });

const factsOf = (stats: BigStats): FileFacts => ({
  kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
  identity: `${stats.dev}:${stats.ino}`,
  bytes: Number(stats.size),
  modified: stats.mtimeNs,
  changed: stats.ctimeNs,
  mode: Number(stats.mode) & 0o7777,
});

/** Without a link at the end, and without waiting where a pipe has taken the file's place meanwhile. */
const TO_READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export const realFileTree: FileTree = {
  list: (directory) => readdir(directory),
  resolve: (path) => realpath(path),
  look: async (path) => factsOf(await bigStat(path)),
  read: async (path, most) => {
    const file = await open(path, TO_READ);
    try {
      const before = factsOf(await file.stat({ bigint: true }));
      if (before.kind !== 'file' || before.bytes > most) return { before, after: before, content: undefined };
      const buffer = Buffer.alloc(most + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      const content = length > most ? undefined : SecretBytes.ofBytes(buffer.subarray(0, length));
      buffer.fill(0);
      return { before, after: factsOf(await file.stat({ bigint: true })), content };
    } finally {
      await file.close();
    }
  },
};
