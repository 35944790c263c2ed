/**
 * A state as the agent's ports show it: Secrets, ConfigMaps, workloads and pods of the agent's own model, with real instants.
 *
 * **Invariant:** names and ages become certificates and instants here, and the other way round, and nowhere else.
 */
import { ANNOTATION, FIELD_MANAGER } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { StoredConfigMap, StoredObject, StoredSecret } from '../../agent/model/stored.ts';
import type { Component, Instant } from '../../agent/model/terms.ts';
import type { Pod, PodTemplate, Workload } from '../../agent/model/workload.ts';
import { workloadOf } from '../kit/argocd/install.ts';
import { KEPT_AT, moveTimes } from './age.ts';
import { named, nameOfText, textOfName, unnamed } from './identities.ts';
import {
  type Ago,
  type Data,
  FOREVER,
  JOURNAL,
  type ModelPod,
  type ModelWorkload,
  NAMESPACE,
  type Seen,
  type StoredData,
} from './state.ts';

const instant = (now: Instant, ago: Ago): Instant => (ago === FOREVER ? 0 : now + ago);
const ago = (now: Instant, at: Instant): Ago => (at === 0 ? FOREVER : at - now);

const jsonToWorld = (text: string, now: Instant): string =>
  unnamed(JSON.stringify(moveTimes(JSON.parse(text), (value) => instant(now, value))));

/** What serves records only is left out of a journal: whoever loses it must do the same. */
const RECORDS_ONLY: Readonly<Record<string, unknown>> = {
  restarts: [],
  restartsAvoided: 0,
  callsAccepted: 0,
  callsRefused: 0,
  history: [],
  detail: '',
  detectedAt: undefined,
  source: '',
  from: { leafs: [], clientCa: [] },
  to: { leafs: [], clientCa: [] },
};

/** Later than any clock of the model: no proof is ever so old that it has to be taken again. */
const NOT_LONG_AGO = 9e12;

const trimmed = (value: unknown, now: Instant): unknown => {
  if (Array.isArray(value)) return value.map((each) => trimmed(each, now));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key in RECORDS_ONLY) return [key, RECORDS_ONLY[key]];
      // The moment of a proof or of a rotation's begin is for people; a step's counts for its patience.
      if (['at', 'provedAt', 'finishedAt'].includes(key) && typeof inner === 'number')
        return [key, NOT_LONG_AGO];
      return [key, trimmed(inner, now)];
    }),
  );
};

const journalToModel = (text: string, now: Instant): string => {
  const record = trimmed(JSON.parse(text), now) as {
    rotation?: { startedAt: number };
    closing?: { startedAt: number };
  };
  const moved = moveTimes(record, (value) => ago(now, value)) as typeof record;
  for (const each of [moved.rotation, moved.closing]) if (each !== undefined) each.startedAt = FOREVER;
  return named(JSON.stringify(moved));
};

const objectOf = (name: string, stored: StoredData, now: Instant): StoredObject => ({
  namespace: NAMESPACE,
  name: unnamed(name),
  uid: `uid-${name}-${stored.uid}`,
  resourceVersion: String(stored.version),
  createdAt: instant(now, stored.createdAt),
  labels: {},
  annotations: Object.fromEntries(
    Object.entries(stored.annotations).map(([key, text]) => [
      key,
      key === ANNOTATION.history
        ? jsonToWorld(text, now)
        : key === KEPT_AT
          ? String(instant(now, Number(text)))
          : text,
    ]),
  ),
  immutable: false,
  owners: [
    {
      manager: FIELD_MANAGER,
      operation: 'Apply',
      subresource: undefined,
      time: instant(now, stored.writtenAt),
      dataKeys: Object.keys(stored.data).map(unnamed),
      annotations: Object.keys(stored.annotations),
    },
  ],
  ownerReferences: [],
});

export const secretOf = (name: string, stored: StoredData, now: Instant): StoredSecret => ({
  ...objectOf(name, stored, now),
  type: 'Opaque',
  data: new Map(Object.entries(stored.data).map(([key, value]) => [unnamed(key), textOfName(value)])),
});

export const configMapOf = (name: string, stored: StoredData, now: Instant): StoredConfigMap => ({
  ...objectOf(name, stored, now),
  data: Object.fromEntries(
    Object.entries(stored.data).map(([key, value]) => [
      key,
      name === JOURNAL ? jsonToWorld(value, now) : value,
    ]),
  ),
});

