/**
 * The interfaces to the outside. Everything that acts takes these; tests hand in fakes with behaviour.
 */
import type { CallOutcome } from './model/evidence.ts';
import type { Fingerprint } from './model/fingerprint.ts';
import type { Happening } from './model/happening.ts';
import type { JournalRecord } from './model/journal-record.ts';
import type { LeaseIntent, StoredLease } from './model/lease.ts';
import type { SourceReading, SourceRequest } from './model/material.ts';
import type { SecretBytes } from './model/secret-bytes.ts';
import type { Precondition, StoredConfigMap, StoredSecret } from './model/stored.ts';
import type { Duration, Instant } from './model/terms.ts';
import type { Pod, Workload, WorkloadRef } from './model/workload.ts';

export interface Clock {
  now(): Instant;
  /** Calls back once after `delay`; the returned function cancels. Never keeps the process alive by itself. */
  after(delay: Duration, callback: () => void): () => void;
}

/** The only source of randomness. */
export interface Random {
  /** Lower-case hex of `bytes` random bytes. */
  hex(bytes: number): string;
}

/** A cert-manager Certificate, reduced to what decides whether its Secret may be read. */
export interface CertManagerCertificate {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly secretName: string;
  readonly issuer: { readonly kind: string; readonly name: string; readonly group: string };
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly observedGeneration: number | undefined;
    readonly lastTransition: Instant | undefined;
  }[];
  readonly revision: number | undefined;
  readonly notAfter: Instant | undefined;
  readonly renewalTime: Instant | undefined;
  readonly lastFailure: Instant | undefined;
}

