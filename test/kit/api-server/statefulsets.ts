/**
 * StatefulSets that roll: ordinals, partition, OnDelete, Parallel (kubernetes pkg/controller/statefulset/stateful_set_control.go, v1.37.2).
 *
 * **Invariant:** at most one pod is taken down by a rolling update at a time, from the highest ordinal down to the partition.
 */

import { type JsonObject, numberAt, objectAt, optionalTextAt, textAt } from './json.ts';
import { kindByName } from './kinds.ts';
import { isReady, isTerminating } from './kubelet.ts';
import {
  type ControllerTools,
  counts,
  isAvailable,
  nameOfPod,
  podsOf,
  replicasOf,
  revisionOf,
  writeStatus,
} from './rollout-common.ts';

const STATEFUL_SET = kindByName('StatefulSet');

const revisionOfPod = (pod: JsonObject): string =>
  textAt(objectAt(pod, 'metadata', 'labels'), 'controller-revision-hash');

const ordinalOf = (pod: JsonObject): number => Number(/-(\d+)$/.exec(nameOfPod(pod))?.[1] ?? -1);

export class StatefulSetController {
  /** Templates by revision, for pods below a partition that are made anew. */
  readonly #templates = new Map<string, JsonObject>();
  readonly #current = new Map<string, string>();

  reconcile(set: JsonObject, tools: ControllerTools): void {
    const { name, uid } = objectAt(set, 'metadata');
    const template = objectAt(set, 'spec', 'template');
    const update = `${name}-${revisionOf(template)}`;
    this.#templates.set(`${uid}/${update}`, template);
    const current =
      this.#current.get(String(uid)) ?? optionalTextAt(objectAt(set, 'status'), 'currentRevision') ?? update;
    this.#current.set(String(uid), current);
    this.#step(set, { current, update }, tools);
    this.#report(set, { current, update }, tools);
  }

  #step(set: JsonObject, revisions: { current: string; update: string }, tools: ControllerTools): void {
    const spec = objectAt(set, 'spec');
    const { namespace } = objectAt(set, 'metadata');
    const strategy = objectAt(spec, 'updateStrategy');
    const partition = numberAt(objectAt(strategy, 'rollingUpdate'), 'partition');
    const onDelete = strategy.type === 'OnDelete';
    const ordered = spec.podManagementPolicy !== 'Parallel';
    const desired = replicasOf(set);
    const pods = podsOf(tools.store, set);
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
    for (let ordinal = 0; ordinal < desired; ordinal += 1) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined) {
        this.#launch(
          set,
          ordinal,
          !onDelete && ordinal < partition ? revisions.current : revisions.update,
          tools,
        );
        if (ordered) return;
      } else if (ordered && (isTerminating(pod) || !isReady(pod))) return;
    }
    const excess = pods
      .filter((pod) => ordinalOf(pod) >= desired)
      .sort((a, b) => ordinalOf(b) - ordinalOf(a));
    for (const pod of ordered ? excess.slice(0, 1) : excess)
      tools.kubelet.stop(String(namespace), nameOfPod(pod));
    if (excess.length > 0 && ordered) return;
    if (onDelete) return;
    for (let ordinal = desired - 1; ordinal >= partition; ordinal -= 1) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined || isTerminating(pod)) return;
      if (revisionOfPod(pod) !== revisions.update) {
        tools.kubelet.stop(String(namespace), nameOfPod(pod));
        return;
      }
      if (!isReady(pod)) return;
    }
  }

  #launch(set: JsonObject, ordinal: number, revision: string, tools: ControllerTools): void {
    const { namespace, name, uid } = objectAt(set, 'metadata');
    const template = this.#templates.get(`${uid}/${revision}`) ?? objectAt(set, 'spec', 'template');
    tools.kubelet.launch({
      namespace: String(namespace),
      name: `${name}-${ordinal}`,
      template,
      labels: {
        'controller-revision-hash': revision,
        'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
        'apps.kubernetes.io/pod-index': String(ordinal),
      },
      owner: { kind: 'StatefulSet', name: String(name), uid: String(uid) },
    });
  }

  #report(set: JsonObject, revisions: { current: string; update: string }, tools: ControllerTools): void {
    const { uid } = objectAt(set, 'metadata');
    const pods = podsOf(tools.store, set);
    const live = pods.filter((pod) => !isTerminating(pod));
    const ready = live.filter(isReady).length;
    const updated = live.filter((pod) => revisionOfPod(pod) === revisions.update).length;
    const desired = replicasOf(set);
    const rolling = objectAt(set, 'spec', 'updateStrategy').type !== 'OnDelete';
    const complete = rolling && updated === desired && ready === desired;
    const current = complete ? revisions.update : revisions.current;
    this.#current.set(String(uid), current);
    const minReady = numberAt(objectAt(set, 'spec'), 'minReadySeconds');
    writeStatus(tools.store, STATEFUL_SET, set, {
      observedGeneration: numberAt(objectAt(set, 'metadata'), 'generation', 1),
      replicas: pods.length,
      ...counts({
        readyReplicas: ready,
        updatedReplicas: updated,
        currentReplicas: live.filter((pod) => revisionOfPod(pod) === current).length,
      }),
      availableReplicas: live.filter((pod) => isAvailable(pod, minReady, tools)).length,
      currentRevision: current,
      updateRevision: revisions.update,
    });
  }
}
