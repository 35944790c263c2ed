/**
 * Pods that run: addresses, containers, readiness, termination. What runs inside is the test's own (`PodHooks`).
 *
 * **Invariant:** a pod that was asked to stop stays, terminating, until its hook says that it has stopped; its ip is never given again.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../agent/ports.ts';
import { asObject, type JsonObject, objectAt, objectsAt, textAt, timestamp, withMetadata } from './json.ts';
import { kindByName } from './kinds.ts';
import type { Store } from './store.ts';

/** A pod whose containers have just been made. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** A loopback address of its own (Linux routes all of 127.0.0.0/8): endpoints can listen on it. */
  readonly ip: string;
  readonly labels: Readonly<Record<string, unknown>>;
  /** The pod as the API shows it: spec with volumes, env, args. */
  readonly object: JsonObject;
}

export interface PodHooks {
  /** Resolves when the pod is ready. Rejects where it can't start: the container waits in CrashLoopBackOff with the error's message. */
  readonly podStarted?: (pod: RunningPod) => Promise<void> | void;
  /** Called when termination begins; resolves when the process has gone. */
  readonly podStopping?: (pod: RunningPod) => Promise<void> | void;
}

export interface Launch {
  readonly namespace: string;
  readonly name: string;
  readonly template: JsonObject;
  readonly labels: JsonObject;
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: string };
}

const POD = kindByName('Pod');

export const isReady = (pod: JsonObject): boolean =>
  objectsAt(objectAt(pod, 'status'), 'conditions').some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );

export const isTerminating = (pod: JsonObject): boolean =>
  objectAt(pod, 'metadata').deletionTimestamp !== undefined;

export class Kubelet {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #hooks: PodHooks;
  readonly #address: (number: number) => string;
  #started = 0;

  constructor(store: Store, clock: Clock, hooks: PodHooks, address: (number: number) => string) {
    this.#store = store;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#address = address;
  }

