/**
 * A pair and its CA out of the files that a source names.
 *
 * **Invariant:** the first thing that is missing or wrong is the answer; nothing is guessed in its place, and the password is kept nowhere.
 */
import { getFips } from 'node:crypto';
import type { FilesSpec } from '../../agent/model/files-spec.ts';
import type { Refusal } from '../../agent/model/refusal.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { beingWritten } from '../mounted/being-written.ts';
import type { FileTree } from '../mounted/file-tree.ts';
import type { Unread } from '../mounted/file-trouble.ts';
import type { Mounts } from '../mounted/mounts.ts';
import { type DirectoryPlace, type ReadSet, readDirectory } from '../mounted/read-directory.ts';
import { readFile } from '../mounted/read-file.ts';
import { readPkcs12 } from '../shapes/pkcs12.ts';
import { type Found, readShape } from '../shapes/read-shape.ts';
import { fieldMissing } from '../shapes/refusals.ts';
import { USUAL_NAMES } from '../shapes/table.ts';
import { certificatesIn, isBlank, keysIn, unwrapped } from '../shapes/text.ts';

export interface ReadPair {
  readonly state: 'read';
  readonly found: Found;
  /** Of all files that were read. */
  readonly version: string;
  readonly changedAt: Instant;
  /** Names of files with a private key that every user of the container may read. */
  readonly exposed: readonly string[];
}

/** Soon: its writer is being given a second. */
export type Soon = Extract<Unread, { state: 'waiting' }> & { readonly again: 'soon' };

/** Which files are read: what the configuration names wholly, and only then nothing else. */
const placeOf = ({ directory, within, fields, pkcs12 }: FilesSpec): DirectoryPlace => {
  const named = [fields.certificate, fields.key, fields.ca].filter((name) => name !== undefined);
  if (pkcs12 !== undefined) return { directory, within, names: [pkcs12.file], others: 'leave' };
  return named.length === 3
    ? { directory, within, names: named, others: 'leave' }
    : { directory, within, names: [...named, ...USUAL_NAMES], others: 'read' };
};

const refused = (refusal: Refusal, passedOver: readonly string[]): Unread => ({
  state: 'refused',
  refusal:
    passedOver.length === 0
      ? refusal
      : { ...refusal, what: `${refusal.what} Passed over: ${passedOver.join(' ')}` },
});

export class PairReader {
  readonly #spec: FilesSpec;
  readonly #about: string;
  /** Opening a PKCS#12 takes a tenth of a second of JavaScript: the last one is remembered while its files stay as they are. */
  #opened: { readonly version: string; readonly found: Found } | undefined;

  /** @param about whose files these are, for messages */
  constructor(spec: FilesSpec, about: string) {
    this.#spec = spec;
    this.#about = about;
  }

  async read({ tree, clock }: Mounts): Promise<ReadPair | Unread | Soon> {
    const { directory, caFile } = this.#spec;
    const reading = await readDirectory(tree, placeOf(this.#spec));
    if (reading.state !== 'read') return reading;
    const { set } = reading;
    const writing = beingWritten(directory, set, clock.now());
    if (writing?.state === 'waiting') return { ...writing, again: 'soon' };
    const pair = await this.#pairOf(tree, set);
    if ('state' in pair) return pair;
    const ca = caFile === undefined ? undefined : await readFile(tree, caFile);
    if (ca !== undefined && ca.state !== 'read') return ca;
    return {
      state: 'read',
      found:
        ca === undefined ? pair.found : { ...pair.found, anchorsPem: certificatesIn(unwrapped(ca.content)) },
      version: [pair.version, ca?.version].filter((part) => part !== undefined).join(', '),
      changedAt: Math.max(set.changedAt, ca?.changedAt ?? 0),
      exposed: [...set.files]
        .filter(([name, content]) => set.readableByAll.includes(name) && !isBlank(keysIn(content)))
        .map(([name]) => name),
    };
  }

  async #pairOf(
    tree: FileTree,
    set: ReadSet,
  ): Promise<{ readonly found: Found; readonly version: string } | Unread> {
    const { pkcs12, fields } = this.#spec;
    if (pkcs12 === undefined) {
      const shape = readShape(set.files, fields, this.#about);
      return 'refusal' in shape
        ? refused(shape.refusal, set.passedOver)
        : { found: shape.found, version: set.version };
    }
    const store = set.files.get(pkcs12.file);
    if (store === undefined)
      return refused(fieldMissing(this.#about, [pkcs12.file], set.files.keys()), set.passedOver);
    const password = await readFile(tree, pkcs12.passwordFile);
    if (password.state !== 'read') return password;
    const version = `${set.version}, ${password.version}`;
    if (this.#opened?.version === version) return this.#opened;
    const opened = readPkcs12(store, password.content, {
      fips: getFips() === 0 ? 'off' : 'on',
      about: `${pkcs12.file} in ${this.#about}`,
    });
    if ('refusal' in opened) return refused(opened.refusal, []);
    this.#opened = { found: opened.found, version };
    return this.#opened;
  }
}
