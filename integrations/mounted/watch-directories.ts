/**
 * Notices that something may have changed in mounted directories: by inotify (chokidar), and by looking at names and dates every so often.
 *
 * The second is not only for where the first is refused (`fs.inotify.max_user_watches`, too many open files): network and FUSE file
 * systems tell nothing of what another machine writes, and a watch of a directory sees no rewriting behind a link.
 *
 * **Invariant:** it only wakes. Nothing that it saw is a fact, and what it can't see is noticed at the next look.
 */
import { join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Duration } from '../../agent/model/terms.ts';
import type { Clock } from '../../agent/ports.ts';
import type { FileTree } from './file-tree.ts';
import { errorCode } from './file-trouble.ts';

/** Long enough for three files written one after the other, short against the kubelet's own delay. */
const BURST: Duration = 300;

/** Opens one watch; chokidar's, or a test's. */
export type OpenWatch = (
  directory: string,
  onEvent: () => void,
  onError: (error: unknown) => void,
) => { readonly ready: Promise<void>; close(): Promise<void> };

export interface WatchOutside {
  readonly tree: FileTree;
  readonly clock: Pick<Clock, 'after'>;
  readonly open?: OpenWatch;
}

export interface WatchWish {
  readonly directories: readonly string[];
  /** How often names and dates are looked at, whatever the watch says. */
  readonly poll: Duration;
  readonly onChange: () => void;
  /** The directory can't be watched, with the operating system's code: told once for each directory; it is polled still. */
  readonly onRefused: (directory: string, code: string) => void;
}

export interface DirectoryWatch {
  /** Settled once changes are noticed without waiting for the next look. Wakes once then: what changed before was not seen. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

const openChokidar: OpenWatch = (directory, onEvent, onError) => {
  const watcher: FSWatcher = watch(directory, { depth: 0, ignoreInitial: true, followSymlinks: false });
  watcher.on('all', onEvent);
  watcher.on('error', onError);
  return {
    ready: new Promise((settle) => watcher.once('ready', () => settle())),
    close: () => watcher.close(),
  };
};

interface Glance {
  /** Which directory stands at the path; `undefined`: none that can be looked at. */
  readonly identity: string | undefined;
  /** Changes with everything that can be seen from outside of the files. */
  readonly text: string;
}

const glanceAt = async (tree: FileTree, directory: string): Promise<Glance> => {
  try {
    const root = await tree.resolve(directory);
    const { identity } = await tree.look(root);
    const data = await tree.resolve(join(root, '..data')).catch(() => root);
    const lines = [identity, data];
    for (const name of (await tree.list(data)).toSorted()) {
      const facts = await tree.look(join(data, name)).catch(errorCode);
      lines.push(
        typeof facts === 'string'
          ? `${name} ${facts}`
          : [name, facts.identity, facts.bytes, facts.modified, facts.changed, facts.mode].join(' '),
      );
    }
    return { identity, text: lines.join('\n') };
  } catch (error) {
    return { identity: undefined, text: errorCode(error) };
  }
};

export const watchDirectories = (
  { tree, clock, open = openChokidar }: WatchOutside,
  { directories, poll, onChange, onRefused }: WatchWish,
): DirectoryWatch => {
  let stopped = false;
  let cancelBurst: () => void = () => undefined;
  let cancelPoll: () => void = () => undefined;
  let looking = Promise.resolve();
  const opened = new Map<string, ReturnType<OpenWatch>>();
  const glances = new Map<string, Glance>();
  const refused = new Set<string>();

  const wake = (): void => {
    cancelBurst();
    if (!stopped) cancelBurst = clock.after(BURST, onChange);
  };
  const refuse = (directory: string, error: unknown): void => {
    const code = errorCode(error);
    // What is not there is noticed by looking; a watch of what comes after it is opened then.
    if (stopped || refused.has(directory) || code === 'ENOENT' || code === '') return;
    refused.add(directory);
    onRefused(directory, code);
  };
  const openOne = (directory: string): Promise<void> => {
    try {
      const one = open(directory, wake, (error) => refuse(directory, error));
      opened.set(directory, one);
      return one.ready;
    } catch (error) {
      refuse(directory, error);
      return Promise.resolve();
    }
  };
  /** A watch belongs to one directory; what is mounted or made anew under that name needs another. */
  const reopen = async (directory: string): Promise<void> => {
    await opened.get(directory)?.close();
    if (!stopped) await openOne(directory);
  };
  const look = async (): Promise<void> => {
    for (const directory of directories) {
      const now = await glanceAt(tree, directory);
      const before = glances.get(directory);
      glances.set(directory, now);
      if (stopped || before === undefined || before.text === now.text) continue;
      wake();
      if (now.identity !== undefined && now.identity !== before.identity) await reopen(directory);
    }
  };
  const lookAgain = (): void => {
    if (stopped) return;
    cancelPoll = clock.after(poll, () => {
      looking = look().then(lookAgain);
    });
  };

  const ready = Promise.all(directories.map(openOne)).then(look).then(wake);
  looking = ready.then(lookAgain);
  return {
    ready,
    stop: async () => {
      stopped = true;
      cancelBurst();
      cancelPoll();
      await Promise.all([...opened.values()].map((one) => one.close()));
      await looking;
      await Promise.all([...opened.values()].map((one) => one.close()));
    },
  };
};
