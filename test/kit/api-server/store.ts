/**
 * Objects by kind, namespace and name, with one growing resourceVersion and a log of changes: etcd as far as it shows.
 *
 * **Invariant:** each change gets a resourceVersion of its own, greater than all before; watchers see changes in that order.
 */

import { type JsonObject, objectAt, textAt, withMetadata } from './json.ts';
import type { Kind } from './kinds.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Change {
  readonly type: ChangeType;
  readonly kind: Kind;
  readonly object: JsonObject;
  /** What it was before; for selectors, an object that stops to match is a deletion to its watcher. */
  readonly before: JsonObject | undefined;
  readonly version: number;
}

export type Listener = (change: Change) => void;

const keyOf = (kind: Kind, namespace: string, name: string): string =>
  `${kind.group}/${kind.plural}/${namespace}/${name}`;

export class Store {
  readonly #objects = new Map<string, JsonObject>();
  readonly #log: Change[] = [];
  readonly #listeners = new Set<Listener>();
  // As a server that has been running for a while: what came before is forgotten.
  #version = 1000;
  #compacted = 1000;

  get version(): number {
    return this.#version;
  }

  get(kind: Kind, namespace: string, name: string): JsonObject | undefined {
    return this.#objects.get(keyOf(kind, namespace, name));
  }

  /** By name, as etcd's keys are ordered. */
  list(kind: Kind, namespace: string): readonly JsonObject[] {
    const prefix = keyOf(kind, namespace, '');
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Stores a new state under a new resourceVersion and tells every listener. */
  put(kind: Kind, object: JsonObject): JsonObject {
    const [namespace, name] = this.#place(object);
    const before = this.get(kind, namespace, name);
    const stored = this.#stamp(object);
    this.#objects.set(keyOf(kind, namespace, name), stored);
    this.#tell({
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      kind,
      object: stored,
      before,
      version: this.#version,
    });
    return stored;
  }

  remove(kind: Kind, namespace: string, name: string): JsonObject | undefined {
    const before = this.get(kind, namespace, name);
    if (before === undefined) return undefined;
    this.#objects.delete(keyOf(kind, namespace, name));
    const last = this.#stamp(before);
    this.#tell({ type: 'DELETED', kind, object: last, before, version: this.#version });
    return last;
  }

  /** Changes after `version`; `undefined` where they are forgotten (410). */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#compacted) return undefined;
    return this.#log.filter((change) => change.version > version);
  }

  /** Forgets all history: older resourceVersions are answered with 410 from now on. */
  compact(): void {
    this.#version += 1;
    this.#compacted = this.#version;
    this.#log.length = 0;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #place(object: JsonObject): readonly [string, string] {
    const metadata = objectAt(object, 'metadata');
    return [textAt(metadata, 'namespace'), textAt(metadata, 'name')];
  }

  #stamp(object: JsonObject): JsonObject {
    this.#version += 1;
    return withMetadata(object, { resourceVersion: String(this.#version) });
  }

  #tell(change: Change): void {
    this.#log.push(change);
    for (const listener of [...this.#listeners]) listener(change);
  }
}
