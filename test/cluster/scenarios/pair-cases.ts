/**
 * Source × layout × change class, pairwise: what is shown of the layouts `keys` and `secrets`, and what it may cost by the facts.
 * Nothing else is in the table of results. Under layout `shared` each source goes through its changes in `cases.ts`.
 *
 * Each pair of source and layout, source and change class, layout and change class is in some cell: `test/repo/pairs.test.ts` counts them,
 * and that no cell is there for nothing. It is had by turning each source's change class around from one layout to the other.
 */
import type { ChangeClass } from '../../../agent/model/terms.ts';
import type { Combination } from './pairwise.ts';

export const LAYOUTS = ['keys', 'secrets'] as const;

const OF_THREE = ['Vault PKI', 'Vault KV v2', 'External Secrets'] as const;
const OF_THREE_OTHERS = ['static Secret', 'ConfigMap', 'cert-manager, Vault issuer'] as const;
/** What repo-server itself shows, which every client verifies. */
const SERVING = 'serving by Vault PKI';

type ClientSource = (typeof OF_THREE)[number] | (typeof OF_THREE_OTHERS)[number];
type Source = ClientSource | typeof SERVING;

const CLIENT_CLASSES = ['leaf', 'client-ca'] as const;
/** `both`: the server's source and the clients' default one are taken up elsewhere, in one change of the configuration. */
const SERVER_CLASSES = ['serving', 'server-ca', 'both'] as const;
type PairClass = (typeof CLIENT_CLASSES)[number] | (typeof SERVER_CLASSES)[number];

/** Three sources for four clients: `default` (server and notifications), `controller`, `applicationset`. */
type Sources = readonly [ClientSource, ClientSource, ClientSource];

export interface PairLane {
  readonly namespace: string;
  readonly layout: (typeof LAYOUTS)[number];
  readonly sources: Sources;
  /** In the order in which the instance goes through them. */
  readonly cells: readonly (readonly [source: Source, changeClass: PairClass])[];
}

export const LANES: readonly PairLane[] = [
  {
    namespace: 'pairs-keys-one',
    layout: 'keys',
    sources: OF_THREE,
    cells: [
      ['Vault PKI', 'leaf'],
      ['Vault KV v2', 'client-ca'],
      ['External Secrets', 'leaf'],
      [SERVING, 'serving'],
      [SERVING, 'server-ca'],
    ],
  },
  {
    namespace: 'pairs-keys-two',
    layout: 'keys',
    sources: OF_THREE_OTHERS,
    cells: [
      ['static Secret', 'client-ca'],
      ['ConfigMap', 'leaf'],
      ['cert-manager, Vault issuer', 'client-ca'],
      [SERVING, 'both'],
    ],
  },
  {
    namespace: 'pairs-secrets-one',
    layout: 'secrets',
    sources: OF_THREE,
    cells: [
      ['Vault PKI', 'client-ca'],
      ['Vault KV v2', 'leaf'],
      ['External Secrets', 'client-ca'],
      [SERVING, 'serving'],
      [SERVING, 'server-ca'],
    ],
  },
  {
    namespace: 'pairs-secrets-two',
    layout: 'secrets',
    sources: OF_THREE_OTHERS,
    cells: [
      ['static Secret', 'leaf'],
      ['ConfigMap', 'client-ca'],
      ['cert-manager, Vault issuer', 'leaf'],
      [SERVING, 'both'],
    ],
  },
];

const everyClient = (times: number) => ({
  server: times,
  'application-controller': times,
  'applicationset-controller': times,
  'notifications-controller': times,
});

const WORDS: Readonly<Record<PairClass, string>> = {
  leaf: 'leaf renewed',
  'client-ca': 'CA replaced',
  serving: 'certificate renewed',
  'server-ca': 'CA replaced',
  both: 'CA replaced, and that of server and notifications too',
};

/** ARGOCD-MTLS's table, with every client verifying. */
const RESTARTS: Readonly<Record<PairClass, PairCase['restarts']>> = {
  leaf: {},
  'client-ca': { 'repo-server': 2 },
  serving: { 'repo-server': 1 },
  'server-ca': { 'repo-server': 1, ...everyClient(2) },
  both: { 'repo-server': 2, ...everyClient(2) },
};

export interface PairCase {
  readonly change: string;
  readonly namespace: string;
  /** `none`: nothing may come of it. */
  readonly changeClass: ChangeClass;
  readonly restarts: Readonly<Record<string, number>>;
}

const ofAll = ({ layout, sources }: PairLane, what: string): string =>
  `${layout}, ${sources.join(' + ')} + ${SERVING}: ${what}`;

/** Verification with it: repo-server's one restart serves both, notifications-controller is restarted for its pair and for the pool. */
export const enabling = (lane: PairLane): PairCase => ({
  change: ofAll(lane, 'mTLS enabled, with verification'),
  namespace: lane.namespace,
  changeClass: 'enable',
  restarts: { 'repo-server': 1, ...everyClient(1), 'notifications-controller': 2 },
});

/** Of all lanes at the same time: there is one Vault. */
export const sealing = (lane: PairLane): PairCase => ({
  change: ofAll(lane, 'Vault sealed and unsealed'),
  namespace: lane.namespace,
  changeClass: 'none',
  restarts: {},
});

export interface PairCell extends PairCase {
  readonly source: Source;
  readonly changeClass: PairClass;
}

export const cellsOf = ({ namespace, layout, cells }: PairLane): readonly PairCell[] =>
  cells.map(([source, changeClass]) => ({
    change: `${layout}, ${source}: ${WORDS[changeClass]}`,
    namespace,
    source,
    changeClass,
    restarts: RESTARTS[changeClass],
  }));

export const PAIR_CASES: readonly PairCase[] = LANES.flatMap((lane) => [
  enabling(lane),
  sealing(lane),
  ...cellsOf(lane),
]);

/** All there can be: a client's source has no server certificates to change, and the other way round. */
export const POSSIBLE: readonly Combination[] = LAYOUTS.flatMap((layout) => [
  ...[...OF_THREE, ...OF_THREE_OTHERS].flatMap((source) =>
    CLIENT_CLASSES.map((changeClass) => ({ layout, source, changeClass })),
  ),
  ...SERVER_CLASSES.map((changeClass) => ({ layout, source: SERVING, changeClass })),
]);

export const CHOSEN: readonly Combination[] = LANES.flatMap(({ layout, cells }) =>
  cells.map(([source, changeClass]) => ({ layout, source, changeClass })),
);
