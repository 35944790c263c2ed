/**
 * A cluster in memory, as far as sources use one: reads, with faults and delays on command, and a record of what was asked.
 *
 * **Invariant:** whatever a source may not do fails the test: methods that no source has a right to are absent on purpose.
 */
import { ApiError, type ApiReason } from '../../agent/model/errors.ts';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Precondition, StoredConfigMap, StoredObject, StoredSecret } from '../../agent/model/stored.ts';
import type { Instant } from '../../agent/model/terms.ts';
import type { CertManagerCertificate, Cluster, ExternalSecret, SecretIntent } from '../../agent/ports.ts';

export interface AskedCall {
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
}

interface Fault {
  readonly reason: ApiReason;
  readonly resource: string;
}

const secretBytes = (value: string | Uint8Array): SecretBytes =>
  typeof value === 'string' ? SecretBytes.of(value) : SecretBytes.ofBytes(value);

const unused = (what: string) => (): never => {
  throw new Error(`a source called ${what}`);
};

export class MemoryCluster implements Cluster {
  readonly asked: AskedCall[] = [];
  readonly applied: SecretIntent[] = [];
  /** What a write is dated by. */
  now: () => Instant = () => 0;
  readonly issuances: { readonly name: string; readonly why: string; readonly at: Instant }[] = [];
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #configMaps = new Map<string, StoredConfigMap>();
  readonly #certificates = new Map<string, CertManagerCertificate>();
  readonly #labels = new Map<string, Readonly<Record<string, string>>>();
  readonly #externalSecrets = new Map<string, ExternalSecret>();
  #version = 0;
  #fault: Fault | undefined;
  #held: Promise<void> | undefined;

