/**
 * Watches the configuration file and takes changes over while the agent runs.
 *
 * A mounted ConfigMap changes by a swap of the `..data` link beside the file, so the directory is watched, not the file.
 *
 * **Invariant:** an event is only a reason to read again; what is taken over is what stands in the file once it is quiet.
 */
import { dirname } from 'node:path';
import { watch } from 'chokidar';
import type { Duration } from '../model/terms.ts';
import type { Clock } from '../ports.ts';
import { ConfigKeeper, type ConfigListener } from './keeper.ts';
import { ConfigError } from './problem.ts';
import { textOf } from './text-of.ts';

/** Long enough for a write in several pieces, short against the kubelet's own delay. */
const QUIET: Duration = 300;

export interface ConfigWatch {
  /** Settled once changes are noticed. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads the file for the first time.
 *
 * @throws ConfigError with every problem, or where the file can't be read
 */
export const loadConfig = async (file: string): Promise<ConfigKeeper> =>
  new ConfigKeeper(file, await textOf(file));

/** Starts watching. Listeners are called one after the other, never after {@link ConfigWatch.close} has settled. */
export const watchConfig = (
  file: string,
  keeper: ConfigKeeper,
  clock: Clock,
  listener: ConfigListener,
): ConfigWatch => {
  let closed = false;
  let reading = Promise.resolve();
  let cancel: () => void = () => undefined;
  let unreadable = false;

  const read = async (): Promise<void> => {
    if (closed) return;
    try {
      const text = await textOf(file);
      unreadable = false;
      if (!closed) keeper.take(text, listener);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (!unreadable && !closed) listener.onRefused(error);
      unreadable = true;
    }
  };
  const wake = (): void => {
    cancel();
    cancel = clock.after(QUIET, () => {
      reading = reading.then(read);
    });
  };

  const watcher = watch(dirname(file), { depth: 0, ignoreInitial: true, followSymlinks: false });
  watcher.on('all', wake);
  /** A watch that fails is no reason to stop: the configuration in effect stays. */
  watcher.on('error', wake);
  const ready = new Promise<void>((settle) => {
    watcher.once('ready', () => {
      wake();
      settle();
    });
  });
  return {
    ready,
    close: async () => {
      closed = true;
      cancel();
      await watcher.close();
      await reading;
    },
  };
};
