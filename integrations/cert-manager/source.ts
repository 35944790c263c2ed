/**
 * Material from a cert-manager Certificate and the Secret that it names.
 *
 * **Invariant:** of the issuer's CA Secret one key is looked at, the certificate; the CA's private key is neither kept nor parsed.
 */
import type { RawMaterial, SourceReading } from '../../agent/model/material.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { SourceSpec } from '../../agent/model/settings.ts';
import type { StoredSecret } from '../../agent/model/stored.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { CertManagerCertificate, WatchTarget } from '../../agent/ports.ts';
import type { Source, SourceContext } from '../source.ts';
import { unreachable } from '../unreachable.ts';
import { certificateState } from './certificate-state.ts';

type CertManagerSpec = Extract<SourceSpec, { type: 'certManager' }>;

/** A Secret's value as text; empty where the key is missing. */
const text = (secret: StoredSecret, key: string): string => secret.data.get(key)?.reveal() ?? '';

/** When the certificate in the Secret was last written, as the API server recorded it for whoever owns `tls.crt`. */
const changedAt = (secret: StoredSecret): Instant | undefined => {
  const times = secret.owners
    .filter((owner) => owner.dataKeys.includes('tls.crt'))
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
};

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
    this.describe = `cert-manager Certificate ${context.namespace}/${spec.certificate}`;
    this.issue = spec.reissue === 'when-ca-replaced' ? (why) => this.#requestIssuance(why) : undefined;
  }

  async read(): Promise<SourceReading> {
    const { cluster, namespace } = this.#context;
    const { certificate: name, issuerCa } = this.#spec;
    let asked = `${namespace}/${name}`;
    try {
      const certificate = await cluster.readCertificate(namespace, name);
      if (certificate === undefined)
        return this.#waiting(
          `There is no Certificate ${asked}.`,
          'Create it, or correct `certManager.certificate` in the configuration; is cert-manager installed?',
        );
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
      if (issuerCa === undefined) return this.#ready(certificate, secret, undefined);
      asked = `${namespace}/${issuerCa.secret}`;
      const issuer = await cluster.readSecret(namespace, issuerCa.secret);
      if (issuer === undefined || text(issuer, issuerCa.key) === '')
        return this.#waiting(
          issuer === undefined
            ? `Secret ${asked}, which shall hold the issuer's CA, does not exist.`
            : `Secret ${asked} has no ${issuerCa.key}, which shall hold the issuer's CA.`,
          'Correct `certManager.issuerCa` in the configuration, or leave it out.',
        );
      return this.#ready(certificate, secret, issuer);
    } catch (error) {
      return unreachable(this.describe, asked, error);
    }
  }

  get watches(): readonly WatchTarget[] {
    const { namespace } = this.#context;
    return [
      { kind: 'Certificate', namespace, name: this.#spec.certificate },
      ...this.#secretNames.map((name): WatchTarget => ({ kind: 'Secret', namespace, name })),
    ];
  }

  get rights(): Source['rights'] {
    const { certificate } = this.#spec;
    const group = 'cert-manager.io';
    return [
      ...['get', 'watch'].map((verb) => ({ verb, group, resource: 'certificates', name: certificate })),
      ...this.#secretNames.flatMap((name) =>
        ['get', 'watch'].map((verb) => ({ verb, group: '', resource: 'secrets', name })),
      ),
      ...(this.issue === undefined
        ? []
        : [{ verb: 'patch', group, resource: 'certificates/status', name: certificate }]),
    ];
  }

  get #secretNames(): readonly string[] {
    return [this.#secretName, this.#spec.issuerCa?.secret].filter((name) => name !== undefined);
  }

  #waiting(why: string, next: string): SourceReading {
    return { state: 'waiting', source: this.describe, why, next };
  }

  #ready(
    certificate: CertManagerCertificate,
    secret: StoredSecret,
    issuer: StoredSecret | undefined,
  ): SourceReading {
    const key = this.#spec.issuerCa?.key;
    const raw: RawMaterial = {
      source: this.describe,
      version: [
        `revision ${certificate.revision ?? 'unknown'}`,
        `secret ${secret.uid}/${secret.resourceVersion}`,
        ...(issuer === undefined ? [] : [`issuer ${issuer.uid}/${issuer.resourceVersion}`]),
      ].join(', '),
      certificatePem: text(secret, 'tls.crt'),
      key: secret.data.get('tls.key') ?? SecretBytes.of(''),
      anchorsPem: text(secret, 'ca.crt'),
      upcomingAnchorsPem: issuer === undefined || key === undefined ? undefined : text(issuer, key),
    };
    return { state: 'ready', raw, changedAt: changedAt(secret) };
  }

  /** Does nothing where the Certificate is gone or is being issued already. @throws ApiError as the cluster does. */
  async #requestIssuance(why: string): Promise<void> {
    const { cluster, namespace, clock } = this.#context;
    const certificate = await cluster.readCertificate(namespace, this.#spec.certificate);
    const isIssuing = certificate?.conditions.some(
      (condition) => condition.type === 'Issuing' && condition.status === 'True',
    );
    if (certificate === undefined || isIssuing) return;
    await cluster.requestIssuance(certificate, why, clock.now());
  }
}
