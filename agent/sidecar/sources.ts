/**
 * Mounted directories as sources: a pair in one of them, bundles of CAs in others.
 *
 * **Invariant:** nothing is judged here; text is found under the names that the configuration gives, or under the usual ones.
 */
import { beingWritten } from '../../integrations/mounted/being-written.ts';
import type { FileTree } from '../../integrations/mounted/file-tree.ts';
import { absent, type Unread } from '../../integrations/mounted/file-trouble.ts';
import {
  type DirectoryPlace,
  type ReadSet,
  readDirectory,
} from '../../integrations/mounted/read-directory.ts';
import { watchDirectories } from '../../integrations/mounted/watch-directories.ts';
import { readShape } from '../../integrations/shapes/read-shape.ts';
import { USUAL_NAMES } from '../../integrations/shapes/table.ts';
import type { SourceReading } from '../model/material.ts';
import type { CaDirectory, PairDirectory, SidecarSettings } from '../model/sidecar-settings.ts';
import type { Instant } from '../model/terms.ts';
import type { Clock } from '../ports.ts';

export type BundleReading =
  | {
      readonly state: 'ready';
      readonly source: string;
      readonly anchorsPem: string;
      readonly changedAt: Instant | undefined;
    }
  | Exclude<SourceReading, { state: 'ready' }>;

/** Where a sidecar's certificates come from. Reading throws nothing: what goes wrong is one of the readings. */
export interface SidecarSources {
  readonly leaf: { readonly describe: string; read(): Promise<SourceReading> } | undefined;
  readonly bundles: readonly { readonly describe: string; read(): Promise<BundleReading> }[];
  /** Calls back whenever something may have changed. */
  watch(onChange: () => void): { stop(): Promise<void> };
}

export interface SourceTools {
  readonly tree: FileTree;
  readonly clock: Clock;
  /** Told once of each directory that can't be watched; it is looked at every so often all the same. */
  readonly onRefused: (directory: string, code: string) => void;
}

const read = async (
  { tree, clock }: SourceTools,
  place: DirectoryPlace,
): Promise<{ readonly set: ReadSet } | { readonly unread: Unread }> => {
  const reading = await readDirectory(tree, place);
  if (reading.state !== 'read') return { unread: reading };
  const unread = beingWritten(place.directory, reading.set, clock.now());
  return unread === undefined ? { set: reading.set } : { unread };
};

const pairSource = (
  { directory, certificate, key, ca }: PairDirectory,
  tools: SourceTools,
): NonNullable<SidecarSources['leaf']> => {
  const source = `directory ${directory}`;
  const named = [certificate, key, ca].filter((name) => name !== undefined);
  // With all three named, whatever else lies there is none of ours.
  const files =
    named.length === 3
      ? ({ names: named, others: 'leave' } as const)
      : ({ names: [...named, ...USUAL_NAMES], others: 'read' } as const);
  return {
    describe: source,
    read: async () => {
      const reading = await read(tools, { directory, ...files });
      if ('unread' in reading) return { source, ...reading.unread };
      const { version, changedAt } = reading.set;
      const shape = readShape(reading.set.files, { certificate, key, ca }, source);
      if ('refusal' in shape) return { state: 'refused', source, refusal: shape.refusal };
      return { state: 'ready', raw: { source, version, ...shape.found }, changedAt };
    },
  };
};

const bundleSource = (
  { directory, ca }: CaDirectory,
  tools: SourceTools,
): SidecarSources['bundles'][number] => {
  const source = `${ca} in ${directory}`;
  return {
    describe: source,
    read: async () => {
      const reading = await read(tools, { directory, names: [ca], others: 'leave' });
      if ('unread' in reading) return { source, ...reading.unread };
      const content = reading.set.files.get(ca);
      if (content === undefined) return { source, ...absent(`${directory}/${ca}`) };
      return {
        state: 'ready',
        source,
        anchorsPem: content.reveal(),
        changedAt: reading.set.changedAt,
      };
    },
  };
};

export const createSidecarSources = (
  { sources, component, timing }: Pick<SidecarSettings, 'sources' | 'component' | 'timing'>,
  tools: SourceTools,
): SidecarSources => {
  const pair = component === 'repo-server' ? sources.serving : sources.client;
  const serverCa = sources.serverCa === undefined ? [] : [sources.serverCa];
  const cas = component === 'repo-server' ? sources.clientCa : serverCa;
  const directories = [...(pair === undefined ? [] : [pair]), ...cas].map(({ directory }) => directory);
  return {
    leaf: pair === undefined ? undefined : pairSource(pair, tools),
    bundles: cas.map((ca) => bundleSource(ca, tools)),
    watch: (onChange) =>
      watchDirectories(tools, {
        directories: [...new Set(directories)],
        poll: timing.poll,
        onChange,
        onRefused: tools.onRefused,
      }),
  };
};
