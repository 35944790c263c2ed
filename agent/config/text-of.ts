/**
 * The text of a configuration file.
 *
 * **Invariant:** a file that can't be read is a problem of the configuration, like any other.
 */
import { readFile } from 'node:fs/promises';
import { ConfigError } from './problem.ts';

/** @throws ConfigError */
export const textOf = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code =
      typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(file, [
      {
        path: '',
        line: undefined,
        found: `no readable file (${code})`,
        allowed: 'a file the agent may read',
      },
    ]);
  }
};
