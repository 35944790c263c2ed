/**
 * Whole observations for planner tests: a settled default install, and changes to it by name.
 *
 * **Invariant:** settled means that every process has read what is published, as its history says, and every repo-server was called.
 */
import { discover } from '../../../agent/argocd/discover.ts';
import { writeFiles } from '../../../agent/layout/files.ts';
import { writeHistory } from '../../../agent/layout/history.ts';
import { desiredSlot } from '../../../agent/layout/places.ts';
import type { Call, PodProof } from '../../../agent/model/evidence.ts';
import type { Observation, ObservedClient, PublishedFiles } from '../../../agent/model/observation.ts';
import { ANNOTATION } from '../../../agent/model/product.ts';
import type { BundleEra, LeafEra } from '../../../agent/model/publication.ts';
import { CLIENT_COMPONENTS, type Instant } from '../../../agent/model/terms.ts';
import type { Pod } from '../../../agent/model/workload.ts';
import { bundleFingerprint } from '../../../agent/pki/bundle.ts';
import { publishedFiles } from '../../../agent/rotation/published.ts';
import { install } from '../argocd/install.ts';
import { podsFor, STARTED } from '../argocd/pods.ts';
import { ready, storedSecret } from '../argocd/preflight.ts';
import { testSettings } from '../installation/settings.ts';
import type { Authority, Identity } from '../pki/index.ts';

export const HOUR = 3_600_000;
/** Pods of the kit were started at `STARTED`; everybody looks a day later. */
export const NOW: Instant = STARTED + 24 * HOUR;

export interface Scene {
  readonly ca: Authority;
  readonly leaf: Identity;
  /** What the source holds; what is published if left out. */
  readonly source?: { readonly ca: Authority; readonly leaf: Identity };
  readonly history?: Partial<PublishedFiles['history']>;
  /** Of the pair that all clients share, and of `server-ca.crt`. */
  readonly leafHistory?: readonly LeafEra[];
  readonly poolHistory?: readonly BundleEra[];
  /** Changes one repo-server pod, or leaves it as it is. */
  readonly pod?: (pod: Pod, index: number) => Pod;
  readonly proofs?: (pods: readonly Pod[]) => readonly PodProof[];
  readonly at?: Instant;
}

export const call = (credential: Call['credential'], outcome: 'accepted' | 'refused' | 'unknown'): Call => ({
  credential,
  outcome:
    outcome === 'accepted'
      ? { result: 'accepted' }
      : outcome === 'refused'
        ? { result: 'refused', alert: 'unknown-ca', detail: 'unknown ca' }
        : { result: 'unknown', why: 'connection refused' },
  presented: undefined,
  at: NOW,
  duration: 1,
});

/** What a pod that lets exactly these in answers; nobody and strangers are refused. */
export const proofOf = (
  pod: Pod,
  answers: readonly (readonly [Identity, 'accepted' | 'refused' | 'unknown'])[],
): PodProof => ({
  pod: pod.name,
  podUid: pod.uid,
  containerId: pod.containers[0]?.id ?? '',
  calls: [
    call({ as: 'nobody' }, 'refused'),
    call({ as: 'stranger' }, 'refused'),
    ...answers.map(([identity, outcome]) =>
      call({ as: 'leaf', leaf: identity.certificate.fingerprint }, outcome),
    ),
  ],
});

export const bundleEra = (since: Instant, ...cas: readonly Authority[]) => ({
  bundle: cas.length === 0 ? ('absent' as const) : bundleFingerprint(cas.map((each) => each.certificate)),
  anchors: cas.map((each) => each.certificate.fingerprint),
  since,
});

export const leafEra = (since: Instant, leaf: Identity | undefined) => ({
  leaf: leaf === undefined ? ('absent' as const) : leaf.certificate.fingerprint,
  since,
});

export const observationOf = (scene: Scene): Observation => {
  const workloads = install().map((workload) =>
    workload.ref.name === 'argocd-repo-server' ? { ...workload, replicas: 2 } : workload,
  );
  const pods = workloads.flatMap(podsFor);
  const settings = testSettings();
  const discovery = discover(workloads, pods, {}, settings.names);
  if (discovery.repoServer.state !== 'found') throw new Error('the kit lost repo-server');
  const { workload, mounts } = discovery.repoServer;
  const servers = discovery.repoServer.pods.map(scene.pod ?? ((pod) => pod));
  const written = writeFiles(
    {
      clientCa: [scene.ca.certificate],
      leafs: [{ slot: desiredSlot('server', settings), leaf: scene.leaf.leaf }],
      serverCa: undefined,
    },
    settings.names.keys,
  );
  const secret = storedSecret(
    settings.names.mtlsSecret,
    Object.fromEntries([...written].map(([key, value]) => [key, value.reveal()])),
  );
  const mtls = {
    ...secret,
    createdAt: STARTED - HOUR,
    owners: [],
    annotations: {
      [ANNOTATION.history]: writeHistory({
        clientCa: scene.history?.clientCa ?? [],
        ...(scene.leafHistory && { leafs: { 'client.crt': scene.leafHistory } }),
        ...(scene.poolHistory && { serverCa: scene.poolHistory }),
      }),
    },
  };
  const source = scene.source ?? { ca: scene.ca, leaf: scene.leaf };
  const clients = CLIENT_COMPONENTS.flatMap((component): readonly ObservedClient[] => {
    const found = discovery.clients[component];
    return found.state === 'found' ? [{ component, ...found, rollout: { state: 'idle' } }] : [];
  });
  const stored = { mtls, clients: new Map(), serving: undefined, params: undefined, previous: undefined };
  const published = publishedFiles(stored, settings, clients);
  return {
    at: scene.at ?? NOW,
    settings,
    clientMaterials: [
      {
        role: 'default',
        components: CLIENT_COMPONENTS,
        reading: ready(source.leaf, source.ca),
        canReissue: 'no',
      },
    ],
    serving: undefined,
    published: { ...published, history: { ...published.history, ...scene.history } },
    stored,
    previous: undefined,
    repoServer: {
      workload,
      pods: servers,
      mounts,
      podMounts: servers.map((pod) => ({ pod, mounts })),
      rollout: { state: 'idle' },
    },
    clients,
    proofs: scene.proofs?.(servers) ?? servers.map((pod) => proofOf(pod, [[scene.leaf, 'accepted']])),
    findings: [],
    rotation: undefined,
  };
};
