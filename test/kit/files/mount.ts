/**
 * A directory as its writers change it: the kubelet by a swap, others file by file.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Contents = Readonly<Record<string, string | Uint8Array>>;

export class Mount {
  /** Above the mounted directory: what a link must not lead to. */
  readonly above = mkdtempSync(join(tmpdir(), 'mount-'));
  readonly directory = join(this.above, 'certificates');
  #swaps = 0;

  constructor() {
    mkdirSync(this.directory);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** File by file, in place. @param at the files' date, in milliseconds since 1970 */
  write(contents: Contents, at?: number): void {
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(this.path(name), content, { mode: 0o640 });
      if (at !== undefined) utimesSync(this.path(name), at / 1000, at / 1000);
    }
  }

  /** Each file written beside itself and renamed. */
  replace(contents: Contents, at?: number): void {
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(this.path('.new'), content, { mode: 0o640 });
      if (at !== undefined) utimesSync(this.path('.new'), at / 1000, at / 1000);
      renameSync(this.path('.new'), this.path(name));
    }
  }

  /** As the kubelet's AtomicWriter: a new directory, then `..data` renamed over, then the old directory goes. */
  swap(contents: Contents, mode = 0o640, at?: number): void {
    this.#swaps += 1;
    const fresh = `..2026_06_01_12_00_00.${this.#swaps}`;
    mkdirSync(this.path(fresh));
    for (const [name, content] of Object.entries(contents)) {
      writeFileSync(join(this.path(fresh), name), content);
      chmodSync(join(this.path(fresh), name), mode);
      if (at !== undefined) utimesSync(join(this.path(fresh), name), at / 1000, at / 1000);
    }
    const before = this.#current();
    symlinkSync(fresh, this.path('..data_tmp'));
    renameSync(this.path('..data_tmp'), this.path('..data'));
    for (const name of Object.keys(contents)) {
      rmSync(this.path(name), { force: true });
      symlinkSync(join('..data', name), this.path(name));
    }
    if (before !== undefined) rmSync(this.path(before), { recursive: true });
  }

  #current(): string | undefined {
    try {
      return readlinkSync(this.path('..data'));
    } catch {
      return undefined;
    }
  }

  deliver(way: 'write' | 'replace' | 'swap', contents: Contents, at?: number): void {
    if (way === 'write') this.write(contents, at);
    else if (way === 'replace') this.replace(contents, at);
    else this.swap(contents, 0o640, at);
  }

  /** A link in place of whatever stands there. */
  link(name: string, target: string): void {
    rmSync(this.path(name), { force: true, recursive: true });
    symlinkSync(target, this.path(name));
  }

  drop(...names: readonly string[]): void {
    for (const name of names) unlinkSync(this.path(name));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  bringBack(): void {
    mkdirSync(this.directory);
  }

  /** At the end of a test. */
  clear(): void {
    rmSync(this.above, { recursive: true, force: true });
  }
}
