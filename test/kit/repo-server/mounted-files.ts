/**
 * What each pod sees of Secrets and ConfigMaps: as the kubelet would have put them there, which is not as they are now.
 *
 * **Invariant:** a pod's files are those of its start until the next {@link MountedFiles.sync}; a subPath mount never changes,
 * a container's restart changes nothing.
 */
import { type JsonObject, objectAt, objectsAt, optionalTextAt, textAt } from '../api-server/json.ts';

/** Just enough of the API server's stand-in. */
export interface ObjectReader {
  get(kind: string, namespace: string, name: string): JsonObject | undefined;
}

export interface PodFacts {
  readonly namespace: string;
  readonly uid: string;
  readonly object: JsonObject;
}

interface Mount {
  readonly path: string;
  readonly subPath: string | undefined;
  readonly source: JsonObject;
}

interface View {
  readonly pod: PodFacts;
  readonly mounts: readonly Mount[];
  /** By mount, in the order of {@link mounts}: file name → content. */
  readonly files: ReadonlyMap<string, string>[];
}

const decoded = (object: JsonObject | undefined, base64: boolean): ReadonlyMap<string, string> | undefined =>
  object === undefined
    ? undefined
    : new Map(
        Object.entries(objectAt(object, 'data')).map(([key, value]) => [
          key,
          base64 ? Buffer.from(String(value), 'base64').toString() : String(value),
        ]),
      );

const mountsOf = (pod: JsonObject): readonly Mount[] => {
  const spec = objectAt(pod, 'spec');
  const volumes = new Map(objectsAt(spec, 'volumes').map((volume) => [textAt(volume, 'name'), volume]));
  return objectsAt(spec, 'containers').flatMap((container) =>
    objectsAt(container, 'volumeMounts').flatMap((mount) => {
      const source = volumes.get(textAt(mount, 'name'));
      return source === undefined
        ? []
        : [{ path: textAt(mount, 'mountPath'), subPath: optionalTextAt(mount, 'subPath'), source }];
    }),
  );
};

export class MountedFiles {
  readonly #reader: () => ObjectReader;
  readonly #views = new Map<string, View>();

  /** @param reader asked at each start and sync; a function since the API server is made after its pods' hooks. */
  constructor(reader: () => ObjectReader) {
    this.#reader = reader;
  }

  /** A pod starts: its volumes are made. Again for a pod that is known: nothing, its volumes are there already. */
  start(pod: PodFacts): void {
    if (!this.#views.has(pod.uid)) {
      const mounts = mountsOf(pod.object);
      this.#views.set(pod.uid, { pod, mounts, files: mounts.map((mount) => this.#read(pod, mount.source)) });
    }
  }

  /** The kubelet catches up: for every pod, or for those named by uid. */
  sync(uids: Iterable<string> = this.#views.keys()): void {
    for (const uid of uids) {
      const view = this.#views.get(uid);
      view?.mounts.forEach((mount, index) => {
        if (mount.subPath === undefined) {
          view.files[index] = this.#read(view.pod, mount.source);
        }
      });
    }
  }

  /** What a program in this pod reads from `path`; undefined where there is no such file. */
  file(uid: string, path: string): string | undefined {
    const view = this.#views.get(uid);
    const index = view?.mounts.findIndex((mount) =>
      mount.subPath === undefined ? path.startsWith(`${mount.path}/`) : path === mount.path,
    );
    const mount = index === undefined ? undefined : view?.mounts[index];
    return mount === undefined || index === undefined
      ? undefined
      : view?.files[index]?.get(mount.subPath ?? path.slice(mount.path.length + 1));
  }

  #read(pod: PodFacts, volume: JsonObject): ReadonlyMap<string, string> {
    const parts =
      volume.projected === undefined ? [volume] : objectsAt(objectAt(volume, 'projected'), 'sources');
    return new Map(
      parts.flatMap((part) => {
        const isSecret = part.secret !== undefined;
        const source = objectAt(part, isSecret ? 'secret' : 'configMap');
        const name = optionalTextAt(source, 'secretName') ?? optionalTextAt(source, 'name');
        const kind = isSecret ? 'Secret' : 'ConfigMap';
        const data =
          name === undefined ? undefined : decoded(this.#reader().get(kind, pod.namespace, name), isSecret);
        const items = objectsAt(source, 'items');
        return items.length === 0
          ? [...(data ?? [])]
          : items.flatMap((item): [string, string][] => {
              const content = data?.get(textAt(item, 'key'));
              return content === undefined ? [] : [[textAt(item, 'path'), content]];
            });
      }),
    );
  }
}
