/**
 * Wakes the rollout controllers whenever a workload or a pod changed, and lets a test wait until they rest.
 *
 * **Invariant:** a controller runs between requests, never inside one, as a real one does.
 */
import type { Clock } from '../../../agent/ports.ts';
import { DeploymentController } from './deployments.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import { kindByName } from './kinds.ts';
import type { Kubelet } from './kubelet.ts';
import type { ControllerTools } from './rollout-common.ts';
import { StatefulSetController } from './statefulsets.ts';
import type { Store } from './store.ts';

const WATCHED = new Set(['Deployment', 'StatefulSet', 'Pod']);

export class Controllers {
  readonly #store: Store;
  readonly #kubelet: Kubelet;
  readonly #clock: Clock;
  readonly #deployments = new DeploymentController();
  readonly #statefulSets = new StatefulSetController();
  readonly #namespaces = new Set<string>();
  /** The earliest moment at which time alone may change something, by workload; a round asks for later ones again. */
  readonly #timers = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  #woken = false;
  #closed = false;

  constructor(store: Store, kubelet: Kubelet, clock: Clock) {
    this.#store = store;
    this.#kubelet = kubelet;
    this.#clock = clock;
    store.listen((change) => {
      if (WATCHED.has(change.kind.kind)) this.#wake(textAt(objectAt(change.object, 'metadata'), 'namespace'));
    });
  }

  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #wake(namespace: string): void {
    this.#namespaces.add(namespace);
    if (this.#woken || this.#closed) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      const namespaces = [...this.#namespaces];
      this.#namespaces.clear();
      for (const each of namespaces) this.#round(each);
    });
  }

  #round(namespace: string): void {
    if (this.#closed) return;
    for (const object of this.#store.list(kindByName('Deployment'), namespace)) {
      this.#deployments.reconcile(object, this.#tools(object));
    }
    for (const object of this.#store.list(kindByName('StatefulSet'), namespace)) {
      this.#statefulSets.reconcile(object, this.#tools(object));
    }
  }

  #tools(object: JsonObject): ControllerTools {
    const metadata = objectAt(object, 'metadata');
    const uid = textAt(metadata, 'uid');
    return {
      store: this.#store,
      kubelet: this.#kubelet,
      clock: this.#clock,
      again: (delay) => {
        const due = this.#clock.now() + delay;
        const waiting = this.#timers.get(uid);
        if (waiting !== undefined && waiting.due <= due) return;
        waiting?.cancel();
        const cancel = this.#clock.after(delay, () => {
          this.#timers.delete(uid);
          this.#wake(textAt(metadata, 'namespace'));
        });
        this.#timers.set(uid, { due, cancel });
      },
    };
  }
}
