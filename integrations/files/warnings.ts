/**
 * What works about files, but should not stay so.
 *
 * **Invariant:** names files and directories, never content.
 */
import type { SourceWarning } from '../../agent/model/material.ts';
import type { Duration } from '../../agent/model/terms.ts';

export const readableKey = (directory: string, names: readonly string[]): readonly SourceWarning[] =>
  names.length === 0
    ? []
    : [
        {
          code: 'readable-key',
          what: `Every user of the container may read the private key in ${names.join(', ')} of ${directory}.`,
          next: 'Give the volume `defaultMode: 0440` and the pod an `fsGroup`, or have the writer set mode 0640.',
        },
      ];

export const unwatched = (refused: ReadonlyMap<string, string>, poll: Duration): readonly SourceWarning[] =>
  [...refused].map(([directory, code]) => ({
    code: 'files-unwatched',
    what: `${directory} can't be watched (${code}); it is looked at every ${poll / 1000} s instead.`,
    next: 'Raise `fs.inotify.max_user_watches` and `fs.inotify.max_user_instances` on the node, or shorten `poll`. Then restart the agent.',
  }));
