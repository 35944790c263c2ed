/**
 * The shared record: what each pod may hold, told by the pod itself, in one ConfigMap.
 *
 * ```
 *  pod.<uid>     {"version":1,"name":…,"component":…,"shows":[…],"trusts":[[…]]}     by fingerprint
 *  certificates  the certificates behind these fingerprints, PEM, each once
 * ```
 *
 * **Invariant:** an entry that can't be understood is no entry, and a pod without one counts as holding anything.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Component, Instant } from '../model/terms.ts';
import { COMPONENTS } from '../model/terms.ts';
import { parseCertificates } from '../pki/parse.ts';
import { type Bundle, type Holdings, trustsOn, union } from './decision/situation.ts';
import { isLeafNote, type LeafNote } from './history.ts';
import type { Known } from './known.ts';

export interface PodRecord {
  readonly name: string;
  readonly component: Component;
  readonly shows: readonly LeafNote[] | 'unknown';
  readonly trusts: readonly Bundle[] | 'anything' | 'unknown';
  /** When it was told. For people. */
  readonly since: Instant;
}

export interface SharedRecord {
  /** By pod uid. */
  readonly pods: ReadonlyMap<string, PodRecord>;
  readonly certificates: readonly Certificate[];
}

const VERSION = 1;
const PREFIX = 'pod.';
const CERTIFICATES = 'certificates';

const isTexts = (value: unknown): value is Bundle =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const isShows = (value: unknown): value is PodRecord['shows'] =>
  value === 'unknown' || (Array.isArray(value) && value.every(isLeafNote));

const isTrusts = (value: unknown): value is PodRecord['trusts'] =>
  value === 'unknown' || value === 'anything' || (Array.isArray(value) && value.every(isTexts));

const readPod = (text: string): PodRecord | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { version, name, component, shows, trusts, since } = value as Readonly<Record<string, unknown>>;
    const known = COMPONENTS.find((each) => each === component);
    if (version !== VERSION || typeof name !== 'string' || known === undefined) return undefined;
    if (!isShows(shows) || !isTrusts(trusts) || typeof since !== 'number') return undefined;
    return { name, component: known, shows, trusts, since };
  } catch {
    return undefined;
  }
};

export const readRecord = (data: Readonly<Record<string, string>>): SharedRecord => {
  const pods = new Map<string, PodRecord>();
  for (const [key, text] of Object.entries(data)) {
    const pod = key.startsWith(PREFIX) ? readPod(text) : undefined;
    if (pod !== undefined) pods.set(key.slice(PREFIX.length), pod);
  }
  try {
    return { pods, certificates: parseCertificates(data[CERTIFICATES] ?? '') };
  } catch {
    // Fingerprints without certificates: every relation is unknown, which changes nothing and drops nothing.
    return { pods, certificates: [] };
  }
};

/** What is in the ConfigMap besides pods and certificates stays: it is somebody else's business. */
export const writeRecord = (
  before: Readonly<Record<string, string>>,
  { pods }: Pick<SharedRecord, 'pods'>,
  known: Known,
): Readonly<Record<string, string>> => {
  const needed = union(
    ...[...pods.values()].flatMap(({ shows, trusts }) => [
      ...(shows === 'unknown' ? [] : shows.flatMap(({ leaf, chain, vouchers }) => [[leaf], chain, vouchers])),
      ...(typeof trusts === 'string' ? [] : trusts),
    ]),
  );
  return {
    ...Object.fromEntries(
      Object.entries(before).filter(([key]) => key !== CERTIFICATES && !key.startsWith(PREFIX)),
    ),
    ...Object.fromEntries(
      [...pods].map(([uid, pod]) => [`${PREFIX}${uid}`, JSON.stringify({ version: VERSION, ...pod })]),
    ),
    [CERTIFICATES]: known
      .members(needed)
      .map(({ pem }) => pem)
      .join(''),
  };
};

/** Holdings as they are told, with what others need to judge the leafs. */
export const recordOf = (
  name: string,
  component: Component,
  { shows, trusts }: Holdings,
  known: Known,
  since: Instant,
): PodRecord => ({
  name,
  component,
  shows:
    shows === 'unknown'
      ? shows
      : shows.map((leaf) => {
          const found = known.leaf(leaf);
          return {
            leaf,
            chain: found?.intermediates.map(({ fingerprint }) => fingerprint) ?? [],
            vouchers: found?.vouchers ?? [],
          };
        }),
  trusts,
  since,
});

export const holdingsIn = ({ shows, trusts }: PodRecord): Holdings => ({
  shows: shows === 'unknown' ? shows : shows.map(({ leaf }) => leaf),
  trusts,
});

/**
 * Entries that stay: of pods that live, and of those that are gone as long as no living pod of their component has told what it trusts: a
 * new pod has to learn from somebody which CAs were trusted.
 */
export const stillNeeded = (
  pods: SharedRecord['pods'],
  isLive: (uid: string) => boolean,
): SharedRecord['pods'] => {
  const trusts = (pod: PodRecord): boolean => typeof pod.trusts !== 'string';
  const succeeded = new Set(
    [...pods].filter(([uid, pod]) => isLive(uid) && trusts(pod)).map(([, { component }]) => component),
  );
  return new Map(
    [...pods].filter(([uid, pod]) => isLive(uid) || (trusts(pod) && !succeeded.has(pod.component))),
  );
};

/** CAs that some pod on that side was told to trust, pods that are gone included. */
export const vouchedIn = (pods: SharedRecord['pods'], component: Component): Bundle =>
  union(
    ...[...pods.values()]
      .filter((pod) => trustsOn(pod.component) === trustsOn(component))
      .flatMap(({ trusts }) => (typeof trusts === 'string' ? [] : trusts)),
  );
