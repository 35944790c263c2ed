/**
 * What `migrate look` found around one Argo CD: certificates, keys and bundles under any name, who mounts them, and who else writes there.
 *
 * **Invariant:** plain data that can be printed as JSON or YAML as it is; of a private key there is its kind and the fingerprint of its public part.
 */
import type { Fingerprint, KeyFingerprint } from './fingerprint.ts';
import type { FileOrigin } from './mounts.ts';
import type { Finding } from './plan.ts';
import type { Component } from './terms.ts';
import type { WorkloadRef } from './workload.ts';

export type ObjectKind = 'Secret' | 'ConfigMap';

/** One object that may hold certificates. */
export interface ObjectPlace {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
}

/** One key of one object. */
export interface KeyPlace extends ObjectPlace {
  readonly key: string;
}

/** `Secret/argocd/repo-tls`. */
export const objectPlaceText = ({ kind, namespace, name }: ObjectPlace): string =>
  `${kind}/${namespace}/${name}`;

/** `Secret/argocd/repo-tls/tls.crt`: how places are printed, and what `--root` takes. */
export const keyPlaceText = (place: KeyPlace): string => `${objectPlaceText(place)}/${place.key}`;

/** What a certificate is. A CA that signed itself is a root, whatever it is called. */
export type CertificateClass = 'root' | 'intermediate' | 'leaf';

/** What a leaf may be used for by its usages; a leaf without usages may be used for both. */
export type LeafUse = 'client' | 'serving';

/** What is to be known about a certificate before it is used; each is explained by a finding. */
export const CERTIFICATE_REMARKS = [
  'expired',
  'not-yet-valid',
  'expires-soon',
  /** Names nothing but a common name, which Go ignores. */
  'cn-only',
  /** Its issuer is none of the certificates that were found. */
  'issuer-not-found',
  'weak',
] as const;
export type CertificateRemark = (typeof CERTIFICATE_REMARKS)[number];

export interface FoundCertificate {
  readonly fingerprint: Fingerprint;
  readonly keyFingerprint: KeyFingerprint;
  readonly class: CertificateClass;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Empty for CAs. */
  readonly uses: readonly LeafUse[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** `rsa 2048`, `ec P-256`. */
  readonly key: string;
  /** Every place where it stands; several are duplicates of each other. */
  readonly places: readonly KeyPlace[];
  /** Where its private key stands; empty: not found. */
  readonly keyPlaces: readonly KeyPlace[];
  /** Certificates that were found and signed it: by signature, not by name. */
  readonly signedBy: readonly Fingerprint[];
  /** The roots above it, itself where it is one; empty where the chain ends before. */
  readonly roots: readonly Fingerprint[];
  /** The remarks are in the order of {@link CERTIFICATE_REMARKS}. */
  readonly remarks: readonly CertificateRemark[];
}

export interface FoundKey {
  /** Of its public part; `undefined` where it can't be opened. */
  readonly keyFingerprint: KeyFingerprint | undefined;
  /** `rsa 2048`; `unknown` where it can't be opened. */
  readonly kind: string;
  /** `alone`: it fits none of the certificates that were found. */
  readonly state: 'matched' | 'alone' | 'encrypted' | 'unreadable';
  readonly places: readonly KeyPlace[];
  /** The certificates that it belongs to. */
  readonly certificates: readonly Fingerprint[];
  /** It stands in a ConfigMap, for more people to read than a key should. */
  readonly exposed: boolean;
}

/** A value with several certificates: a chain (a leaf with what is above it) or a bundle (CAs only). */
export interface FoundBundle {
  readonly place: KeyPlace;
  readonly kind: 'chain' | 'bundle';
  readonly members: readonly Fingerprint[];
}

/** A value that holds certificates in a form that can't be looked into here. */
export interface FoundStore {
  readonly place: KeyPlace;
  readonly form: 'PKCS#12' | 'JKS' | 'damaged PEM';
  readonly why: string;
}

/** An object in which something was found, or that Argo CD mounts. */
export interface FoundObject {
  readonly place: ObjectPlace;
  /** A Secret's type. */
  readonly type: string | undefined;
  /** The keys of it that hold certificates or private keys. */
  readonly keys: readonly string[];
  /** What it is for where that is known and is not repo-server mTLS: such objects are shown and never chosen from. */
  readonly otherPurpose: string | undefined;
  /** Who writes it by the marks on it: `cert-manager (Certificate repo-tls)`. */
  readonly owner: string | undefined;
  /** Controllers that hold it by owner reference. */
  readonly ownerReferences: readonly { readonly kind: string; readonly name: string }[];
  /** Field managers of its data. */
  readonly managers: readonly string[];
  readonly mountedBy: readonly Component[];
}

/** A file of repo-server mTLS as one component opens it. */
export interface FoundFile {
  readonly file:
    | 'client-ca'
    | 'client-certificate'
    | 'client-key'
    | 'server-ca'
    | 'serving-certificate'
    | 'serving-key';
  /** Absolute path in the container. */
  readonly path: string;
  readonly origin: FileOrigin;
}

/** A volume with a Secret or ConfigMap that holds certificates, and where a component mounts it. */
export interface FoundMount {
  readonly volume: string;
  readonly object: ObjectPlace;
  readonly paths: readonly string[];
  /** Pods start without the object as well. */
  readonly optional: boolean;
  /** It is not one of the volumes of Argo CD's own manifests, or shows another object than theirs. */
  readonly custom: boolean;
}

export interface FoundComponent {
  readonly component: Component;
  readonly workload: WorkloadRef;
  /** `v3.6.1`; `undefined` where it can't be told. */
  readonly version: string | undefined;
  /** Who puts the workload back as it wants it, by the marks on it: Git, Helm, an operator. */
  readonly keptBy: string | undefined;
  readonly hasMtls: 'yes' | 'no' | 'unknown';
  readonly files: readonly FoundFile[];
  readonly mounts: readonly FoundMount[];
  /** Clients: how it verifies repo-server. */
  readonly verifies: 'plaintext' | 'ca-path' | 'strict-tls' | 'none' | undefined;
  /** Clients: the name by which it dials repo-server. */
  readonly dials: string | undefined;
  readonly mesh: readonly { readonly mesh: string; readonly name: string; readonly fact: string }[];
  readonly restarters: readonly { readonly program: string; readonly annotation: string }[];
}

/** A cert-manager Certificate of the instance's namespace. */
export interface FoundIssuance {
  readonly certificate: string;
  readonly secretName: string;
  readonly issuer: { readonly kind: string; readonly name: string; readonly group: string };
}

export interface MigrationFindings {
  readonly version: 1;
  readonly namespace: string;
  /** Namespaces whose Secrets and ConfigMaps were looked through; the instance's is the first. */
  readonly searched: readonly string[];
  /** RFC 3339: what "soon" and "expired" are measured from. */
  readonly at: string;
  /** `absent`: the API server doesn't know cert-manager's Certificates. `unknown`: they may not be listed. */
  readonly certManager: 'present' | 'absent' | 'unknown';
  readonly issuances: readonly FoundIssuance[];
  readonly components: readonly FoundComponent[];
  readonly objects: readonly FoundObject[];
  readonly certificates: readonly FoundCertificate[];
  readonly keys: readonly FoundKey[];
  readonly bundles: readonly FoundBundle[];
  readonly stores: readonly FoundStore[];
  /** Values with base64 put on once too often: whoever mounts them reads base64, not PEM. */
  readonly wrapped: readonly KeyPlace[];
  /** What is wrong, or has to be known; blocking ones keep a plan from being made. */
  readonly problems: readonly Finding[];
}
