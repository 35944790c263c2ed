/**
 * A pod's spec, as it stands in a pod or in a workload's template: API JSON → model.
 *
 * **Invariant:** what the model has no word for is named (`other`, `exec`), never dropped silently.
 */
import type { Container, EnvVar, Items, PodTemplate, Volume, VolumeSource } from '../model/workload.ts';
import {
  asObject,
  booleanAt,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  optionalTextAt,
  stringMapAt,
  textAt,
  textsAt,
} from './json.ts';

const toEnv = (env: JsonObject): EnvVar => {
  const from = objectAt(env, 'valueFrom');
  const reference = objectAt(from, 'configMapKeyRef');
  return {
    name: textAt(env, 'name'),
    value: env.valueFrom === undefined ? textAt(env, 'value') : undefined,
    configMapKey:
      from.configMapKeyRef === undefined
        ? undefined
        : {
            configMap: textAt(reference, 'name'),
            key: textAt(reference, 'key'),
            optional: booleanAt(reference, 'optional'),
          },
  };
};

const toPreStop = (container: JsonObject): Container['preStop'] => {
  const hook = objectAt(container, 'lifecycle').preStop;
  if (hook === undefined) return undefined;
  const sleep = asObject(hook).sleep;
  return sleep === undefined ? 'exec' : numberAt(asObject(sleep), 'seconds');
};

const toContainer = (container: JsonObject): Container => ({
  name: textAt(container, 'name'),
  image: textAt(container, 'image'),
  command: textsAt(container, 'command'),
  args: textsAt(container, 'args'),
  env: objectsAt(container, 'env').map(toEnv),
  mounts: objectsAt(container, 'volumeMounts').map((mount) => ({
    volume: textAt(mount, 'name'),
    path: textAt(mount, 'mountPath'),
    // Both are fixed when the container starts, so both never refresh.
    subPath: optionalTextAt(mount, 'subPath') ?? optionalTextAt(mount, 'subPathExpr'),
    readOnly: booleanAt(mount, 'readOnly'),
  })),
  preStop: toPreStop(container),
});

const toItems = (source: JsonObject): Items =>
  source.items === undefined
    ? undefined
    : objectsAt(source, 'items').map((item) => ({ key: textAt(item, 'key'), path: textAt(item, 'path') }));

type SimpleSource = Exclude<VolumeSource, { type: 'projected' }>;

const kindOf = (source: JsonObject): string =>
  Object.keys(source).find((key) => key !== 'name') ?? 'emptyDir';

/** `nameKey`: a Secret volume says `secretName`, a projected one `name`. */
const toSimpleSource = (source: JsonObject, nameKey: 'secretName' | 'name'): SimpleSource => {
  for (const type of ['secret', 'configMap'] as const) {
    const found = source[type];
    if (found === undefined) continue;
    const body = asObject(found);
    const name = textAt(body, type === 'secret' ? nameKey : 'name');
    return { type, name, items: toItems(body), optional: booleanAt(body, 'optional') };
  }
  return { type: 'other', kind: kindOf(source) };
};

const toVolume = (volume: JsonObject): Volume => ({
  name: textAt(volume, 'name'),
  source:
    volume.projected === undefined
      ? toSimpleSource(volume, 'secretName')
      : {
          type: 'projected',
          sources: objectsAt(objectAt(volume, 'projected'), 'sources').map((source) =>
            toSimpleSource(source, 'name'),
          ),
        },
});

/** `template`: anything with `metadata` and a pod `spec`: a template, or a pod itself. */
export const toPodTemplate = (template: JsonObject): PodTemplate => {
  const metadata = objectAt(template, 'metadata');
  const spec = objectAt(template, 'spec');
  return {
    labels: stringMapAt(metadata, 'labels'),
    annotations: stringMapAt(metadata, 'annotations'),
    serviceAccount: optionalTextAt(spec, 'serviceAccountName'),
    initContainers: objectsAt(spec, 'initContainers').map(toContainer),
    containers: objectsAt(spec, 'containers').map(toContainer),
    volumes: objectsAt(spec, 'volumes').map(toVolume),
  };
};
