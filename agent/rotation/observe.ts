/**
 * One look at one instance: everything a plan is made from, read fresh.
 *
 * **Invariant:** looking writes nothing and decides nothing.
 */

import { dialledHost } from '../argocd/address.ts';
import { mainContainer } from '../argocd/container.ts';
import { type Discovered, discover } from '../argocd/discover.ts';
import { componentSecrets } from '../layout/places.ts';
import type { JournalRecord } from '../model/journal-record.ts';
import type { ClientMounts, ComponentMounts } from '../model/mounts.ts';
import type { Observation, ObservedClient, ObservedComponent, RolloutState } from '../model/observation.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { StoredSecret } from '../model/stored.ts';
import { CLIENT_COMPONENTS, type Instant } from '../model/terms.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { ordersOf } from '../policy/orders.ts';
import { rolloutHealth } from '../rollout/health.ts';
import { restartIntent } from '../rollout/restart.ts';
import { asRolloutState } from '../rollout/verdict.ts';
import { readPrevious } from './previous.ts';
import { publishedFiles } from './published.ts';
import { readMaterials } from './read-material.ts';
import type { RotationServices } from './services.ts';

const rolloutState = (
  workload: Workload,
  pods: readonly Pod[],
  settings: InstanceSettings,
  now: Instant,
): RolloutState => {
  const intent = restartIntent(workload.template.annotations);
  if (intent === undefined) return { state: 'idle' };
  const askedAt = intent.askedAt ?? now;
  return asRolloutState(
    rolloutHealth(workload, pods, { fingerprint: intent.fingerprint, askedAt }, settings.timing, now),
  );
};

const observed = <M extends ComponentMounts>(
  found: Discovered<M>,
  settings: InstanceSettings,
  now: Instant,
): ObservedComponent<M> | undefined =>
  found.state === 'found'
    ? {
        workload: found.workload,
        pods: found.pods,
        mounts: found.mounts,
        podMounts: found.podMounts,
        rollout: rolloutState(found.workload, found.pods, settings, now),
      }
    : undefined;

export interface Sight {
  readonly observation: Observation;
  readonly journal: JournalRecord;
}

/** Names, without port, that clients call repo-server by. */
export const dialledNames = (mounts: readonly ClientMounts[]): readonly string[] => [
  ...new Set(mounts.map((each) => dialledHost(each.repoServerAddress))),
];

/** Those that are there, by name. */
const readAll = async (
  names: readonly string[],
  read: (name: string) => Promise<StoredSecret | undefined>,
): Promise<ReadonlyMap<string, StoredSecret>> => {
  const found = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return new Map(found.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret]])));
};

/** An approval is for one rotation: the same change, made once more, needs another. */
const usedApprovals = ({ history }: JournalRecord): readonly string[] =>
  history.flatMap(({ admission }) => admission?.approval?.digest ?? []);

/**
 * Looks once.
 * @throws ApiError where the namespace can't be read; RotatorError `refused` where the journal is a newer agent's.
 */
export const observe = async (services: RotationServices): Promise<Sight> => {
  const { settings, cluster, clock } = services;
  const { namespace, names } = settings;
  const journal = await services.journal.read();
  const [workloads, pods, params, orders, mtls, serving, previous, clientSecrets] = await Promise.all([
    cluster.listWorkloads(namespace),
    cluster.listPods(namespace),
    cluster.readConfigMap(namespace, names.paramsConfigMap),
    cluster.readConfigMap(namespace, names.ordersConfigMap),
    cluster.readSecret(namespace, names.mtlsSecret),
    cluster.readSecret(namespace, names.servingSecret),
    cluster.readSecret(namespace, names.previousSecret),
    readAll(componentSecrets(settings), (name) => cluster.readSecret(namespace, name)),
  ]);
  const at = clock.now();
  const discovery = discover(workloads, pods, params?.data ?? {}, names);
  const repoServer = observed(discovery.repoServer, settings, at);
  const clients = CLIENT_COMPONENTS.flatMap((component): readonly ObservedClient[] => {
    const client = observed(discovery.clients[component], settings, at);
    return client === undefined ? [] : [{ component, ...client }];
  });
  const stored = { mtls, clients: clientSecrets, serving, params, previous };
  const published = publishedFiles(stored, settings, clients);
  const materials = await readMaterials(
    services,
    published,
    dialledNames(clients.map((client) => client.mounts)),
    at,
  );
  const running = (repoServer?.pods ?? []).flatMap((pod) => mainContainer(pod, 'repo-server')?.id ?? []);
  const observation: Observation = {
    at,
    settings,
    ...materials,
    published,
    stored,
    previous: readPrevious(previous),
    repoServer,
    clients,
    proofs: services.proofs.of(running.filter((id) => id !== '')),
    findings: services.inspect({ settings, discovery, at, ...materials, published, stored }),
    rotation: journal.rotation,
    orders: ordersOf(orders?.annotations ?? {}, usedApprovals(journal)),
  };
  return { observation, journal };
};
