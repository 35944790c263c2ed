/**
 * All instances of one agent, and the taking over of a changed configuration.
 *
 * **Invariant:** a change of the configuration stops and starts only the instances that it changes.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Instance } from './instance.ts';
import type { InstanceSettings, RotatorSettings } from './model/settings.ts';

export class Fleet {
  readonly #make: (settings: InstanceSettings) => Instance;
  readonly #instances = new Map<string, Instance>();
  #changing: Promise<void> = Promise.resolve();

  constructor(make: (settings: InstanceSettings) => Instance) {
    this.#make = make;
  }

  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  /** Starts, stops and replaces instances until they are those of the settings. Changes are taken one after the other. */
  apply(settings: RotatorSettings): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change(settings.instances));
    return this.#changing;
  }

  /** Looks at every instance again, whatever the watches said. */
  sweep(): void {
    for (const instance of this.#instances.values()) instance.reconciler.wake();
  }

  async stop(): Promise<void> {
    await this.#changing;
    await Promise.all(this.instances.map((instance) => instance.stop()));
    this.#instances.clear();
  }

  async #change(wanted: readonly InstanceSettings[]): Promise<void> {
    const names = new Set(wanted.map((settings) => settings.name));
    for (const [name, instance] of this.#instances) {
      if (names.has(name)) continue;
      this.#instances.delete(name);
      await instance.stop();
    }
    for (const settings of wanted) {
      const running = this.#instances.get(settings.name);
      if (running !== undefined && isDeepStrictEqual(running.services.settings, settings)) continue;
      if (running !== undefined) await running.stop();
      const instance = this.#make(settings);
      this.#instances.set(settings.name, instance);
      instance.start();
    }
  }
}
