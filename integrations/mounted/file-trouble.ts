/**
 * What keeps files from being read, in words for the person who has to mend it.
 *
 * **Invariant:** names paths and the operating system's code, never content; nothing here says that a source is empty on purpose.
 */
import { refuse } from '../../agent/admission/refuse.ts';
import type { Refusal } from '../../agent/model/refusal.ts';

/** Why there is no set: as the readings of a source are, without the source's name. */
export type Unread =
  | { readonly state: 'waiting'; readonly why: string; readonly next: string }
  | { readonly state: 'unreachable'; readonly why: string; readonly next: string }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/** Thrown within this folder only. */
export class FileTrouble extends Error {
  readonly unread: Unread;

  constructor(unread: Unread) {
    super('files could not be read');
    this.name = 'FileTrouble';
    this.unread = unread;
  }
}

/** The operating system's code of a failure; empty where it has none. */
export const errorCode = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

const WITHOUT = 'Without certificate and key there is nothing to show.';

export const astray = (path: string, how: string): Unread => ({
  state: 'refused',
  refusal: refuse(
    'link-astray',
    `${path} ${how}.`,
    'What stands elsewhere may be meant for somebody else.',
    'Have the writer keep files and links inside that directory, as the kubelet does; or name the directory that holds both by `within`.',
  ),
});

export const notAFile = (path: string, what: string): Unread => ({
  state: 'refused',
  refusal: refuse(
    'not-a-file',
    `${path} is ${what}, not a regular file; it is not opened.`,
    WITHOUT,
    'Mount or write a regular file there, or correct the name in the configuration.',
  ),
});

export const notADirectory = (path: string): Unread => ({
  state: 'refused',
  refusal: refuse(
    'not-a-file',
    `${path} leads over something that is no directory.`,
    WITHOUT,
    'Mount a directory there, without `subPath`, or correct `directory` in the configuration.',
  ),
});

export const fileTooLarge = (path: string, bytes: number, most: number): Unread => ({
  state: 'refused',
  refusal: refuse(
    'too-large',
    `${path} holds ${bytes} bytes; at most ${most} are read.`,
    'Published, it could exceed what a Secret holds.',
    'Look at what writes it: a pair with its CA is a few kilobytes.',
  ),
});

export const tooManyFiles = (directory: string, count: number, most: number): Unread => ({
  state: 'refused',
  refusal: refuse(
    'too-large',
    `${directory} holds ${count} files; at most ${most} are looked at.`,
    WITHOUT,
    'Name certificate, key and CA by `fields`: then only those are read. Or mount a directory of their own.',
  ),
});

export const absent = (path: string): Unread => ({
  state: 'waiting',
  why: `There is no ${path}, or it is a link that leads to nothing.`,
  next: 'Have it written or mounted, or correct the path in the configuration. What is published stays in use.',
});

export const nothingIn = (directory: string): Unread => ({
  state: 'waiting',
  why: `There is no file in ${directory} that could hold a certificate.`,
  next: 'Wait for what writes there, or look at it; or correct `directory` in the configuration. What is published stays in use.',
});

export const midUpdate = (directory: string): Unread => ({
  state: 'waiting',
  why: `The files in ${directory} changed each time while they were read: an update is under way.`,
  next: 'Nothing, if it ends soon. If it does not, look at what writes there without a pause.',
});

/** @param what what was asked of the operating system: `open`, `list`, `look at` */
export const troubleOf = (path: string, what: string, error: unknown): Unread => {
  const code = errorCode(error);
  switch (code) {
    case 'ENOENT':
      return absent(path);
    case 'ENOTDIR':
      return notADirectory(path);
    case 'EISDIR':
      return notAFile(path, 'a directory');
    case 'ELOOP':
      return astray(path, 'is a link that leads back to itself (ELOOP)');
    case 'EACCES':
    case 'EPERM':
      return {
        state: 'unreachable',
        why: `The agent may not ${what} the file ${path} (${code}).`,
        next: `Let the agent's user ${what} the file ${path}: give its pod an \`fsGroup\`, and the volume a mode that lets the group read (\`defaultMode: 0440\`).`,
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        state: 'unreachable',
        why: `The file ${path} could not be opened: too many files are open on the node or in the agent (${code}).`,
        next: 'The agent tries again. If it lasts, raise the limit of open files on the node.',
      };
    default:
      return {
        state: 'unreachable',
        why: `The agent could not ${what} the file ${path}: the file system answered ${code === '' ? 'with an error' : code}.`,
        next: `The agent tries again. If it lasts, look at the volume and the node that it is on: ${path} can't be read.`,
      };
  }
};
