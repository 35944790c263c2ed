/**
 * Material from a cert-manager Certificate and the Secret that it names.
 *
 * **Invariant:** of the issuer's CA Secret one key is looked at, the certificate; the CA's private key is neither kept nor parsed.
 */
import type { RawMaterial, SourceReading } from '../../agent/model/material.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { CertManagerSpec } from '../../agent/model/settings.ts';
import type { StoredSecret } from '../../agent/model/stored.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { CertManagerCertificate, WatchTarget } from '../../agent/ports.ts';
import { type ReadCa, readCa } from '../objects/ca.ts';
import { ObjectReader } from '../objects/reader.ts';
import type { Source, SourceContext } from '../source.ts';
import { unreachable } from '../unreachable.ts';
import { certificateState } from './certificate-state.ts';
import { askedName, findCertificate, meant } from './find-certificate.ts';

/** A Secret's value as text; empty where the key is missing. */
const text = (secret: StoredSecret, key: string): string => secret.data.get(key)?.reveal() ?? '';

/** When the certificate in the Secret was last written, as the API server recorded it for whoever owns `tls.crt`. */
const changedAt = (secret: StoredSecret): Instant | undefined => {
  const times = secret.owners
    .filter((owner) => owner.dataKeys.includes('tls.crt'))
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
};

interface Parts {
  readonly certificate: CertManagerCertificate;
  readonly secret: StoredSecret;
  /** Where the configuration names a place for it. */
  readonly ca: ReadCa | undefined;
}

export class CertManagerSource implements Source {
  readonly describe: string;
  readonly issue: Source['issue'];
  readonly poll = undefined;
  readonly #spec: CertManagerSpec;
  readonly #context: SourceContext;
  /** Known from the first reading on. */
  #secretName: string | undefined;

  constructor(spec: CertManagerSpec, context: SourceContext) {
    this.#spec = spec;
    this.#context = context;
    this.describe = `cert-manager Certificate ${meant(context.namespace, spec)}`;
    this.issue = spec.reissue === 'when-ca-replaced' ? (why) => this.#requestIssuance(why) : undefined;
  }

  async read(): Promise<SourceReading> {
    const { cluster, namespace } = this.#context;
    const { issuerCa, ca } = this.#spec;
    const reader = new ObjectReader(cluster, namespace);
    let asked = `${namespace}/${askedName(this.#spec)}`;
    try {
      const found = await findCertificate(cluster, namespace, this.#spec);
      if ('why' in found) return this.#waiting(found.why, found.next);
      const { certificate } = found;
      this.#secretName = certificate.secretName;
      const state = certificateState(certificate);
      if (state.state === 'waiting') return this.#waiting(state.why, state.next);
      asked = `${namespace}/${certificate.secretName}`;
      const secret = await cluster.readSecret(namespace, certificate.secretName);
      if (secret === undefined)
        return this.#waiting(
          `Secret ${asked} of the Certificate does not exist.`,
          'Wait: cert-manager issues again when its Secret is gone.',
        );
      const named = ca === undefined ? undefined : await readCa(reader, ca, this.describe);
      if (named !== undefined && 'reading' in named) return named.reading;
      const parts: Parts = { certificate, secret, ca: named?.ca };
      if (issuerCa === undefined) return this.#ready(parts, undefined);
      asked = `${namespace}/${issuerCa.secret}`;
      const issuer = await cluster.readSecret(namespace, issuerCa.secret);
      if (issuer === undefined || text(issuer, issuerCa.key) === '')
        return this.#waiting(
          issuer === undefined
            ? `Secret ${asked}, which shall hold the issuer's CA, does not exist.`
            : `Secret ${asked} has no ${issuerCa.key}, which shall hold the issuer's CA.`,
          'Correct `certManager.issuerCa` in the configuration, or leave it out.',
        );
      return this.#ready(parts, issuer);
    } catch (error) {
      return unreachable(this.describe, reader.asked === '' ? asked : reader.asked, error);
    }
  }

  get watches(): readonly WatchTarget[] {
    const { namespace } = this.#context;
    const { certificate, labels = {}, ca } = this.#spec;
    return [
      certificate === undefined
        ? { kind: 'Certificate', namespace, labels }
        : { kind: 'Certificate', namespace, name: certificate },
      ...this.#secretNames.map((name): WatchTarget => ({ kind: 'Secret', namespace, name })),
      ...(ca === undefined ? [] : [{ kind: ca.kind, namespace, name: ca.name }]),
    ];
  }

  get rights(): Source['rights'] {
    const { certificate, ca } = this.#spec;
    const name = askedName(this.#spec);
    const group = 'cert-manager.io';
    const look = (resource: string, named: string) =>
      ['get', 'watch'].map((verb) => ({ verb, group: '', resource, name: named }));
    return [
      ...[certificate === undefined ? 'list' : 'get', 'watch'].map((verb) => ({
        verb,
        group,
        resource: 'certificates',
        name,
      })),
      ...this.#secretNames.flatMap((secret) => look('secrets', secret)),
      ...(ca === undefined ? [] : look(`${ca.kind.toLowerCase()}s`, ca.name)),
      ...(this.issue === undefined ? [] : [{ verb: 'patch', group, resource: 'certificates/status', name }]),
    ];
  }

  get #secretNames(): readonly string[] {
    return [this.#secretName, this.#spec.issuerCa?.secret].filter((name) => name !== undefined);
  }

  #waiting(why: string, next: string): SourceReading {
    return { state: 'waiting', source: this.describe, why, next };
  }

  #ready({ certificate, secret, ca }: Parts, issuer: StoredSecret | undefined): SourceReading {
    const key = this.#spec.issuerCa?.key;
    const raw: RawMaterial = {
      source: this.describe,
      version: [
        `revision ${certificate.revision ?? 'unknown'}`,
        `secret ${secret.uid}/${secret.resourceVersion}`,
        ...(ca === undefined ? [] : [ca.version]),
        ...(issuer === undefined ? [] : [`issuer ${issuer.uid}/${issuer.resourceVersion}`]),
      ].join(', '),
      certificatePem: text(secret, 'tls.crt'),
      key: secret.data.get('tls.key') ?? SecretBytes.of(''),
      anchorsPem: ca?.pem ?? text(secret, 'ca.crt'),
      upcomingAnchorsPem: issuer === undefined || key === undefined ? undefined : text(issuer, key),
    };
    const written = changedAt(secret);
    return {
      state: 'ready',
      raw,
      changedAt: written === undefined || ca === undefined ? written : Math.max(written, ca.changedAt),
    };
  }

  /** Does nothing where the Certificate is gone or is being issued already. @throws ApiError as the cluster does. */
  async #requestIssuance(why: string): Promise<void> {
    const { cluster, namespace, clock } = this.#context;
    const found = await findCertificate(cluster, namespace, this.#spec);
    if ('why' in found) return;
    const { certificate } = found;
    const isIssuing = certificate.conditions.some(
      (condition) => condition.type === 'Issuing' && condition.status === 'True',
    );
    if (isIssuing) return;
    await cluster.requestIssuance(certificate, why, clock.now());
  }
}
