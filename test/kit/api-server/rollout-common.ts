/**
 * What both rollout controllers need: revisions, owned pods, availability, status writes.
 *
 * **Invariant:** a status is written only where it differs, so controllers come to rest.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../../agent/ports.ts';
import {
  equalJson,
  instantAt,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from './json.ts';
import type { Kind } from './kinds.ts';
import { kindByName } from './kinds.ts';
import type { Kubelet } from './kubelet.ts';
import { isReady, isTerminating } from './kubelet.ts';
import type { Store } from './store.ts';

export interface ControllerTools {
  readonly store: Store;
  readonly kubelet: Kubelet;
  readonly clock: Clock;
  /** Looks at the workload again after `delay`: time alone can change it. */
  readonly again: (delay: number) => void;
}

const canonical = (value: Json | undefined): Json | undefined => {
  if (Array.isArray(value)) return value.map((item) => canonical(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, canonical(item)]),
  );
};

/** Ten characters that change with the template. */
export const revisionOf = (template: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(template)))
    .digest('hex')
    .slice(0, 10);

/** Pods whose controller's uid begins with the workload's. */
export const podsOf = (store: Store, workload: JsonObject): readonly JsonObject[] => {
  const { namespace, uid } = objectAt(workload, 'metadata');
  return store
    .list(kindByName('Pod'), String(namespace))
    .filter((pod) =>
      objectsAt(objectAt(pod, 'metadata'), 'ownerReferences').some(
        (owner) => owner.controller === true && textAt(owner, 'uid').startsWith(String(uid)),
      ),
    );
};

export const nameOfPod = (pod: JsonObject): string => textAt(objectAt(pod, 'metadata'), 'name');

/** Available: ready for `minReadySeconds`. Asks to look again where only time is missing. */
export const isAvailable = (pod: JsonObject, minReadySeconds: number, tools: ControllerTools): boolean => {
  if (isTerminating(pod) || !isReady(pod)) return false;
  const ready = objectsAt(objectAt(pod, 'status'), 'conditions').find(
    (condition) => condition.type === 'Ready',
  );
  const since = ready === undefined ? undefined : instantAt(ready, 'lastTransitionTime');
  const missing = (since ?? 0) + minReadySeconds * 1000 - tools.clock.now();
  if (missing <= 0) return true;
  tools.again(missing);
  return false;
};

/** `25%` of `total`, or a plain number. */
export const share = (value: Json | undefined, total: number, round: (value: number) => number): number => {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(String(value ?? '25%'))?.[1] ?? '25';
  return round((Number(percent) * total) / 100);
};

/** Leaves out zeros, as the real status does. */
export const counts = (values: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));

export const writeStatus = (store: Store, kind: Kind, workload: JsonObject, status: JsonObject): void => {
  const metadata = objectAt(workload, 'metadata');
  const present = store.get(kind, textAt(metadata, 'namespace'), textAt(metadata, 'name'));
  if (present === undefined || objectAt(present, 'metadata').uid !== metadata.uid) return;
  if (!equalJson(objectAt(present, 'status'), status)) store.put(kind, { ...present, status });
};

export const replicasOf = (workload: JsonObject): number =>
  numberAt(objectAt(workload, 'spec'), 'replicas', 1);