/** What was written, as the model keeps it. */
export const dataOf = (name: string, data: ReadonlyMap<string, SecretBytes> | Data, now: Instant): Data => {
  const entries = data instanceof Map ? [...data.entries()] : Object.entries(data);
  return Object.fromEntries(
    entries
      .map(([key, value]): [string, string] => [
        named(key),
        value instanceof SecretBytes
          ? nameOfText(value.reveal())
          : name === JOURNAL
            ? journalToModel(String(value), now)
            : String(value),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** Annotations that decide something; ids of rotations and traces don't. */
export const annotationsOf = (annotations: Data, now: Instant): Data =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, text]): [string, string][] => {
      if (key === ANNOTATION.history)
        return [[key, named(JSON.stringify(moveTimes(JSON.parse(text), (value) => ago(now, value))))]];
      return key === KEPT_AT ? [[key, String(ago(now, Number(text)))]] : [];
    }),
  );

const templateWith = (template: PodTemplate, restart: string, askedAt: Ago | undefined, now: Instant) => ({
  ...template,
  annotations:
    restart === '' || askedAt === undefined
      ? {}
      : {
          [ANNOTATION.restart]: unnamed(restart),
          [ANNOTATION.restartedAt]: new Date(instant(now, askedAt)).toISOString(),
        },
});

const bases = new Map<Component, Workload>();
const baseOf = (component: Component): Workload => {
  const base = bases.get(component) ?? workloadOf(component);
  bases.set(component, base);
  return base;
};

export const workloadShown = (workload: ModelWorkload, pods: readonly ModelPod[], now: Instant): Workload => {
  const base = baseOf(workload.component);
  const staying = pods.filter((pod) => pod.of === workload.component && !pod.terminating);
  const updated = staying.filter((pod) => workload.takenUp && pod.restart === workload.restart);
  const ready = staying.filter((pod) => pod.ready);
  return {
    ...base,
    resourceVersion: String(workload.version),
    generation: 2,
    replicas: workload.replicas,
    template: templateWith(base.template, workload.restart, workload.askedAt, now),
    status: {
      observedGeneration: workload.takenUp ? 2 : 1,
      replicas: staying.length,
      // Until the controller has looked, its counters are those of the template before.
      updatedReplicas: workload.takenUp ? updated.length : staying.length,
      readyReplicas: ready.length,
      availableReplicas: ready.length,
      currentRevision: undefined,
      updateRevision: undefined,
      stalled: undefined,
    },
  };
};

export const ipOf = (pod: Pick<ModelPod, 'id' | 'of'>): string => `10.0.0.${pod.id + 1}`;
export const containerIdOf = (pod: Pick<ModelPod, 'id' | 'container'>): string =>
  `containerd://${pod.id}-${pod.container}`;

export const podShown = (pod: ModelPod, now: Instant): Pod => {
  const base = baseOf(pod.of);
  const spec = templateWith(base.template, pod.restart, pod.askedAt, now);
  const runs = pod.startedAt !== undefined;
  const startedAt = pod.startedAt === undefined ? undefined : instant(now, pod.startedAt);
  return {
    namespace: NAMESPACE,
    name: `${base.ref.name}-${pod.id}`,
    uid: `pod-${pod.id}`,
    labels: base.template.labels,
    annotations: spec.annotations,
    createdAt: instant(now, pod.createdAt),
    startedAt: runs ? instant(now, pod.createdAt) : undefined,
    ip: runs ? ipOf(pod) : undefined,
    phase: runs ? 'Running' : 'Pending',
    ready: pod.ready,
    readySince: pod.readySince === undefined ? undefined : instant(now, pod.readySince),
    terminating: pod.terminating,
    node: 'node',
    containers: spec.containers.map((container) => ({
      name: container.name,
      id: runs ? containerIdOf(pod) : '',
      startedAt,
      ready: pod.ready,
      restartCount: pod.crashed ? 1 : 0,
      waiting: runs ? undefined : 'ContainerCreating',
    })),
    spec,
  };
};

export const shownNow = (seen: Seen, now: Instant) => ({
  workloads: seen.workloads.map((workload) => workloadShown(workload, seen.pods, now)),
  pods: seen.pods.map((pod) => podShown(pod, now)),
});
