/**
 * The real file system with faults: a call fails with a code, or something happens just before or after it.
 */
import { type FileFacts, type FileTree, realFileTree } from '../../../integrations/mounted/file-tree.ts';

export interface AskedFile {
  readonly verb: keyof FileTree;
  readonly path: string;
}

export class ShakenTree implements FileTree {
  readonly asked: AskedFile[] = [];
  /** `by-content`: only dates that a test can set count; the kernel's own date of the last change is left out. */
  dated: 'as-it-is' | 'by-content' = 'as-it-is';
  /** Called before each call; what it throws is what the call fails with. */
  before: (call: AskedFile) => void | Promise<void> = () => undefined;

  /** From now on calls of that kind, whose path ends so, fail; the returned function ends it. */
  fail(code: string, verb: keyof FileTree, ending = ''): () => void {
    this.before = (call) => {
      if (call.verb === verb && call.path.endsWith(ending))
        throw Object.assign(new Error(`${code}: in a test`), { code });
    };
    return () => {
      this.before = () => undefined;
    };
  }

  /** Does something once, just before that call. */
  just(verb: keyof FileTree, ending: string, happens: () => void): void {
    this.before = (call) => {
      if (call.verb !== verb || !call.path.endsWith(ending)) return;
      this.before = () => undefined;
      happens();
    };
  }

  async #ask<T>(verb: keyof FileTree, path: string, call: () => Promise<T>): Promise<T> {
    this.asked.push({ verb, path });
    await this.before({ verb, path });
    return call();
  }

  list(path: string) {
    return this.#ask('list', path, () => realFileTree.list(path));
  }

  resolve(path: string) {
    return this.#ask('resolve', path, () => realFileTree.resolve(path));
  }

  look(path: string) {
    return this.#ask('look', path, async () => this.#dated(await realFileTree.look(path)));
  }

  read(path: string, most: number) {
    return this.#ask('read', path, async () => {
      const { before, after, content } = await realFileTree.read(path, most);
      return { before: this.#dated(before), after: this.#dated(after), content };
    });
  }

  #dated(facts: FileFacts): FileFacts {
    return this.dated === 'as-it-is' ? facts : { ...facts, changed: facts.modified };
  }
}
