/**
 * Deployments that roll: surge, unavailability, Recreate, pause, progress deadline
 * (kubernetes pkg/controller/deployment/{rolling,recreate,progress}.go, v1.37.2).
 *
 * **Invariant:** a rolling update never has fewer available pods than replicas − maxUnavailable through its own doing.
 */
import { randomBytes } from 'node:crypto';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt, timestamp } from './json.ts';
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
  share,
  writeStatus,
} from './rollout-common.ts';

const DEPLOYMENT = kindByName('Deployment');

interface Memory {
  /** What pods are made from: the template, or the one before it while paused. */
  template: JsonObject;
  revision: string;
  /** Shape of the rollout at its last progress, and when that was. */
  shape: string;
  progressedAt: number;
}

export class DeploymentController {
  readonly #memory = new Map<string, Memory>();

  reconcile(deployment: JsonObject, tools: ControllerTools): void {
    const spec = objectAt(deployment, 'spec');
    const memory = this.#remember(deployment, tools.clock.now());
    const pods = podsOf(tools.store, deployment);
    const live = pods.filter((pod) => !isTerminating(pod));
    const fresh = live.filter((pod) => this.#revision(pod) === memory.revision);
    const old = live.filter((pod) => this.#revision(pod) !== memory.revision);
    const desired = replicasOf(deployment);
    const minReady = numberAt(spec, 'minReadySeconds');
    const available = (list: readonly JsonObject[]): JsonObject[] =>
      list.filter((pod) => isAvailable(pod, minReady, tools));

    const stop = (list: readonly JsonObject[]): void => {
      for (const pod of list)
        tools.kubelet.stop(textAt(objectAt(pod, 'metadata'), 'namespace'), nameOfPod(pod));
    };
    const strategy = objectAt(spec, 'strategy');
    if (spec.paused === true) {
      this.#launch(deployment, memory, desired - live.length, tools);
      stop(live.slice(desired));
    } else if (strategy.type === 'Recreate') {
      stop(old);
      const gone = !pods.some((pod) => this.#revision(pod) !== memory.revision);
      if (gone) this.#launch(deployment, memory, desired - fresh.length, tools);
      stop(fresh.slice(desired));
    } else {
      const rolling = objectAt(strategy, 'rollingUpdate');
      const surge = share(rolling.maxSurge, desired, Math.ceil);
      const unavailable = share(rolling.maxUnavailable, desired, Math.floor);
      const floor = desired - (surge === 0 && unavailable === 0 ? 1 : unavailable);
      this.#launch(
        deployment,
        memory,
        Math.min(desired - fresh.length, desired + surge - live.length),
        tools,
      );
      stop(fresh.slice(desired));
      const unready = fresh.length - available(fresh).length;
      const removable = live.length - floor - unready;
      const unhealthy = old.filter((pod) => !isReady(pod)).slice(0, Math.max(0, removable));
      stop(unhealthy);
      const healthy = old.filter((pod) => isReady(pod));
      stop(
        healthy.slice(0, Math.max(0, Math.min(removable - unhealthy.length, available(live).length - floor))),
      );
    }
    this.#report(deployment, memory, minReady, tools);
  }

  #revision(pod: JsonObject): string {
    return textAt(objectAt(pod, 'metadata', 'labels'), 'pod-template-hash');
  }

  #remember(deployment: JsonObject, now: number): Memory {
    const uid = textAt(objectAt(deployment, 'metadata'), 'uid');
    const template = objectAt(deployment, 'spec', 'template');
    const revision = revisionOf(template);
    const paused = objectAt(deployment, 'spec').paused === true;
    const known = this.#memory.get(uid);
    if (known === undefined) {
      const memory = { template, revision, shape: '', progressedAt: now };
      this.#memory.set(uid, memory);
      return memory;
    }
    if (!paused && known.revision !== revision) {
      known.template = template;
      known.revision = revision;
      known.progressedAt = now;
    }
    return known;
  }

  #launch(deployment: JsonObject, memory: Memory, count: number, tools: ControllerTools): void {
    const { namespace, name, uid } = objectAt(deployment, 'metadata');
    const set = `${name}-${memory.revision}`;
    for (let made = 0; made < count; made += 1) {
      tools.kubelet.launch({
        namespace: String(namespace),
        name: `${set}-${randomBytes(3).toString('hex').slice(0, 5)}`,
        template: memory.template,
        labels: { 'pod-template-hash': memory.revision },
        owner: { kind: 'ReplicaSet', name: set, uid: `${uid}-${memory.revision}` },
      });
    }
  }

  #report(deployment: JsonObject, memory: Memory, minReady: number, tools: ControllerTools): void {
    const now = tools.clock.now();
    const live = podsOf(tools.store, deployment).filter((pod) => !isTerminating(pod));
    const available = live.filter((pod) => isAvailable(pod, minReady, tools)).length;
    const desired = replicasOf(deployment);
    // Of the template as it stands: a paused Deployment has no pod of a template that was changed meanwhile.
    const wanted = revisionOf(objectAt(deployment, 'spec', 'template'));
    const updated = live.filter((pod) => this.#revision(pod) === wanted).length;
    const shape = JSON.stringify([live.length, updated, available]);
    if (shape !== memory.shape) {
      memory.shape = shape;
      memory.progressedAt = now;
    }
    const complete = updated === desired && live.length === desired && available === desired;
    const deadline = numberAt(objectAt(deployment, 'spec'), 'progressDeadlineSeconds', 600) * 1000;
    const left = memory.progressedAt + deadline - now;
    const paused = objectAt(deployment, 'spec').paused === true;
    const stalled = !complete && !paused && left <= 0;
    if (!complete && !paused && left > 0) tools.again(left);
    const condition = (type: string, value: boolean, reason: string): JsonObject => {
      const old = objectsAt(objectAt(deployment, 'status'), 'conditions').find(
        (entry) => entry.type === type,
      );
      const status = value ? 'True' : 'False';
      const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? '') : timestamp(now);
      return { type, status, reason, lastTransitionTime };
    };
    const rolling = complete ? 'NewReplicaSetAvailable' : paused ? 'DeploymentPaused' : 'ReplicaSetUpdated';
    writeStatus(tools.store, DEPLOYMENT, deployment, {
      observedGeneration: numberAt(objectAt(deployment, 'metadata'), 'generation', 1),
      ...counts({
        replicas: live.length,
        updatedReplicas: updated,
        readyReplicas: live.filter(isReady).length,
        availableReplicas: available,
        unavailableReplicas: Math.max(0, desired - available),
      }),
      conditions: [
        condition('Available', available >= desired, 'MinimumReplicasAvailable'),
        condition('Progressing', !stalled, stalled ? 'ProgressDeadlineExceeded' : rolling),
      ],
    });
  }
}
