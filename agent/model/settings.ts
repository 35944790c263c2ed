/**
 * One instance's configuration after validation and defaults: what the rest of the agent works from. Read from YAML by `config/`.
 */
import type { FilesSpec } from './files-spec.ts';
import type { ConfigMapSpec, ExternalSecretSpec, KeyReference, SecretSpec } from './object-spec.ts';
import type { Policy } from './policy.ts';
import type { FileKeys } from './slot.ts';
import type { ClientName } from './source-role.ts';
import type { ClientComponent, Component, Duration, Mode } from './terms.ts';
import type { VaultKvSpec, VaultPkiSpec } from './vault-spec.ts';

/** Where a leaf and its anchors come from: one member for each kind of source in `integrations/registry.ts`. */
export type SourceSpec =
  | CertManagerSpec
  | VaultPkiSpec
  | VaultKvSpec
  | SecretSpec
  | ConfigMapSpec
  | ExternalSecretSpec
  | FilesSpec;

export interface CertManagerSpec {
  readonly type: 'certManager';
  /** Name of the Certificate in the instance's namespace; `undefined`: the one that carries `labels`. */
  readonly certificate: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Name of its Secret, for the Role; `undefined`: the Certificate's own. What the Certificate says counts. */
  readonly secret?: string | undefined;
  /** Where the CA stands; `undefined`: in `ca.crt` of the Certificate's Secret. */
  readonly ca?: KeyReference | undefined;
  /**
   * Secret (and key) that holds the issuer's present CA certificate. Needed only to notice a CA that was replaced before the leafs
   * were issued anew. Reading a CA Secret gives access to the CA's key: point it at a copy without the key where you can.
   */
  readonly issuerCa: { readonly secret: string; readonly key: string } | undefined;
  /** `when-ca-replaced`: set the Issuing condition once the new CA is trusted everywhere. */
  readonly reissue: 'never' | 'when-ca-replaced';
}

/**
 * Which Secret keys the material becomes. `shared`: one pair for all clients. `keys`: a pair for each client in the one Secret (Option A
 * of Argo CD's documentation). `secrets`: a Secret for each client (Option B).
 */
export const LAYOUT_TYPES = ['shared', 'keys', 'secrets'] as const;
export type LayoutType = (typeof LAYOUT_TYPES)[number];

export interface InstanceSettings {
  readonly name: string;
  readonly namespace: string;
  readonly mode: Mode;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether repo-server shall require client certificates. */
  readonly state: 'enabled' | 'disabled';
  /** `keep`: clients verify the server or don't, as they are. `on`: the agent sets the CA paths in `argocd-cmd-params-cm`. */
  readonly verification: 'keep' | 'on';
  readonly layout: {
    readonly type: LayoutType;
    /** The layout that workloads may still be on: its places are kept up to date until no pod reads them, then emptied. */
    readonly previous: LayoutType | undefined;
    /** `keys`: beginning of the two key names, by client. */
    readonly keys: Readonly<Partial<Record<ClientName, string>>>;
    /** `secrets`: name of the Secret, by client. */
    readonly names: Readonly<Partial<Record<ClientName, string>>>;
  };
  readonly names: {
    readonly mtlsSecret: string;
    /** Names of the keys in the mtls Secret and, for `secrets`, in each client's own. */
    readonly keys: FileKeys;
    readonly servingSecret: string;
    readonly paramsConfigMap: string;
    /** The agent's own: the previous leaf, kept to prove its refusal. */
    readonly previousSecret: string;
    /** Beginning of the names of the agent's own Secrets in which sources that issue keep a pair until it is published. */
    readonly pendingSecret: string;
    /** The agent's own: journal and status. */
    readonly journalConfigMap: string;
    /** People's: approvals and pauses as annotations. The agent only reads it. */
    readonly ordersConfigMap: string;
    /** Workload names, where they are not found by label or default name. */
    readonly workloads: Readonly<Partial<Record<Component, string>>>;
  };
  readonly clients: {
    readonly default: SourceSpec;
    /** Clients with a source, and so a certificate, of their own. */
    readonly byComponent: Readonly<Partial<Record<ClientComponent, SourceSpec>>>;
  };
  readonly serving: SourceSpec | undefined;
  /** `never`: a hand-made Secret or other managers' fields are a named hold. */
  readonly adopt: 'never' | 'existing';
  /** What may be done about pods that a rollout doesn't replace (`OnDelete`, `partition`). */
  readonly evictions: 'never' | 'allowed';
  /** When the restart that makes repo-server forget an old CA takes place. */
  readonly distrust: 'immediately' | 'with-next-restart';
  readonly timing: Timing;
  readonly budget: { readonly restarts: number; readonly window: Duration };
  /** When, and with whose approval, it may be changed. */
  readonly policy: Policy;
}

export interface Timing {
  /** From a confirmed write until every running pod is presumed to see it. */
  readonly propagationWait: Duration;
  /** From a confirmed write until a new pod's mount is presumed to hold it (kubelet's cache). */
  readonly mountMargin: Duration;
  /** How long a rolled workload must have been healthy before the next step. */
  readonly settle: Duration;
  readonly rolloutDeadline: Duration;
  readonly callTimeout: Duration;
  /** Age at which the last proof is taken again. */
  readonly proofInterval: Duration;
  /** How long the previous leaf is kept at most. */
  readonly previousLeafMaximum: Duration;
  /** Delay before a failed step is tried again; doubles up to `retryMaximum`. */
  readonly retry: Duration;
  readonly retryMaximum: Duration;
}

export interface RotatorSettings {
  readonly instances: readonly InstanceSettings[];
  /** node-cron expression of the sweep that catches what a watch missed. */
  readonly sweep: string;
  readonly http: { readonly host: string; readonly port: number };
}
