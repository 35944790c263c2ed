/**
 * Reads one mounted file, by the same rules as a directory.
 *
 * **Invariant:** nothing else in its directory is opened.
 */
import { basename, dirname } from 'node:path';
import type { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { FileTree } from './file-tree.ts';
import { absent, type Unread } from './file-trouble.ts';
import { readDirectory } from './read-directory.ts';

export interface ReadFile {
  readonly state: 'read';
  readonly content: SecretBytes;
  readonly version: string;
  readonly changedAt: Instant;
}

/** @param path absolute */
export const readFile = async (tree: FileTree, path: string): Promise<ReadFile | Unread> => {
  const name = basename(path);
  const reading = await readDirectory(tree, { directory: dirname(path), names: [name], others: 'leave' });
  if (reading.state === 'waiting') return absent(path);
  if (reading.state !== 'read') return reading;
  const { files, version, changedAt } = reading.set;
  const content = files.get(name);
  return content === undefined ? absent(path) : { state: 'read', content, version, changedAt };
};