  /** Stores a Secret as one write at `at`. */
  putSecret(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | Uint8Array>>,
    at: Instant,
    manager = 'cert-manager-certificates-issuing',
  ): void {
    this.#secrets.set(`${namespace}/${name}`, {
      ...this.#stored(namespace, name, Object.keys(data), at, manager),
      type: 'kubernetes.io/tls',
      data: new Map(Object.entries(data).map(([key, value]) => [key, secretBytes(value)])),
    });
  }

  /** Stores a ConfigMap as one write at `at`; what is no text goes into its binaryData. */
  putConfigMap(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | Uint8Array>>,
    at: Instant,
    manager = 'kubectl',
  ): void {
    const entries = Object.entries(data);
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const others = entries.filter(([, value]) => typeof value !== 'string');
    this.#configMaps.set(`${namespace}/${name}`, {
      ...this.#stored(namespace, name, Object.keys(data), at, manager),
      data: Object.fromEntries(texts),
      binaryData: new Map(others.map(([key, value]) => [key, secretBytes(value)])),
    });
  }

  dropConfigMap(namespace: string, name: string): void {
    this.#configMaps.delete(`${namespace}/${name}`);
  }

  #stored(
    namespace: string,
    name: string,
    dataKeys: readonly string[],
    at: Instant,
    manager: string,
  ): StoredObject {
    this.#version += 1;
    const owner = { operation: 'Apply', subresource: undefined } as const;
    return {
      namespace,
      name,
      uid: `uid-${name}`,
      resourceVersion: String(this.#version),
      createdAt: at,
      labels: {},
      annotations: {},
      immutable: false,
      owners: [
        { ...owner, manager, time: at, dataKeys, annotations: [] },
        {
          ...owner,
          manager: 'kubectl-label',
          operation: 'Update',
          time: at + 3_600_000,
          dataKeys: [],
          annotations: ['note'],
        },
      ],
      ownerReferences: [],
    };
  }

  dropSecret(namespace: string, name: string): void {
    this.#secrets.delete(`${namespace}/${name}`);
  }

  putCertificate(certificate: CertManagerCertificate, labels: Readonly<Record<string, string>> = {}): void {
    this.#certificates.set(`${certificate.namespace}/${certificate.name}`, certificate);
    this.#labels.set(`${certificate.namespace}/${certificate.name}`, labels);
  }

  putExternalSecret(external: ExternalSecret): void {
    this.#externalSecrets.set(`${external.namespace}/${external.name}`, external);
  }

  dropExternalSecret(namespace: string, name: string): void {
    this.#externalSecrets.delete(`${namespace}/${name}`);
  }

  dropCertificate(namespace: string, name: string): void {
    this.#certificates.delete(`${namespace}/${name}`);
  }

  /** Every read of `resource` fails so from now on; `undefined` ends it. */
  failWith(fault: Fault | undefined): void {
    this.#fault = fault;
  }

  /** Reads answer only when the returned function was called, with what is stored then. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  async #ask(verb: string, resource: string, namespace: string, name: string): Promise<void> {
    this.asked.push({ verb, resource, name });
    await this.#held;
    if (this.#fault?.resource !== resource) return;
    const { reason } = this.#fault;
    throw new ApiError(
      reason === 'forbidden' ? 'refused' : 'transient',
      {
        what: `${verb} ${resource} ${namespace}/${name} failed: ${reason}.`,
        effect: 'Nothing was read.',
        next: 'The agent tries again.',
      },
      { reason, verb, resource },
    );
  }

  async readSecret(namespace: string, name: string): Promise<StoredSecret | undefined> {
    await this.#ask('get', 'secrets', namespace, name);
    return this.#secrets.get(`${namespace}/${name}`);
  }

  async readConfigMap(namespace: string, name: string): Promise<StoredConfigMap | undefined> {
    await this.#ask('get', 'configmaps', namespace, name);
    return this.#configMaps.get(`${namespace}/${name}`);
  }

  async readCertificate(namespace: string, name: string): Promise<CertManagerCertificate | undefined> {
    await this.#ask('get', 'certificates', namespace, name);
    return this.#certificates.get(`${namespace}/${name}`);
  }

  async listCertificates(
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<readonly CertManagerCertificate[]> {
    await this.#ask('list', 'certificates', namespace, '*');
    const wanted = Object.entries(labels);
    return [...this.#certificates.values()].filter((certificate) => {
      const carried = this.#labels.get(`${namespace}/${certificate.name}`) ?? {};
      return wanted.every(([name, value]) => carried[name] === value);
    });
  }

  async readExternalSecret(namespace: string, name: string): Promise<ExternalSecret | undefined> {
    await this.#ask('get', 'externalsecrets', namespace, name);
    return this.#externalSecrets.get(`${namespace}/${name}`);
  }

  async requestIssuance(certificate: CertManagerCertificate, why: string, at: Instant): Promise<void> {
    await this.#ask('patch', 'certificates/status', certificate.namespace, certificate.name);
    this.issuances.push({ name: certificate.name, why, at });
  }

  /** One write, under the agent's own field manager; a lost precondition is a conflict. */
  async applySecret(intent: SecretIntent, precondition: Precondition): Promise<StoredSecret> {
    const { namespace, name } = intent;
    await this.#ask('patch', 'secrets', namespace, name);
    const present = this.#secrets.get(`${namespace}/${name}`);
    const isAsExpected =
      precondition.expect === 'absent'
        ? present === undefined
        : present?.uid === precondition.uid && present.resourceVersion === precondition.resourceVersion;
    if (!isAsExpected)
      throw new ApiError(
        'transient',
        {
          what: `${namespace}/${name} changed meanwhile.`,
          effect: 'Nothing was written.',
          next: 'Look again.',
        },
        { reason: 'conflict', verb: 'patch', resource: 'secrets' },
      );
    const data = Object.fromEntries([...intent.data].map(([key, value]) => [key, value.reveal()]));
    this.putSecret(namespace, name, data, this.now(), FIELD_MANAGER);
    this.applied.push(intent);
    return this.#secrets.get(`${namespace}/${name}`) as StoredSecret;
  }

  readonly listWorkloads = unused('listWorkloads');
  readonly listPods = unused('listPods');
  readonly applyConfigMap = unused('applyConfigMap');
  readonly deleteSecret = unused('deleteSecret');
  readonly annotateTemplate = unused('annotateTemplate');
  readonly evict = unused('evict');
  readonly emitEvent = unused('emitEvent');
  readonly watch = unused('watch');
}