/** An ExternalSecret of External Secrets, reduced to what decides whether its Secret may be read. */
export interface ExternalSecret {
  readonly namespace: string;
  readonly name: string;
  /** The Secret that it writes. */
  readonly target: string;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

/** What one Secret shall hold of ours. Keys left out are given up by server-side apply: removed where nobody else owns them. */
export interface SecretIntent {
  readonly namespace: string;
  readonly name: string;
  /** Used for creation only; an existing Secret keeps its type. */
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: ReadonlyMap<string, SecretBytes>;
  /** True where the configuration says that other managers' equal or differing keys are to be taken over. */
  readonly ownership: 'refuse-conflicts' | 'adopt';
}

export interface ConfigMapIntent {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  readonly ownership: 'refuse-conflicts' | 'adopt';
}

/** Something a watch saw; a reason to look again, never the source of a fact. */
export interface Watched {
  readonly stop: () => void;
}

export type WatchTarget =
  | {
      readonly kind: 'Secret' | 'ConfigMap' | 'Certificate' | 'ExternalSecret';
      readonly namespace: string;
      readonly name: string;
    }
  | {
      readonly kind: 'Certificate';
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'Deployment' | 'StatefulSet' | 'Pod'; readonly namespace: string };

/**
 * Kubernetes, as far as the agent needs it. Every method throws {@link ApiError} and nothing else;
 * reads answer `undefined` for what is not there (404), never for what may not be read (403 throws).
 */
export interface Cluster {
  readSecret(namespace: string, name: string): Promise<StoredSecret | undefined>;
  readConfigMap(namespace: string, name: string): Promise<StoredConfigMap | undefined>;
  readCertificate(namespace: string, name: string): Promise<CertManagerCertificate | undefined>;
  /** The Certificates that carry all of these labels. */
  listCertificates(
    namespace: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<readonly CertManagerCertificate[]>;
  readExternalSecret(namespace: string, name: string): Promise<ExternalSecret | undefined>;
  listWorkloads(namespace: string): Promise<readonly Workload[]>;
  listPods(namespace: string): Promise<readonly Pod[]>;
  /** One server-side apply. Answers what is stored now. A lost precondition is an ApiError with reason `conflict`. */
  applySecret(intent: SecretIntent, precondition: Precondition): Promise<StoredSecret>;
  applyConfigMap(intent: ConfigMapIntent, precondition: Precondition): Promise<StoredConfigMap>;
  /** Deletes exactly this object; gone already is success. */
  deleteSecret(namespace: string, name: string, precondition: Precondition): Promise<void>;
  /** A merge patch of pod-template annotations only, bound to the workload's resourceVersion. */
  annotateTemplate(
    workload: WorkloadRef,
    annotations: Readonly<Record<string, string>>,
    precondition: Precondition,
  ): Promise<void>;
  /** Eviction through the API: respects PodDisruptionBudgets, bound to the pod's uid. */
  evict(namespace: string, pod: string, uid: string): Promise<void>;
  /** Sets the `Issuing` condition on a Certificate, as `cmctl renew` does. */
  requestIssuance(certificate: CertManagerCertificate, why: string, at: Instant): Promise<void>;
  emitEvent(event: KubernetesEvent): Promise<void>;
  /** Calls `onChange` whenever something may have changed, and after every reconnect. Restarts itself after any error, re-lists on 410. */
  watch(target: WatchTarget, onChange: () => void): Watched;
}

/**
 * What `migrate` asks beside: everything in a namespace, with its user's own rights. The agent in the pod is never given one.
 * Throws as {@link Cluster} does.
 */
export interface Inventory {
  listSecrets(namespace: string): Promise<readonly StoredSecret[]>;
  listConfigMaps(namespace: string): Promise<readonly StoredConfigMap[]>;
}

/** Leases, for those who take turns. Throws ApiError and nothing else. */
export interface Leases {
  readLease(namespace: string, name: string): Promise<StoredLease | undefined>;
  /**
   * Writes it whole, where it still is as it was read; `undefined`: it was not there.
   * @throws ApiError `conflict` where somebody else wrote in between
   */
  writeLease(intent: LeaseIntent, before: StoredLease | undefined): Promise<StoredLease>;
}

/** An object that `migrate` makes or has made; of a Secret never the data. */
export interface OwnObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export type OwnObjectPlace = Pick<OwnObject, 'apiVersion' | 'kind' | 'namespace' | 'name'>;

/** An object to be made: its manifest, and for a Secret the values that stand in no manifest. */
export interface OwnObjectIntent extends OwnObjectPlace {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly data: ReadonlyMap<string, SecretBytes>;
}

/**
 * The objects of a migration, with its user's own rights. The agent in the pod is never given one.
 * Throws as {@link Cluster} does, and RotatorError `refused` for a kind that no migration makes.
 */
export interface OwnObjects {
  read(place: OwnObjectPlace): Promise<OwnObject | undefined>;
  /** Makes it where nothing of that name is there; otherwise `conflict`. `rehearse`: the server checks everything and stores nothing. */
  make(intent: OwnObjectIntent, how: 'store' | 'rehearse'): Promise<void>;
  /** Deletes exactly the object with this uid. Gone already is success; another one of that name is `conflict`. */
  remove(place: OwnObjectPlace, uid: string): Promise<void>;
}

export interface KubernetesEvent {
  readonly namespace: string;
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly at: Instant;
}

/** Who a real call presents itself as. */
export type DialCredential =
  | { readonly as: 'nobody' }
  | { readonly as: 'stranger' }
  | {
      readonly as: 'leaf';
      readonly leaf: Fingerprint;
      readonly certificatePem: string;
      readonly key: SecretBytes;
    };

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** SNI and the name verified, where a pool is given. */
  readonly serverName: string;
}

export interface DialAnswer {
  readonly outcome: CallOutcome;
  readonly presented: Fingerprint | undefined;
  /** See {@link Call.selfMade}. */
  readonly selfMade?: true | undefined;
  readonly duration: Duration;
}

/** Makes one fresh connection (no session resumption) and one answered-or-refused call on it. Never throws. */
export interface Dialer {
  call(target: DialTarget, credential: DialCredential, timeout: Duration): Promise<DialAnswer>;
}

/** The small memory that can't be observed. One record an instance. */
export interface JournalStore {
  read(): Promise<JournalRecord>;
  /** Throws ApiError `conflict` where somebody else wrote in between. */
  write(record: JournalRecord): Promise<void>;
}

/** Where material comes from, as the engine sees it; `integrations/source.ts` has the whole interface. */
export interface MaterialSource {
  readonly describe: string;
  read(request: SourceRequest): Promise<SourceReading>;
  readonly issue: ((why: string, request: SourceRequest) => Promise<void>) | undefined;
}

/** Everything worth telling; traces, metrics, Events and log lines are made from it elsewhere. Never throws. */
export interface Reporter {
  tell(happening: Happening): void;
  /** Resolves when everything told so far was handed over, or could not be; never rejects. */
  flush(): Promise<void>;
}
