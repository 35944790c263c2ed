/**
 * What was written since when, beside the files and in the same swap: what a process that reads at start may have read.
 *
 * **Invariant:** only public certificates and fingerprints are in it; a history that can't be understood is none.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import type { Duration, Instant } from '../model/terms.ts';
import { parseCertificates } from '../pki/parse.ts';
import { type Bundle, distinctBundles, union } from './decision/situation.ts';
import type { Known } from './known.ts';

export const HISTORY_FILE = '.history.json';

/** How many are remembered. */
const LENGTH = 20;

/** Times of containers are whole seconds, and a write under load takes its time: a process that started so soon after may have read what was before. */
const START_MARGIN: Duration = 10_000;

export interface Era {
  readonly since: Instant;
  readonly trust: Bundle;
  readonly leaf: Fingerprint | undefined;
}

export interface LeafNote {
  readonly leaf: Fingerprint;
  readonly chain: Bundle;
  readonly vouchers: Bundle;
}

export interface History {
  /** The last one is what is written. */
  readonly eras: readonly Era[];
  readonly leafs: readonly LeafNote[];
  readonly certificates: readonly Certificate[];
}

export const NO_HISTORY: History = { eras: [], leafs: [], certificates: [] };

const VERSION = 1;

const isTexts = (value: unknown): value is Bundle =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEra = (value: unknown): value is Era =>
  isRecord(value) &&
  Number.isFinite(value.since) &&
  isTexts(value.trust) &&
  (value.leaf === undefined || typeof value.leaf === 'string');

export const isLeafNote = (value: unknown): value is LeafNote =>
  isRecord(value) && typeof value.leaf === 'string' && isTexts(value.chain) && isTexts(value.vouchers);

export const readHistory = (text: string | undefined): History => {
  if (text === undefined) return NO_HISTORY;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value.version !== VERSION || typeof value.certificates !== 'string')
      return NO_HISTORY;
    const { eras, leafs } = value;
    if (!Array.isArray(eras) || !eras.every(isEra) || !Array.isArray(leafs) || !leafs.every(isLeafNote))
      return NO_HISTORY;
    return { eras, leafs, certificates: parseCertificates(value.certificates) };
  } catch {
    return NO_HISTORY;
  }
};

/** What the next set's history says; certificates that no era needs any more are left out. */
export const writeHistory = (before: History, era: Era, known: Known): string => {
  const eras = [...before.eras, era].slice(-LENGTH);
  const leafs = [...new Set(eras.flatMap(({ leaf }) => leaf ?? []))].flatMap((leaf): readonly LeafNote[] => {
    const found = known.leaf(leaf);
    return found === undefined
      ? []
      : [
          {
            leaf,
            chain: found.intermediates.map(({ fingerprint }) => fingerprint),
            vouchers: found.vouchers,
          },
        ];
  });
  const needed = union(
    ...eras.map(({ trust }) => trust),
    ...leafs.map(({ leaf, chain, vouchers }) => [leaf, ...chain, ...vouchers]),
  );
  return JSON.stringify({
    version: VERSION,
    eras,
    leafs,
    certificates: known
      .members(needed)
      .map(({ pem }) => pem)
      .join(''),
  });
};

/** Everything that a history tells goes into what is known. */
export const learnHistory = (
  { certificates, leafs }: Pick<History, 'certificates' | 'leafs'>,
  known: Known,
): void => {
  known.learn(certificates);
  for (const { leaf, chain, vouchers } of leafs) {
    const certificate = known.certificate(leaf);
    if (certificate !== undefined)
      known.learnLeaf({ certificate, intermediates: known.members(chain) }, vouchers);
  }
};

/** The eras of which some part lies between the two instants. */
const erasBetween = (eras: readonly Era[], from: Instant, to: Instant): readonly Era[] =>
  eras.filter(
    ({ since }, index) => since <= to && (eras[index + 1]?.since ?? Number.POSITIVE_INFINITY) > from,
  );

export interface Reader {
  /** `undefined`: it is not running. */
  readonly startedAt: Instant | undefined;
  /** When it had certainly read what it reads at start; `undefined`: not yet. */
  readonly readyAt: Instant | undefined;
}

/**
 * What a process may have read at its start.
 *
 * @param reader `unknown`: the API does not say when it started, so it may be anything that was ever there
 */
export const readAtStart = (
  eras: readonly Era[],
  reader: Reader | 'unknown',
  now: Instant,
): readonly Era[] => {
  if (reader === 'unknown') return eras;
  const { startedAt, readyAt } = reader;
  if (startedAt === undefined) return [];
  const until = readyAt !== undefined && readyAt >= startedAt ? readyAt + 1_000 : now;
  return erasBetween(eras, startedAt - START_MARGIN, Math.min(until, now));
};

/** What a process that reads on every call may still be showing. */
export const readLately = (eras: readonly Era[], lately: Duration, now: Instant): readonly Era[] =>
  erasBetween(eras, now - lately, now);

export const bundlesOf = (eras: readonly Era[]): readonly Bundle[] =>
  distinctBundles(eras.map(({ trust }) => trust));

export const leafsOf = (eras: readonly Era[]): readonly Fingerprint[] =>
  union(eras.flatMap(({ leaf }) => leaf ?? []));
