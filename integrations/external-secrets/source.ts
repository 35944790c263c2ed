/**
 * Material from a Secret that External Secrets syncs, while its ExternalSecret is Ready.
 *
 * **Invariant:** which Secret it is, the ExternalSecret says; the configuration's name for it is for the Role alone.
 */
import type { SourceReading } from '../../agent/model/material.ts';
import type { ExternalSecretSpec } from '../../agent/model/object-spec.ts';
import { Keystore } from '../objects/keystore.ts';
import { pairRights, pairWatches, readPair } from '../objects/pair.ts';
import { ObjectReader } from '../objects/reader.ts';
import type { Source, SourceContext } from '../source.ts';
import { unreachable } from '../unreachable.ts';
import { syncState } from './sync-state.ts';

export class ExternalSecretSource implements Source {
  readonly describe: string;
  readonly issue = undefined;
  readonly poll = undefined;
  readonly #spec: ExternalSecretSpec;
  readonly #context: SourceContext;
  readonly #keystore = new Keystore();
  /** As configured; known from the first reading on. */
  #target: string;

  constructor(spec: ExternalSecretSpec, context: SourceContext) {
    this.#spec = spec;
    this.#context = context;
    this.#target = spec.target ?? spec.name;
    this.describe = `ExternalSecret ${context.namespace}/${spec.name}`;
  }

  async read(): Promise<SourceReading> {
    const { cluster, namespace } = this.#context;
    const { name } = this.#spec;
    const reader = new ObjectReader(cluster, namespace);
    let asked = `${namespace}/${name}`;
    try {
      const external = await cluster.readExternalSecret(namespace, name);
      if (external === undefined)
        return this.#waiting(
          `There is no ${this.describe}.`,
          'Create it, or correct `externalSecret.name` in the configuration; is External Secrets installed?',
        );
      this.#target = external.target;
      const state = syncState(external);
      if (state.state === 'waiting') return this.#waiting(state.why, state.next);
      asked = `${namespace}/${external.target}`;
      const secret = await reader.read('Secret', external.target);
      if (secret === undefined)
        return this.#waiting(
          `Secret ${asked} of the ExternalSecret does not exist.`,
          'Wait: External Secrets writes it again with its next refresh.',
        );
      return await readPair(reader, secret, this.#spec, this.#keystore, this.describe);
    } catch (error) {
      return unreachable(this.describe, reader.asked === '' ? asked : reader.asked, error);
    }
  }

  get watches(): Source['watches'] {
    const { namespace } = this.#context;
    return [
      { kind: 'ExternalSecret', namespace, name: this.#spec.name },
      ...pairWatches(namespace, this.#secret, this.#spec),
    ];
  }

  get rights(): Source['rights'] {
    return [
      ...['get', 'watch'].map((verb) => ({
        verb,
        group: 'external-secrets.io',
        resource: 'externalsecrets',
        name: this.#spec.name,
      })),
      ...pairRights(this.#secret, this.#spec),
    ];
  }

  get #secret() {
    return [{ kind: 'Secret', name: this.#target }] as const;
  }

  #waiting(why: string, next: string): SourceReading {
    return { state: 'waiting', source: this.describe, why, next };
  }
}
