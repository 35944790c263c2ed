/**
 * Material from a KV secrets engine, version 2.
 *
 * **Invariant:** the content of a version is read once, when that version is first seen; a version that is deleted or destroyed is never used.
 */
import type { SourceReading } from '../../agent/model/material.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Duration, Instant } from '../../agent/model/terms.ts';
import type { VaultKvSpec } from '../../agent/model/vault-spec.ts';
import { readShape } from '../shapes/read-shape.ts';
import type { Source, SourceContext } from '../source.ts';
import { groupOf, textOf, textsOf } from './answer.ts';
import type { Vault } from './connection.ts';
import { readingOf, VaultFailure } from './failure.ts';

/** What `metadata/` says of the version that counts. */
type VersionState =
  | {
      readonly state: 'there';
      readonly version: number;
      /** With its time: a secret that was forgotten and put again begins at version 1 anew. */
      readonly identity: string;
      readonly createdAt: Instant | undefined;
    }
  | { readonly state: 'not-there'; readonly why: string };

interface Content {
  readonly identity: string;
  readonly entries: ReadonlyMap<string, SecretBytes>;
}

/** Characters; Vault's have 30. */
const LONGEST_DATE = 40;

const instantOf = (value: unknown): Instant | undefined => {
  const at = typeof value === 'string' && value !== '' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
};

/** developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-metadata */
const versionState = (metadata: Readonly<Record<string, unknown>>, now: Instant): VersionState => {
  const version = metadata.current_version;
  if (typeof version !== 'number' || version < 1) return { state: 'not-there', why: 'has no version yet' };
  const { created_time, deletion_time, destroyed } = groupOf(groupOf(metadata.versions)[String(version)]);
  if (destroyed === true)
    return { state: 'not-there', why: `has only version ${version}, which was destroyed` };
  const deletedAt = instantOf(deletion_time);
  if (deletedAt !== undefined && deletedAt <= now)
    return { state: 'not-there', why: `has version ${version}, which was deleted` };
  const identity = `version ${version} of ${(textOf(created_time) ?? 'no date').slice(0, LONGEST_DATE)}`;
  return { state: 'there', version, identity, createdAt: instantOf(created_time) };
};

export class VaultKvSource implements Source {
  readonly describe: string;
  readonly issue = undefined;
  readonly poll: Duration;
  readonly watches = [];
  readonly rights = [];
  readonly #spec: VaultKvSpec;
  readonly #clock: SourceContext['clock'];
  readonly #vault: Vault;
  #last: { readonly at: Instant; readonly reading: SourceReading } | undefined;
  #content: Content | undefined;

  constructor(spec: VaultKvSpec, { clock }: SourceContext, vault: Vault) {
    this.#spec = spec;
    this.#clock = clock;
    this.#vault = vault;
    this.poll = spec.poll;
    this.describe = `Vault ${spec.connection.name} ${spec.mount}/${spec.path}`;
  }

  /** What was read last, until the poll is over; a Vault that could not be asked is asked as soon as its back-off lets it be. */
  async read(): Promise<SourceReading> {
    const now = this.#clock.now();
    const age = this.#last === undefined ? undefined : now - this.#last.at;
    if (this.#last !== undefined && age !== undefined && age >= 0 && age < this.#spec.poll)
      return this.#last.reading;
    try {
      const reading = await this.#look(now);
      this.#last = { at: now, reading };
      return reading;
    } catch (error) {
      const reading = readingOf(this.describe, error);
      const isOfThePath = error instanceof VaultFailure && !error.isOfTheConnection;
      this.#last = isOfThePath ? { at: now, reading } : undefined;
      return reading;
    }
  }

  async #look(now: Instant): Promise<SourceReading> {
    const { mount, path } = this.#spec;
    const { data } = await this.#vault.ask({ method: 'GET', path: `${mount}/metadata/${path}` });
    const state = versionState(groupOf(data), now);
    if (state.state === 'not-there') return this.#waiting(state.why);
    const content =
      this.#content?.identity === state.identity
        ? this.#content
        : { identity: state.identity, entries: await this.#entriesOf(state.version) };
    this.#content = content;
    return this.#readingOf(content, state.createdAt);
  }

  async #entriesOf(version: number): Promise<Content['entries']> {
    const { mount, path } = this.#spec;
    const { data } = await this.#vault.ask({
      method: 'GET',
      path: `${mount}/data/${path}?version=${version}`,
    });
    const fields = groupOf(groupOf(data).data);
    return new Map(
      Object.entries(fields).flatMap(([name, value]) => {
        // `ca_chain`, as Vault itself answers it, is a list.
        const text = typeof value === 'string' ? value : textsOf(value).join('\n');
        return text === '' ? [] : [[name, SecretBytes.of(text)]];
      }),
    );
  }

  #readingOf({ identity, entries }: Content, createdAt: Instant | undefined): SourceReading {
    const shape = readShape(entries, this.#spec.fields, this.describe);
    if ('refusal' in shape) return { state: 'refused', source: this.describe, refusal: shape.refusal };
    const { certificatePem, key, anchorsPem } = shape.found;
    return {
      state: 'ready',
      raw: { source: this.describe, version: identity, certificatePem, key, anchorsPem },
      changedAt: createdAt,
    };
  }

  #waiting(what: string): SourceReading {
    return {
      state: 'waiting',
      source: this.describe,
      why: `${this.describe} ${what}.`,
      next: 'Put certificate, key and CAs there, or correct mount and path in the configuration.',
    };
  }
}
