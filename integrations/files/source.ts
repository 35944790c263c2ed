/**
 * Material from files of the agent's own pod: what cert-manager's CSI driver, vault-agent, spiffe-helper or an operator writes there.
 *
 * **Invariant:** files that are not there are waited for; that they are gone never means that mTLS shall be off.
 */
import { dirname } from 'node:path';
import type { FilesSpec } from '../../agent/model/files-spec.ts';
import type { SourceReading } from '../../agent/model/material.ts';
import type { Duration } from '../../agent/model/terms.ts';
import type { Watched } from '../../agent/ports.ts';
import { QUIET } from '../mounted/being-written.ts';
import type { Mounts } from '../mounted/mounts.ts';
import { watchDirectories } from '../mounted/watch-directories.ts';
import type { Source } from '../source.ts';
import { PairReader } from './pair-reader.ts';
import { readableKey, unwatched } from './warnings.ts';

/** A network file system whose server is away may answer nothing at all, for hours. */
const ANSWER_WITHIN: Duration = 10_000;

export class FilesSource implements Source {
  readonly describe: string;
  readonly issue = undefined;
  readonly watches = [];
  readonly rights = [];
  readonly #spec: FilesSpec;
  readonly #mounts: Mounts;
  readonly #reader: PairReader;
  /** Directories that can't be watched, with the operating system's code. */
  readonly #unwatched = new Map<string, string>();
  #asked: Promise<SourceReading> | undefined;
  #poll: Duration | undefined;

  constructor(spec: FilesSpec, mounts: Mounts) {
    this.#spec = spec;
    this.#mounts = mounts;
    this.describe = `files in ${spec.directory}`;
    this.#reader = new PairReader(spec, `The directory ${spec.directory}`);
  }

  /** Soon, while a writer is given its second; everything else is for the watch. */
  get poll(): Duration | undefined {
    return this.#poll;
  }

  async read(): Promise<SourceReading> {
    // One look at a time: where a file system hangs, it hangs for one.
    this.#asked ??= this.#look().finally(() => {
      this.#asked = undefined;
    });
    const { promise, resolve } = Promise.withResolvers<SourceReading>();
    const cancel = this.#mounts.clock.after(ANSWER_WITHIN, () => resolve(this.#noAnswer()));
    try {
      return await Promise.race([this.#asked, promise]);
    } finally {
      cancel();
    }
  }

  watch(onChange: () => void): Watched {
    const { directory, caFile, pkcs12, poll } = this.#spec;
    const beside = [caFile, pkcs12?.passwordFile].flatMap((path) =>
      path === undefined ? [] : dirname(path),
    );
    const watch = watchDirectories(this.#mounts, {
      directories: [...new Set([directory, ...beside])],
      poll,
      onChange,
      onRefused: (refused, code) => this.#unwatched.set(refused, code),
    });
    return { stop: () => void watch.stop() };
  }

  async #look(): Promise<SourceReading> {
    const source = this.describe;
    const reading = await this.#reader.read(this.#mounts);
    this.#poll = 'again' in reading ? QUIET : undefined;
    switch (reading.state) {
      case 'waiting':
      case 'unreachable':
        return { state: reading.state, source, why: reading.why, next: reading.next };
      case 'refused':
        return { state: 'refused', source, refusal: reading.refusal };
      case 'read': {
        const warnings = [
          ...readableKey(this.#spec.directory, reading.exposed),
          ...unwatched(this.#unwatched, this.#spec.poll),
        ];
        return {
          state: 'ready',
          raw: { source, version: reading.version, ...reading.found },
          changedAt: reading.changedAt,
          ...(warnings.length === 0 ? {} : { warnings }),
        };
      }
    }
  }

  #noAnswer(): SourceReading {
    return {
      state: 'unreachable',
      source: this.describe,
      why: `The file system of ${this.#spec.directory} gave no answer within ${ANSWER_WITHIN / 1000} s.`,
      next: 'Look at the volume and at the server behind it; the agent takes the answer when it comes.',
    };
  }
}
