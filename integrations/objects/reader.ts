/**
 * Secrets and ConfigMaps read for a source: their values in one form, their versions, and which one was asked for last.
 *
 * **Invariant:** each object is read once for each reading, and nothing of it is kept.
 */
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { StoredObject } from '../../agent/model/stored.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { Cluster } from '../../agent/ports.ts';

export type ObjectKind = 'Secret' | 'ConfigMap';

export interface ReadObject {
  /** For people: `Secret argocd/repo-client`. */
  readonly about: string;
  readonly values: ReadonlyMap<string, SecretBytes>;
  /** Changes with the object. */
  readonly version: string;
  /** When its values were last written, as the API server recorded it. */
  readonly changedAt: Instant;
}

const changedAt = (stored: StoredObject): Instant => {
  const times = stored.owners
    .filter((owner) => owner.dataKeys.length > 0)
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? stored.createdAt : Math.max(...times);
};

export class ObjectReader {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  #asked = '';

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** `namespace/name` of what was asked for last: what an error is about. */
  get asked(): string {
    return this.#asked;
  }

  /** `undefined`: it is not there. @throws ApiError */
  async read(kind: ObjectKind, name: string): Promise<ReadObject | undefined> {
    this.#asked = `${this.#namespace}/${name}`;
    const found = kind === 'Secret' ? await this.#secret(name) : await this.#configMap(name);
    if (found === undefined) return undefined;
    const { stored, values } = found;
    return {
      about: `${kind} ${this.#asked}`,
      values,
      version: `${kind.toLowerCase()} ${stored.uid}/${stored.resourceVersion}`,
      changedAt: changedAt(stored),
    };
  }

  async #secret(name: string) {
    const stored = await this.#cluster.readSecret(this.#namespace, name);
    return stored === undefined ? undefined : { stored, values: stored.data };
  }

  async #configMap(name: string) {
    const stored = await this.#cluster.readConfigMap(this.#namespace, name);
    if (stored === undefined) return undefined;
    const texts = Object.entries(stored.data).map(([key, text]) => [key, SecretBytes.of(text)] as const);
    return { stored, values: new Map([...texts, ...(stored.binaryData ?? [])]) };
  }
}
