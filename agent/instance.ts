/**
 * One Argo CD installation under the agent's care: its engine, and what wakes it.
 *
 * **Invariant:** watches only wake; whatever they carry is thrown away and read again.
 */
import type { Source } from '../integrations/source.ts';
import type { Watched, WatchTarget } from './ports.ts';
import { Reconciler } from './reconcile.ts';
import { Rotation } from './rotation/advance.ts';
import type { RotationServices } from './rotation/services.ts';

/** What is watched besides the sources' own objects: one object each where one is meant, kinds only where discovery needs them. */
const watchTargets = (services: RotationServices, sources: readonly Source[]): readonly WatchTarget[] => {
  const { namespace, names } = services.settings;
  return [
    { kind: 'Secret', namespace, name: names.mtlsSecret },
    { kind: 'Secret', namespace, name: names.servingSecret },
    { kind: 'ConfigMap', namespace, name: names.paramsConfigMap },
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
  #watches: readonly Watched[] = [];

  constructor(services: RotationServices, sources: readonly Source[]) {
    this.services = services;
    this.#sources = sources;
    this.rotation = new Rotation(services);
    this.reconciler = new Reconciler(this.rotation, services);
  }

  start(): void {
    this.reconciler.start();
    const wake = () => this.reconciler.wake();
    this.#watches = watchTargets(this.services, this.#sources).map((target) =>
      this.services.cluster.watch(target, wake),
    );
  }

  /** Finishes the step at hand. */
  async stop(): Promise<void> {
    for (const watch of this.#watches) watch.stop();
    this.#watches = [];
    await this.reconciler.stop();
  }
}
