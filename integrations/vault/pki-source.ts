/**
 * Material that the agent has issued by a PKI secrets engine.
 *
 * **Invariant:** reading writes nothing and issues nothing; a new key exists in memory and in the pending Secret, and nowhere else.
 */

import type { Certificate } from '../../agent/model/certificate.ts';
import { ApiError } from '../../agent/model/errors.ts';
import type {
  Due,
  PublishedPair,
  RawMaterial,
  SourceReading,
  SourceRequest,
} from '../../agent/model/material.ts';
import type { Duration, Instant } from '../../agent/model/terms.ts';
import type { VaultPkiSpec } from '../../agent/model/vault-spec.ts';
import type { Source, SourceContext } from '../source.ts';
import { unreachable } from '../unreachable.ts';
import type { Vault } from './connection.ts';
import { readingOf } from './failure.ts';
import { Issuers } from './issuers.ts';
import { leafOf, type Pair, type Pending, pendingIntent, preconditionOf, readPending } from './pending.ts';
import { dueOf, isUrgent } from './renewal.ts';
import { anchorsOf, askForCertificate } from './signing.ts';
import { requestNames, wantedNames } from './wanted-names.ts';

const pemOf = (certificates: readonly Certificate[]): string => certificates.map(({ pem }) => pem).join('');

export class VaultPkiSource implements Source {
  readonly describe: string;
  readonly poll: Duration;
  readonly watches = [];
  readonly #spec: VaultPkiSpec;
  readonly #context: SourceContext;
  readonly #vault: Vault;
  readonly #issuers: Issuers;
  /** The issuer that should have signed the last leaf and did not: a role that follows another one. Not waited for again. */
  #notFollowed: Certificate | undefined;

  constructor(spec: VaultPkiSpec, context: SourceContext, vault: Vault) {
    this.#spec = spec;
    this.#context = context;
    this.#vault = vault;
    this.#issuers = new Issuers(spec, vault, context.clock);
    this.poll = spec.poll;
    this.describe = `Vault ${spec.connection.name} ${spec.mount}/${spec.method}/${spec.role}`;
  }

  async read(request: SourceRequest): Promise<SourceReading> {
    const { cluster, namespace, pendingSecret, clock } = this.#context;
    try {
      const stored = await cluster.readSecret(namespace, pendingSecret);
      const pending = readPending(stored, request.published, this.#wanted(request), clock.now());
      if (pending.state === 'usable') return this.#ready(pending.pair, pending.changedAt, { pendingSecret });
      return await this.#readPublished(request, pending);
    } catch (error) {
      if (error instanceof ApiError)
        return unreachable(this.describe, `${namespace}/${pendingSecret}`, error);
      const reading = readingOf(this.describe, error);
      const until = expiryOf(request.published, clock.now());
      return 'why' in reading && until !== undefined
        ? { ...reading, why: `${reading.why} ${until}` }
        : reading;
    }
  }

  readonly issue = async (_why: string, request: SourceRequest): Promise<void> => {
    const { cluster, namespace, pendingSecret, clock } = this.#context;
    const wanted = this.#wanted(request);
    const stored = await cluster.readSecret(namespace, pendingSecret);
    const pending = readPending(stored, request.published, wanted, clock.now());
    // A pair that waits to be published is enough.
    if (pending.state === 'usable' && !isPublished(pending.pair, request.published)) return;
    this.#issuers.forget();
    const current = await this.#issuers.current();
    const names = requestNames(this.#spec.commonName, wanted);
    const signed = await askForCertificate(this.#vault, this.#spec, names, clock.now());
    const signer = await this.#issuers.signerOf(signed.leaf);
    if (signer !== undefined && signer !== current) this.#notFollowed = current.certificate;
    const above = signer?.chain ?? signed.above;
    const pair: Pair = {
      leaf: signed.leaf,
      certificatePem: pemOf([signed.leaf, ...above.filter(({ selfSigned }) => !selfSigned)]),
      key: signed.key,
      anchorsPem: pemOf(signer?.anchors ?? anchorsOf(signed)),
    };
    await cluster.applySecret(pendingIntent(namespace, pendingSecret, pair), preconditionOf(stored));
  };

  get rights(): Source['rights'] {
    return ['get', 'create', 'patch', 'delete'].map((verb) => ({
      verb,
      group: '',
      resource: 'secrets',
      name: this.#context.pendingSecret,
    }));
  }

  #wanted(request: SourceRequest): readonly string[] {
    return wantedNames(this.#spec, this.#context.purpose, request);
  }

  async #readPublished(request: SourceRequest, pending: Pending): Promise<SourceReading> {
    const { published } = request;
    const current = await this.#issuers.current();
    const torn = pending.state === 'unusable' ? `; ${pending.why}` : '';
    if (published === undefined) return this.#nothing(`nothing was issued yet${torn}`);
    const leaf = leafOf(published.certificatePem);
    if (leaf === undefined) return this.#nothing(`what is published is no leaf that can be read${torn}`);
    const signer = await this.#issuers.signerOf(leaf);
    if (signer === undefined)
      return this.#nothing(`what is published was not issued by the mount ${this.#spec.mount}${torn}`);
    const otherIssuer =
      signer !== current && current.certificate.fingerprint !== this.#notFollowed?.fingerprint
        ? current.certificate
        : undefined;
    const due = dueOf({
      leaf,
      now: this.#context.clock.now(),
      renewAt: this.#spec.renewAt,
      wanted: this.#wanted(request),
      otherIssuer,
    });
    // While a new leaf of another CA is not there yet, the goal stays as it is.
    const anchorsPem = otherIssuer === undefined ? pemOf(signer.anchors) : published.anchorsPem;
    return this.#ready({ leaf, ...published, anchorsPem }, undefined, { due });
  }

  #nothing(why: string): SourceReading {
    return {
      state: 'waiting',
      source: this.describe,
      why: `Of ${this.describe} ${why}.`,
      next: 'The agent has a certificate issued, where its mode allows it to write.',
      due: { why, urgency: 'routine' },
    };
  }

  #ready(
    { leaf, certificatePem, key, anchorsPem }: Pair,
    changedAt: number | undefined,
    rest: { readonly due?: Due | undefined; readonly pendingSecret?: string },
  ): SourceReading {
    const raw: RawMaterial = {
      source: this.describe,
      version: `serial ${leaf.serial}, ${leaf.fingerprint}`,
      certificatePem,
      key,
      anchorsPem,
    };
    return { state: 'ready', raw, changedAt, ...rest };
  }
}

/** How long what is published will do, for whoever reads that Vault can't be asked. */
const expiryOf = (published: PublishedPair | undefined, now: Instant): string | undefined => {
  const leaf = published === undefined ? undefined : leafOf(published.certificatePem);
  if (leaf === undefined) return undefined;
  const words = `what is published expires at ${new Date(leaf.notAfter).toISOString()}.`;
  return isUrgent(leaf, now) ? `Urgent: ${words}` : `W${words.slice(1)}`;
};

const isPublished = ({ leaf }: Pair, published: PublishedPair | undefined): boolean =>
  published !== undefined && leafOf(published.certificatePem)?.fingerprint === leaf.fingerprint;
