/**
 * A kubelet that is as late as it may be: running pods see a change `LAG` after the write, new pods' mounts are `MOUNT_LAG` behind.
 *
 * **Invariant:** a file shows what was published exactly that long ago, never something newer and never something older.
 */
import type { Duration, Instant } from '../../../agent/model/terms.ts';
import type { Clock } from '../../../agent/ports.ts';
import type { JsonObject } from '../api-server/index.ts';
import { objectAt } from '../api-server/json.ts';
import type { ObjectReader } from '../repo-server/mounted-files.ts';

/** Less than every `propagationWait` and `mountMargin` in the tests' settings. */
export const LAG: Duration = 80_000;
export const MOUNT_LAG: Duration = 4_000;

interface Era {
  readonly since: Instant;
  readonly version: string;
  readonly object: JsonObject | undefined;
}

const versionOf = (object: JsonObject | undefined): string =>
  object === undefined ? '' : String(objectAt(object, 'metadata').resourceVersion);

export class LateReader implements ObjectReader {
  readonly #present: ObjectReader;
  readonly #clock: Clock;
  readonly #eras = new Map<string, Era[]>();
  /** How far behind the next reads are. */
  behind: Duration = 0;

  constructor(present: ObjectReader, clock: Clock) {
    this.#present = present;
    this.#clock = clock;
  }

  /** Remembers what an object holds from now on. True where that is something new. */
  note(kind: string, namespace: string, name: string): boolean {
    const key = `${kind} ${namespace}/${name}`;
    const object = this.#present.get(kind, namespace, name);
    const eras = this.#eras.get(key) ?? [];
    if (eras.length > 0 && eras.at(-1)?.version === versionOf(object)) return false;
    if (eras.length === 0 && object === undefined) return false;
    eras.push({ since: this.#clock.now(), version: versionOf(object), object });
    this.#eras.set(key, eras);
    return true;
  }

  get(kind: string, namespace: string, name: string): JsonObject | undefined {
    if (this.behind === 0) return this.#present.get(kind, namespace, name);
    const eras = this.#eras.get(`${kind} ${namespace}/${name}`) ?? [];
    return eras.findLast((era) => era.since <= this.#clock.now() - this.behind)?.object;
  }
}
