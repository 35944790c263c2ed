/**
 * Where a file that a container opens comes from: mounts, volumes, items, projections and subPaths resolved.
 *
 * **Invariant:** a path is resolved as the kubelet lays it out: the deepest mount above it decides, and only that one.
 */
import type { FileOrigin } from '../model/mounts.ts';
import type { Container, Items, PodTemplate, Volume, VolumeMount, VolumeSource } from '../model/workload.ts';

/** `/a//b/../c/` → `/a/c`. */
export function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Path below a directory, without a leading slash; `''` for the directory itself; `undefined` outside of it. */
function below(directory: string, path: string): string | undefined {
  if (path === directory) return '';
  const prefix = directory === '/' ? '/' : `${directory}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** The key a Secret or ConfigMap volume shows as `file`; `undefined` where its items leave it out. */
function keyOf(items: Items, file: string): string | undefined {
  if (items === undefined) return file !== '' && !file.includes('/') ? file : undefined;
  return items.find(({ path }) => below('/', normalised(path)) === file)?.key;
}

function deepestMount(container: Container, path: string): VolumeMount | undefined {
  let deepest: VolumeMount | undefined;
  for (const mount of container.mounts) {
    const directory = normalised(mount.path);
    if (below(directory, path) === undefined) continue;
    if (deepest === undefined || directory.length >= normalised(deepest.path).length) deepest = mount;
  }
  return deepest;
}

type PlainSource = Exclude<VolumeSource, { type: 'projected' }>;

/** What one plain source shows as `file`; `undefined` where it doesn't. */
function shown(source: PlainSource, file: string, refresh: 'kubelet' | 'never'): FileOrigin | undefined {
  if (source.type === 'other') return undefined;
  const key = keyOf(source.items, file);
  if (key === undefined) return undefined;
  return source.type === 'secret'
    ? { from: 'secret', secret: source.name, key, optional: source.optional, refresh }
    : { from: 'config-map', configMap: source.name, key, refresh };
}

function missing(volume: Volume, path: string): FileOrigin {
  const { source } = volume;
  const secret = source.type === 'projected' ? source.sources.find(({ type }) => type === 'secret') : source;
  if (secret?.type === 'secret') return { from: 'not-projected', secret: secret.name, path };
  const kind = source.type === 'other' ? source.kind : source.type;
  return { from: 'foreign', volume: volume.name, kind };
}

/** The volume that shows `path` inside `container`, the mount by which it does, and the file's name in the volume. */
export interface PlaceInVolume {
  readonly mount: VolumeMount;
  readonly volume: Volume;
  readonly file: string;
}

/** `undefined` where nothing is mounted at or above the path, or its volume isn't declared. */
export function placeInVolume(
  container: Container,
  template: PodTemplate,
  path: string,
): PlaceInVolume | undefined {
  const wanted = normalised(path);
  const mount = deepestMount(container, wanted);
  const volume = template.volumes.find(({ name }) => name === mount?.volume);
  if (mount === undefined || volume === undefined) return undefined;
  const inside = below(normalised(mount.path), wanted) ?? '';
  const file =
    mount.subPath === undefined ? inside : (below('/', normalised(`${mount.subPath}/${inside}`)) ?? '');
  return { mount, volume, file };
}

/** Where `path` inside `container` comes from. An empty path is `nowhere`. */
export function originOf(container: Container, template: PodTemplate, path: string): FileOrigin {
  const place = path === '' ? undefined : placeInVolume(container, template, path);
  if (place === undefined) return { from: 'nowhere', path };
  const { mount, volume, file } = place;
  const refresh = mount.subPath === undefined ? 'kubelet' : 'never';
  const { source } = volume;
  const sources: readonly PlainSource[] = source.type === 'projected' ? source.sources : [source];
  for (const plain of sources) {
    const origin = shown(plain, file, refresh);
    if (origin !== undefined) return origin;
  }
  return missing(volume, path);
}
