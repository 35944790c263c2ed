/**
 * Material from a Secret or a ConfigMap that somebody else writes.
 *
 * **Invariant:** nothing is known of the writer; every value may be anything at any time.
 */
import type { SourceReading } from '../../agent/model/material.ts';
import type { ConfigMapSpec, SecretSpec } from '../../agent/model/object-spec.ts';
import { Keystore } from '../objects/keystore.ts';
import { pairRights, pairWatches, readPair } from '../objects/pair.ts';
import { ObjectReader } from '../objects/reader.ts';
import type { Source, SourceContext } from '../source.ts';
import { unreachable } from '../unreachable.ts';

export class StaticSource implements Source {
  readonly describe: string;
  readonly issue = undefined;
  readonly poll = undefined;
  readonly watches: Source['watches'];
  readonly rights: Source['rights'];
  readonly #spec: SecretSpec | ConfigMapSpec;
  readonly #context: SourceContext;
  readonly #kind: 'Secret' | 'ConfigMap';
  readonly #keystore = new Keystore();

  constructor(spec: SecretSpec | ConfigMapSpec, context: SourceContext) {
    this.#spec = spec;
    this.#context = context;
    this.#kind = spec.type === 'secret' ? 'Secret' : 'ConfigMap';
    this.describe = `${this.#kind} ${context.namespace}/${spec.name}`;
    const objects = [{ kind: this.#kind, name: spec.name }];
    this.watches = pairWatches(context.namespace, objects, spec);
    this.rights = pairRights(objects, spec);
  }

  async read(): Promise<SourceReading> {
    const reader = new ObjectReader(this.#context.cluster, this.#context.namespace);
    try {
      const object = await reader.read(this.#kind, this.#spec.name);
      if (object === undefined)
        return {
          state: 'waiting',
          source: this.describe,
          why: `There is no ${this.describe}.`,
          next: 'Create it with certificate, key and CA, or correct its name in the configuration.',
        };
      const reading = await readPair(reader, object, this.#spec, this.#keystore, this.describe);
      return this.#spec.type === 'configMap' && this.#spec.pkcs12 === undefined
        ? exposed(reading, this.describe)
        : reading;
    } catch (error) {
      return unreachable(this.describe, reader.asked, error);
    }
  }
}

/** ConfigMaps are not encrypted at rest where Secrets are, and readable for everybody with the role `view`. */
const exposed = (reading: SourceReading, source: string): SourceReading =>
  reading.state !== 'ready' || reading.raw.key.length === 0
    ? reading
    : {
        ...reading,
        warnings: [
          {
            code: 'exposed-key',
            what: `${source} holds a private key. Whoever may read ConfigMaps there, as the role \`view\` does, can call repo-server with it.`,
            next: 'Put the pair into a Secret, issue it anew with another key, and name it by `secret` in the configuration.',
          },
        ],
      };
