/**
 * One look at one instance: everything a plan is made from, read fresh.
 *
 * **Invariant:** looking writes nothing and decides nothing.
 */

import { admit } from '../admission/admit.ts';
import { dialledHost } from '../argocd/address.ts';
import { mainContainer } from '../argocd/container.ts';
import { type Discovered, discover } from '../argocd/discover.ts';
import { caPathOf } from '../argocd/template.ts';
import { readHistory } from '../layout/history.ts';
import { MTLS_KEY, readBundle, readLeaf, SERVING_KEY } from '../layout/shared.ts';
import type { JournalRecord } from '../model/journal-record.ts';
import { type MaterialReading, NOTHING_PUBLISHED } from '../model/material.ts';
import type { ClientMounts, ComponentMounts } from '../model/mounts.ts';
import type {
  Observation,
  ObservedClient,
  ObservedComponent,
  PublishedFiles,
  RolloutState,
} from '../model/observation.ts';
import { ANNOTATION } from '../model/product.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { SourceRole } from '../model/source-role.ts';
import type { StoredObject } from '../model/stored.ts';
import { CLIENT_COMPONENTS, type Instant } from '../model/terms.ts';
import type { Pod, Workload } from '../model/workload.ts';
import type { MaterialSource } from '../ports.ts';
import { rolloutHealth } from '../rollout/health.ts';
import { restartIntent } from '../rollout/restart.ts';
import { asRolloutState } from '../rollout/verdict.ts';
import { readPrevious } from './previous.ts';
import type { RotationServices } from './services.ts';

const readMaterial = async (
  source: MaterialSource,
  purpose: 'client' | 'serving',
  at: Instant,
  dialledNames: readonly string[],
): Promise<MaterialReading> => {
  const reading = await source.read(NOTHING_PUBLISHED);
  if (reading.state !== 'ready') return reading;
  const admitted = admit(reading.raw, purpose, at, { dialledNames });
  return 'material' in admitted
    ? { state: 'ready', material: admitted.material, changedAt: reading.changedAt }
    : { state: 'refused', source: source.describe, refusal: admitted.refusal };
};

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
        rollout: rolloutState(found.workload, found.pods, settings, now),
      }
    : undefined;

/** The last time that anybody's data in this object changed, as the API server recorded it. */
const writtenAt = (stored: StoredObject | undefined): Instant | undefined => {
  const times = (stored?.owners ?? [])
    .filter((owner) => owner.dataKeys.length > 0)
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? stored?.createdAt : Math.max(...times);
};

const publishedFiles = (
  stored: Observation['stored'],
  clients: readonly ObservedClient[],
): PublishedFiles => {
  const mtls = readHistory(stored.mtls?.annotations[ANNOTATION.history]);
  return {
    clientCa: readBundle(stored.mtls, MTLS_KEY.clientCa),
    clientLeaf: readLeaf(stored.mtls, MTLS_KEY.clientCertificate, MTLS_KEY.clientKey),
    serverCa: readBundle(stored.mtls, MTLS_KEY.serverCa),
    serving: readLeaf(stored.serving, SERVING_KEY.certificate, SERVING_KEY.key),
    verifying: clients
      .filter((client) => caPathOf(client.component, client.mounts) !== '')
      .map((client) => client.component),
    history: {
      ...mtls,
      serving: readHistory(stored.serving?.annotations[ANNOTATION.history]).serving,
      caPath: readHistory(stored.params?.annotations[ANNOTATION.history]).caPath,
    },
    mtlsWrittenAt: writtenAt(stored.mtls),
    servingWrittenAt: writtenAt(stored.serving),
  };
};

export interface Sight {
  readonly observation: Observation;
  readonly journal: JournalRecord;
}

const dialled = (mounts: readonly ClientMounts[]): readonly string[] => [
  ...new Set(mounts.map((each) => dialledHost(each.repoServerAddress))),
];

/**
 * Looks once.
 * @throws ApiError where the namespace can't be read; RotatorError `refused` where the journal is a newer agent's.
 */
export const observe = async (services: RotationServices): Promise<Sight> => {
  const { settings, cluster, clock, sources } = services;
  const { namespace, names } = settings;
  const journal = await services.journal.read();
  const [workloads, pods, params, mtls, serving, previous] = await Promise.all([
    cluster.listWorkloads(namespace),
    cluster.listPods(namespace),
    cluster.readConfigMap(namespace, names.paramsConfigMap),
    cluster.readSecret(namespace, names.mtlsSecret),
    cluster.readSecret(namespace, names.servingSecret),
    cluster.readSecret(namespace, names.previousSecret),
  ]);
  const at = clock.now();
  const discovery = discover(workloads, pods, params?.data ?? {}, names);
  const repoServer = observed(discovery.repoServer, settings, at);
  const clients = CLIENT_COMPONENTS.flatMap((component): readonly ObservedClient[] => {
    const client = observed(discovery.clients[component], settings, at);
    return client === undefined ? [] : [{ component, ...client }];
  });
  const sourceOf = (wanted: SourceRole): MaterialSource => {
    const found = sources.find(({ role }) => role === wanted);
    if (found === undefined) throw new Error(`no source for ${wanted}`);
    return found.source;
  };
  const dialledNames = dialled(clients.map((client) => client.mounts));
  const [client, server] = await Promise.all([
    readMaterial(sourceOf('default'), 'client', at, []),
    sources.some(({ role }) => role === 'serving')
      ? readMaterial(sourceOf('serving'), 'serving', at, dialledNames)
      : undefined,
  ]);
  const stored = { mtls, serving, params, previous };
  const running = (repoServer?.pods ?? []).flatMap((pod) => mainContainer(pod, 'repo-server')?.id ?? []);
  const observation: Observation = {
    at,
    settings,
    client,
    serving: server,
    published: publishedFiles(stored, clients),
    stored,
    previous: readPrevious(previous),
    repoServer,
    clients,
    proofs: services.proofs.of(running.filter((id) => id !== '')),
    findings: services.inspect({ settings, discovery, at, client, serving: server, stored }),
    rotation: journal.rotation,
  };
  return { observation, journal };
};
