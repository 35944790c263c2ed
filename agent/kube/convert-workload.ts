/**
 * Deployments, StatefulSets and pods: API JSON → model.
 *
 * **Invariant:** defaults are those of the API server, so an object that was never defaulted (a test's) reads as a real one.
 */
import type { ContainerStatus, Pod, UpdateStrategy, Workload } from '../model/workload.ts';
import { toPodTemplate } from './convert-template.ts';
import {
  booleanAt,
  instantAt,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  optionalTextAt,
  stringMapAt,
  textAt,
} from './json.ts';

const toStrategy = (kind: Workload['ref']['kind'], spec: JsonObject): UpdateStrategy => {
  const strategy = objectAt(spec, kind === 'Deployment' ? 'strategy' : 'updateStrategy');
  switch (textAt(strategy, 'type')) {
    case 'Recreate':
      return { type: 'Recreate' };
    case 'OnDelete':
      return { type: 'OnDelete' };
    default:
      return {
        type: 'RollingUpdate',
        partition: numberAt(objectAt(strategy, 'rollingUpdate'), 'partition'),
      };
  }
};

const stalledReason = (status: JsonObject): string | undefined => {
  const progressing = objectsAt(status, 'conditions').find(
    (condition) => textAt(condition, 'type') === 'Progressing',
  );
  if (progressing === undefined || textAt(progressing, 'status') !== 'False') return undefined;
  return textAt(progressing, 'reason');
};

/** Left out where there are none, as nearly always. */
const toOwners = (metadata: JsonObject): Pick<Workload, 'ownerReferences'> => {
  const owners = objectsAt(metadata, 'ownerReferences');
  return owners.length === 0
    ? {}
    : {
        ownerReferences: owners.map((owner) => ({
          kind: textAt(owner, 'kind'),
          name: textAt(owner, 'name'),
        })),
      };
};

export const toWorkload = (kind: Workload['ref']['kind'], object: JsonObject): Workload => {
  const metadata = objectAt(object, 'metadata');
  const spec = objectAt(object, 'spec');
  const status = objectAt(object, 'status');
  return {
    ref: { kind, namespace: textAt(metadata, 'namespace'), name: textAt(metadata, 'name') },
    uid: textAt(metadata, 'uid'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    generation: numberAt(metadata, 'generation'),
    labels: stringMapAt(metadata, 'labels'),
    annotations: stringMapAt(metadata, 'annotations'),
    ...toOwners(metadata),
    selector: stringMapAt(objectAt(spec, 'selector'), 'matchLabels'),
    replicas: numberAt(spec, 'replicas', 1),
    paused: booleanAt(spec, 'paused'),
    strategy: toStrategy(kind, spec),
    template: toPodTemplate(objectAt(spec, 'template')),
    status: {
      observedGeneration: numberAt(status, 'observedGeneration'),
      replicas: numberAt(status, 'replicas'),
      updatedReplicas: numberAt(status, 'updatedReplicas'),
      readyReplicas: numberAt(status, 'readyReplicas'),
      availableReplicas: numberAt(status, 'availableReplicas'),
      currentRevision: optionalTextAt(status, 'currentRevision'),
      updateRevision: optionalTextAt(status, 'updateRevision'),
      stalled: stalledReason(status),
    },
  };
};

const toContainerStatus = (status: JsonObject): ContainerStatus => {
  const state = objectAt(status, 'state');
  return {
    name: textAt(status, 'name'),
    id: textAt(status, 'containerID'),
    startedAt: instantAt(objectAt(state, 'running'), 'startedAt'),
    ready: booleanAt(status, 'ready'),
    restartCount: numberAt(status, 'restartCount'),
    waiting: optionalTextAt(objectAt(state, 'waiting'), 'reason'),
  };
};

export const toPod = (object: JsonObject): Pod => {
  const metadata = objectAt(object, 'metadata');
  const status = objectAt(object, 'status');
  const ready = objectsAt(status, 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  const isReady = ready !== undefined && textAt(ready, 'status') === 'True';
  return {
    namespace: textAt(metadata, 'namespace'),
    name: textAt(metadata, 'name'),
    uid: textAt(metadata, 'uid'),
    labels: stringMapAt(metadata, 'labels'),
    annotations: stringMapAt(metadata, 'annotations'),
    createdAt: instantAt(metadata, 'creationTimestamp') ?? 0,
    startedAt: instantAt(status, 'startTime'),
    ip: optionalTextAt(status, 'podIP'),
    phase: textAt(status, 'phase'),
    ready: isReady,
    readySince: isReady ? instantAt(ready, 'lastTransitionTime') : undefined,
    terminating: metadata.deletionTimestamp !== undefined,
    node: optionalTextAt(objectAt(object, 'spec'), 'nodeName'),
    containers: objectsAt(status, 'containerStatuses').map(toContainerStatus),
    spec: toPodTemplate(object),
  };
};
