/**
 * The patch that makes a component's files come from the keys they should: it changes the volume that shows them, or mounts one.
 *
 * A volume is merged by its name, so the volume of a mount path is changed and never doubled. `items` of a Secret volume is replaced as a
 * whole (k8s.io/api core/v1 SecretVolumeSource: listType=atomic, no patchStrategy), so it is given as a whole; `sources` of a projected one too.
 *
 * **Invariant:** what else the same Secret's volume shows, it goes on showing; of another Secret nothing is carried over.
 */
import { containerOf } from '../argocd/container.ts';
import { placeInVolume } from '../argocd/origin.ts';
import type { Component } from '../model/terms.ts';
import type { Container, Volume, VolumeSource, Workload } from '../model/workload.ts';
import type { Need } from './needs.ts';
import { workloadPatch } from './patches.ts';

/** A variable that a container lacks, to be taken from a ConfigMap. */
export interface MissingVariable {
  readonly name: string;
  readonly configMap: string;
  readonly key: string;
}

export interface Projection {
  readonly component: Component;
  readonly workload: Workload;
  /** All files of the component that belong together: those of them that lie in the same volume are given with it. */
  readonly needs: readonly Need[];
  /** Those that don't come from where they should. */
  readonly broken: readonly Need[];
  /** Name for a volume, where one has to be added. */
  readonly volume: string;
  readonly env: readonly MissingVariable[];
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

const itemsOf = (volume: Volume, placed: readonly PlacedNeed[]) => {
  const { source } = volume;
  const [first] = placed;
  const kept =
    source.type === 'secret' && source.name === first?.need.secret
      ? (source.items ?? []).filter(({ path }) => !placed.some(({ file }) => file === path))
      : [];
  return [...kept, ...placed.map(itemOf)];
};

const itemOf = ({ need, file }: PlacedNeed) => ({ key: need.key, path: file });

/**
 * All sources of a projected volume after the change, since they are replaced as a whole too. `undefined` where one of them can't be written
 * down again: a kind that isn't known in full here, or one that shows all its keys.
 */
function sourcesOf(
  sources: Extract<VolumeSource, { type: 'projected' }>['sources'],
  placed: readonly PlacedNeed[],
): readonly object[] | undefined {
  const kept: object[] = [];
  for (const source of sources) {
    if (source.type === 'other' || source.items === undefined) return undefined;
    const items = source.items.filter(({ path }) => !placed.some(({ file }) => file === path));
    const { name, optional } = source;
    if (items.length > 0) kept.push({ [source.type]: { name, optional, items } });
  }
  const secrets = [...new Set(placed.map(({ need }) => need.secret))];
  const added = secrets.map((name) => ({
    secret: {
      name,
      optional: true,
      items: placed.filter(({ need }) => need.secret === name).map(itemOf),
    },
  }));
  return [...kept, ...added];
}

/** The volume so that it shows what is needed; `undefined` where a patch can't make it. */
function volumeShowing(volume: Volume, placed: readonly PlacedNeed[]): object | undefined {
  const { name, source } = volume;
  if (source.type === 'projected') {
    const sources = sourcesOf(source.sources, placed);
    return sources && { name, projected: { sources } };
  }
  const [first] = placed;
  const isOneSecret = placed.every(({ need }) => need.secret === first?.need.secret);
  if (source.type === 'other' || first === undefined || !isOneSecret) return undefined;
  const secret = { secretName: first.need.secret, items: itemsOf(volume, placed) };
  if (source.type === 'secret') return { name, secret };
  const isShown = ({ path }: { readonly path: string }) => placed.some(({ file }) => file === path);
  // A ConfigMap gives way to the Secret only where it showed nothing else.
  return (source.items ?? []).every(isShown)
    ? { name, configMap: null, secret: { ...secret, optional: true } }
    : undefined;
}

interface PlacedNeed {
  readonly need: Need;
  readonly volume: Volume;
  readonly file: string;
}

/** Changes the one volume in which all broken files lie. */
function changed({ workload, needs, broken }: Projection, container: Container): string | undefined {
  const placed = needs.flatMap((need): readonly PlacedNeed[] => {
    const place = placeInVolume(container, workload.template, need.path);
    return place === undefined ? [] : [{ need, volume: place.volume, file: place.file }];
  });
  const broke = placed.filter(({ need }) => broken.includes(need));
  const [first] = broke;
  if (first === undefined || broke.length < broken.length) return undefined;
  const { volume } = first;
  if (broke.some((each) => each.volume !== volume)) return undefined;
  const showing = volumeShowing(
    volume,
    placed.filter((each) => each.volume === volume),
  );
  return showing && workloadPatch(workload, { template: { volumes: [showing] } });
}

/** Mounts a Secret the way Argo CD's default install does, where nothing is mounted. */
function mounted({ workload, needs, volume, env }: Projection, container: Container): string | undefined {
  const [first] = needs;
  if (first === undefined) return undefined;
  const directory = directoryOf(first.path);
  const isApart = needs.some(
    ({ path, secret }) => directoryOf(path) !== directory || secret !== first.secret,
  );
  const isOccupied = container.mounts.some(
    ({ path }) => path === directory || path.startsWith(`${directory}/`),
  );
  const isTaken = workload.template.volumes.some(({ name }) => name === volume);
  if (isApart || isOccupied || directory === '') return undefined;
  const name = isTaken ? `${volume}-files` : volume;
  const items = needs.map(({ key, path }) => ({ key, path: path.slice(directory.length + 1) }));
  return workloadPatch(workload, {
    template: {
      containers: [
        {
          name: container.name,
          ...(env.length > 0 && {
            env: env.map(({ name: variable, configMap, key }) => ({
              name: variable,
              valueFrom: { configMapKeyRef: { name: configMap, key, optional: true } },
            })),
          }),
          volumeMounts: [{ name, mountPath: directory }],
        },
      ],
      volumes: [{ name, secret: { secretName: first.secret, optional: true, items } }],
    },
  });
}

/** `undefined` where no patch of this kind would do: no container to be told, a volume of another kind, files far apart. */
export function projectionPatch(projection: Projection): string | undefined {
  const { component, workload, broken, needs } = projection;
  const container = containerOf(component, workload.template);
  if (container === undefined || broken.length === 0) return undefined;
  if (broken.every(({ origin }) => origin.from === 'nowhere')) {
    return mounted(
      { ...projection, needs: needs.filter(({ origin }) => origin.from === 'nowhere') },
      container,
    );
  }
  return changed(projection, container);
}
