/**
 * One Argo CD installation under the agent's care: its engine, and what wakes it.
 *
 * **Invariant:** watches only wake; whatever they carry is thrown away and read again.
 */
import type { Source } from '../integrations/source.ts';
import { leafSecrets } from './layout/places.ts';
import type { Watched, WatchTarget } from './ports.ts';
import { Reconciler } from './reconcile.ts';
import { Rotation } from './rotation/advance.ts';
import type { RotationServices } from './rotation/services.ts';

/** What is watched besides the sources' own objects: one object each where one is meant, kinds only where discovery needs them. */
const watchTargets = (services: RotationServices, sources: readonly Source[]): readonly WatchTarget[] => {
  const { namespace, names } = services.settings;
  return [
    ...leafSecrets(services.settings).map((name): WatchTarget => ({ kind: 'Secret', namespace, name })),
    { kind: 'Secret', namespace, name: names.servingSecret },
    { kind: 'ConfigMap', namespace, name: names.paramsConfigMap },
    { kind: 'ConfigMap', namespace, name: names.ordersConfigMap },
    { kind: 'Deployment', namespace },
    { kind: 'StatefulSet', namespace },
    { kind: 'Pod', namespace },
    ...sources.flatMap((source) => source.watches),
  ];
};

export class Instance {
  readonly services: RotationServices;
  readonly rotation: Rotation;
  readonly reconciler: Reconciler;
  readonly #sources: readonly Source[];
  readonly #watches = new Map<string, Watched>();
  /** Of what is no object of the API. */
  #ownWatches: readonly Watched[] = [];
  #cancelPoll: () => void = () => undefined;

  constructor(services: RotationServices, sources: readonly Source[]) {
    this.services = services;
    this.#sources = sources;
    this.rotation = new Rotation(services);
    this.reconciler = new Reconciler(this.rotation, services, () => this.#wakeAgain());
  }

  start(): void {
    this.#watch();
    this.#ownWatches = this.#sources.flatMap((source) => source.watch?.(() => this.reconciler.wake()) ?? []);
    this.reconciler.start();
  }

  /** Finishes the step at hand. */
  async stop(): Promise<void> {
    const stopped = this.reconciler.stop();
    this.#cancelPoll();
    for (const watch of [...this.#ownWatches, ...this.#watches.values()]) watch.stop();
    await stopped;
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
  }

  /** After each turn: what can't be watched is looked at again in time. */
  #wakeAgain(): void {
    this.#watch();
    this.#cancelPoll();
    const polls = this.#sources.flatMap(({ poll }) => poll ?? []);
    if (polls.length > 0)
      this.#cancelPoll = this.services.clock.after(Math.min(...polls), () => this.reconciler.wake());
  }

  /** Starts what isn't watched yet: sources learn names (a Certificate's Secret) with their first reading. */
  #watch(): void {
    for (const target of watchTargets(this.services, this.#sources)) {
      const key = JSON.stringify(target);
      if (this.#watches.has(key)) continue;
      this.#watches.set(
        key,
        this.services.cluster.watch(target, () => this.reconciler.wake()),
      );
    }
  }
}
