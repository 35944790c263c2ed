/** What is shown of sources and layouts: each change, and what it may cost by the facts. Nothing else is in the table of results. */
import type { ChangeClass } from '../../../agent/model/terms.ts';

/** Each instance's sources, in the order that it goes through them. */
export const SOURCES: Readonly<Record<string, readonly string[]>> = {
  'sources-issued': ['Vault PKI, Kubernetes login', 'Vault PKI, AppRole'],
  'sources-stored': ['Vault KV v2', 'External Secrets'],
  'sources-kept': ['static Secret', 'ConfigMap', 'cert-manager, Vault issuer'],
};

export interface Case {
  readonly change: string;
  readonly namespace: string;
  readonly changeClass: ChangeClass;
  readonly restarts: Readonly<Record<string, number>>;
}

const OF_SOURCES: readonly Case[] = Object.entries(SOURCES).flatMap(([namespace, sources]) =>
  sources.flatMap((source, index): Case[] => [
    index === 0
      ? {
          change: `${source}: mTLS enabled`,
          namespace,
          changeClass: 'enable',
          restarts: { 'repo-server': 1, 'notifications-controller': 1 },
        }
      : {
          change: `${source}: taken up in place of ${sources[index - 1]}`,
          namespace,
          changeClass: 'client-ca',
          restarts: { 'repo-server': 2 },
        },
    { change: `${source}: leaf renewed`, namespace, changeClass: 'leaf', restarts: {} },
    {
      change: `${source}: CA replaced`,
      namespace,
      changeClass: 'client-ca',
      restarts: { 'repo-server': 2 },
    },
  ]),
);

/** The instance that goes through the layouts. */
export const LAYOUTS = 'sources-laid-out';

/** The team rolls each of them onto the new projection; the agent restarts repo-server only where its trust changes. */
const MOVED = {
  server: 1,
  'application-controller': 1,
  'applicationset-controller': 1,
  'notifications-controller': 1,
};

const ofLayout = (change: string, changeClass: ChangeClass, restarts: Case['restarts']): Case => ({
  change: `layout ${change}`,
  namespace: LAYOUTS,
  changeClass,
  restarts,
});

const OF_LAYOUTS: readonly Case[] = [
  ofLayout('shared: mTLS enabled', 'enable', { 'repo-server': 1, 'notifications-controller': 1 }),
  // The controller's own CA joins the others.
  ofLayout('keys: taken up in place of shared', 'layout', { 'repo-server': 1, ...MOVED }),
  ofLayout('keys: leaf of the controller renewed', 'leaf', {}),
  ofLayout('keys: CA of the controller replaced', 'client-ca', { 'repo-server': 2 }),
  ofLayout('secrets: taken up in place of keys', 'layout', MOVED),
  ofLayout('secrets: leaf of the controller renewed', 'leaf', {}),
  ofLayout('secrets: CA of the controller replaced', 'client-ca', { 'repo-server': 2 }),
];

export const CASES: readonly Case[] = [...OF_SOURCES, ...OF_LAYOUTS];