  launch({ namespace, name, template, labels, owner }: Launch): void {
    this.#started += 1;
    const now = timestamp(this.#clock.now());
    const ip = this.#address(this.#started);
    const metadata = objectAt(template, 'metadata');
    const apiVersion = owner.kind === 'ReplicaSet' || owner.kind === 'StatefulSet' ? 'apps/v1' : 'v1';
    const pod = this.#store.put(POD, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        uid: randomUUID(),
        creationTimestamp: now,
        labels: { ...asObject(metadata.labels), ...labels },
        annotations: asObject(metadata.annotations),
        ownerReferences: [
          { apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid, controller: true },
        ],
      },
      spec: { ...objectAt(template, 'spec'), nodeName: 'stand-in' },
      status: { phase: 'Pending', startTime: now, hostIP: '127.0.0.1', podIP: ip, podIPs: [{ ip }] },
    });
    this.#run(namespace, name, textAt(objectAt(pod, 'metadata'), 'uid'), 0);
  }

  /** Begins a pod's termination; a pod that never ran is gone at once. */
  stop(namespace: string, name: string): void {
    const pod = this.#store.get(POD, namespace, name);
    if (pod === undefined || isTerminating(pod)) return;
    if (textAt(objectAt(pod, 'spec'), 'nodeName') === '') {
      this.#store.remove(POD, namespace, name);
      return;
    }
    const now = timestamp(this.#clock.now());
    const marked = this.#store.put(
      POD,
      withMetadata(pod, { deletionTimestamp: now, deletionGracePeriodSeconds: 30 }),
    );
    const { uid } = objectAt(pod, 'metadata');
    void Promise.resolve(this.#hooks.podStopping?.(this.#facts(marked)))
      .catch(() => undefined)
      .then(() => {
        const left = this.#store.get(POD, namespace, name);
        if (left !== undefined && objectAt(left, 'metadata').uid === uid)
          this.#store.remove(POD, namespace, name);
      });
  }

  /** Readiness as a probe would find it from now on. */
  setReady(namespace: string, name: string, ready: boolean): void {
    const pod = this.#store.get(POD, namespace, name);
    if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
    this.#store.put(POD, this.#withState(pod, { ready, waiting: undefined, fresh: false }));
  }

  /** A container dies and is started anew: another id, another start, one restart more. Hooks are called as for a new pod. */
  async restartContainers(namespace: string, name: string): Promise<void> {
    const pod = this.#store.get(POD, namespace, name);
    if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
    await this.#hooks.podStopping?.(this.#facts(pod));
    const restarts = Number(objectsAt(objectAt(pod, 'status'), 'containerStatuses')[0]?.restartCount ?? 0);
    this.#run(namespace, name, textAt(objectAt(pod, 'metadata'), 'uid'), restarts + 1);
  }

  #run(namespace: string, name: string, uid: string, restartCount: number): void {
    const present = (): JsonObject | undefined => {
      const pod = this.#store.get(POD, namespace, name);
      return pod !== undefined && objectAt(pod, 'metadata').uid === uid ? pod : undefined;
    };
    // One turn later, so that who made the pod has finished its own step.
    queueMicrotask(() => {
      const pod = present();
      if (pod === undefined || isTerminating(pod)) return;
      const started = this.#store.put(
        POD,
        this.#withState(pod, { ready: false, waiting: undefined, fresh: true, restartCount }),
      );
      const settle = (waiting: string | undefined): void => {
        const now = present();
        if (now === undefined || isTerminating(now)) return;
        this.#store.put(POD, this.#withState(now, { ready: waiting === undefined, waiting, fresh: false }));
      };
      Promise.resolve()
        .then(() => this.#hooks.podStarted?.(this.#facts(started)))
        .then(() => settle(undefined))
        .catch((error: unknown) => settle(error instanceof Error ? error.message : String(error)));
    });
  }

  #facts(pod: JsonObject): RunningPod {
    const metadata = objectAt(pod, 'metadata');
    return {
      namespace: textAt(metadata, 'namespace'),
      name: textAt(metadata, 'name'),
      uid: textAt(metadata, 'uid'),
      ip: textAt(objectAt(pod, 'status'), 'podIP'),
      labels: asObject(metadata.labels),
      object: pod,
    };
  }

  #withState(
    pod: JsonObject,
    state: { ready: boolean; waiting: string | undefined; fresh: boolean; restartCount?: number },
  ): JsonObject {
    const now = timestamp(this.#clock.now());
    const status = objectAt(pod, 'status');
    const before = new Map(objectsAt(status, 'containerStatuses').map((entry) => [entry.name, entry]));
    const containerStatuses = objectsAt(objectAt(pod, 'spec'), 'containers').map((container) => {
      const old = state.fresh ? undefined : before.get(container.name);
      const running = old === undefined ? { startedAt: now } : objectAt(old, 'state', 'running');
      return {
        name: container.name,
        image: container.image,
        containerID: old?.containerID ?? `containerd://${randomBytes(32).toString('hex')}`,
        ready: state.ready,
        started: true,
        restartCount: state.restartCount ?? Number(old?.restartCount ?? 0),
        state:
          state.waiting === undefined
            ? { running }
            : { waiting: { reason: 'CrashLoopBackOff', message: state.waiting } },
      };
    });
    const condition = (type: string, value: boolean): JsonObject => {
      const old = objectsAt(status, 'conditions').find((entry) => entry.type === type);
      const text = value ? 'True' : 'False';
      return {
        type,
        status: text,
        lastTransitionTime: old?.status === text ? (old.lastTransitionTime ?? now) : now,
      };
    };
    return {
      ...pod,
      status: {
        ...status,
        phase: 'Running',
        conditions: [
          condition('PodScheduled', true),
          condition('Initialized', true),
          condition('ContainersReady', state.ready),
          condition('Ready', state.ready),
        ],
        containerStatuses,
      },
    };
  }
}
