/**
 * What reading and watching mounted directories needs of the outside. One for the process.
 */
import type { Clock } from '../../agent/ports.ts';
import { realFileTree } from './file-tree.ts';
import type { WatchOutside } from './watch-directories.ts';

export interface Mounts extends WatchOutside {
  readonly clock: Clock;
}

export const realMounts = (clock: Clock): Mounts => ({ tree: realFileTree, clock });
