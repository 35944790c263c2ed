/**
 * Inputs for preflight: a default install with an instance that finds nothing to complain about, and changes to it.
 */
import { discover } from '../../../agent/argocd/discover.ts';
import { foundClients, type PreflightInput } from '../../../agent/diagnosis/input.ts';
import { FILE_KEYS } from '../../../agent/layout/files.ts';
import type { Material, MaterialReading } from '../../../agent/model/material.ts';
import { NO_POLICY } from '../../../agent/model/policy.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { InstanceSettings } from '../../../agent/model/settings.ts';
import type { StoredConfigMap, StoredSecret } from '../../../agent/model/stored.ts';
import { CLIENT_COMPONENTS } from '../../../agent/model/terms.ts';
import type { Pod, Workload } from '../../../agent/model/workload.ts';
import { publishedFiles } from '../../../agent/rotation/published.ts';
import { type Authority, type Identity, makeCa, makeLeaf } from '../pki/index.ts';
import { install } from './install.ts';
import { podsFor, STARTED } from './pods.ts';
import { withContainer } from './variants.ts';

const MINUTE = 60_000;

export const certificateSource = (certificate: string) =>
  ({ type: 'certManager', certificate, issuerCa: undefined, reissue: 'never' }) as const;

export const settings = (change: Partial<InstanceSettings> = {}): InstanceSettings => ({
  name: 'payments',
  namespace: 'argocd',
  mode: 'manage',
  labels: {},
  state: 'enabled',
  verification: 'on',
  layout: { type: 'shared', previous: undefined, keys: {}, names: {} },
  names: {
    mtlsSecret: 'argocd-repo-server-mtls',
    keys: FILE_KEYS,
    servingSecret: 'argocd-repo-server-tls',
    paramsConfigMap: 'argocd-cmd-params-cm',
    previousSecret: 'mtls-rotator-previous',
    pendingSecret: 'mtls-rotator-pending',
    journalConfigMap: 'mtls-rotator-journal',
    ordersConfigMap: 'mtls-rotator-orders',
    workloads: {},
  },
  clients: { default: certificateSource('repo-client'), byComponent: {} },
  serving: certificateSource('repo-serving'),
  adopt: 'never',
  evictions: 'never',
  distrust: 'immediately',
  timing: {
    propagationWait: 3 * MINUTE,
    mountMargin: MINUTE,
    settle: 0,
    rolloutDeadline: 10 * MINUTE,
    callTimeout: 5_000,
    proofInterval: 60 * MINUTE,
    previousLeafMaximum: 60 * MINUTE,
    retry: MINUTE,
    retryMaximum: 10 * MINUTE,
  },
  budget: { restarts: 10, window: 60 * MINUTE },
  policy: NO_POLICY,
  ...change,
});

const object = (name: string) => ({
  namespace: 'argocd',
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  createdAt: STARTED,
  labels: {},
  annotations: {},
  immutable: false,
  owners: [],
  ownerReferences: [],
});

export const storedSecret = (
  name: string,
  data: Readonly<Record<string, string>> = {},
  change: Partial<StoredSecret> = {},
): StoredSecret => ({
  ...object(name),
  type: 'Opaque',
  data: new Map(Object.entries(data).map(([key, value]) => [key, SecretBytes.of(value)])),
  ...change,
});

export const storedParams = (
  data: Readonly<Record<string, string>>,
  change: Partial<StoredConfigMap> = {},
): StoredConfigMap => ({ ...object('argocd-cmd-params-cm'), data, ...change });

export const ready = (identity: Identity, ...anchors: readonly Authority[]): MaterialReading => {
  const material: Material = {
    source: 'test source',
    version: '1',
    leaf: identity.leaf,
    anchors: anchors.map(({ certificate }) => certificate),
    upcomingAnchors: [],
  };
  return { state: 'ready', material, changedAt: undefined };
};

const ca = makeCa();
/** One CA, a client leaf, and a serving leaf made out to what the default install dials. */
export const IDENTITIES = {
  ca,
  client: makeLeaf(ca),
  serving: makeLeaf(ca, { dns: ['argocd-repo-server'] }),
} as const;

export interface InputParts {
  readonly workloads?: readonly Workload[];
  readonly pods?: readonly Pod[];
  readonly settings?: Partial<InstanceSettings>;
  readonly params?: StoredConfigMap;
  readonly mtls?: StoredSecret;
  /** Secrets of one client each. */
  readonly clients?: readonly StoredSecret[];
  readonly servingSecret?: StoredSecret;
  /** `null`: no source is configured, and none answers. */
  readonly serving?: MaterialReading | null;
}

/** The default install with the two things that preflight always has to say about it mended: preStop, and Recreate. */
export const healthyInstall = (): readonly Workload[] =>
  install().map((workload) => ({
    ...withContainer(workload, () => ({ preStop: 6 })),
    strategy: { type: 'RollingUpdate', partition: 0 } as const,
  }));

export function inputOf(parts: InputParts = {}): PreflightInput {
  const workloads = parts.workloads ?? healthyInstall();
  const pods = parts.pods ?? workloads.flatMap(podsFor);
  const used = settings({ ...(parts.serving === null && { serving: undefined }), ...parts.settings });
  const discovery = discover(workloads, pods, parts.params?.data ?? {}, used.names);
  const stored = {
    mtls: parts.mtls,
    clients: new Map((parts.clients ?? []).map((secret) => [secret.name, secret])),
    serving: parts.servingSecret,
    params: parts.params,
  };
  return {
    settings: used,
    discovery,
    at: STARTED,
    clientMaterials: [
      {
        role: 'default',
        components: CLIENT_COMPONENTS,
        reading: ready(IDENTITIES.client, ca),
        canReissue: 'no',
      },
    ],
    serving: parts.serving === null ? undefined : (parts.serving ?? ready(IDENTITIES.serving, ca)),
    published: publishedFiles(stored, used, foundClients({ discovery })),
    stored,
  };
}

/** The healthy install with one component's workload changed. */
export const changed = (name: string, change: (workload: Workload) => Workload): readonly Workload[] =>
  healthyInstall().map((workload) => (workload.ref.name === name ? change(workload) : workload));
