/**
 * How one lane of the pairwise run goes through its cells: an instance with three sources for its four clients, and one for repo-server.
 */
import type { KubeObject } from '../harness/api.ts';
import type { Change, InstanceConfig, Lane } from './lane.ts';
import { cellsOf, enabling, type PairCell, type PairLane, sealing } from './pair-cases.ts';
import {
  certManagerWithVault,
  configMap,
  externalSecret,
  type Place,
  type SourceKind,
  staticSecret,
  vaultKv,
} from './source-kinds.ts';
import { vaultPkiOnRequest } from './vault-pki-on-request.ts';

const CONNECTION = 'by-account';

/** Of one lane, below Vault's root. */
const mountsOf = (namespace: string) => ({
  pki: `${namespace}-pki`,
  kv: `${namespace}-kv`,
  external: `${namespace}-external`,
  certManager: `${namespace}-cert-manager`,
  serving: `${namespace}-serving`,
  elsewhere: `${namespace}-serving-elsewhere`,
});

export const everyMountOf = (namespace: string): readonly string[] => Object.values(mountsOf(namespace));

/** What the agent may do in Vault for a lane: paths and capabilities. */
export const rulesOf = (namespace: string) => {
  const { pki, kv, serving, elsewhere } = mountsOf(namespace);
  const engines = [pki, serving, elsewhere].flatMap((mount) => [
    [`${mount}/sign/+`, ['create', 'update'] as const] as const,
    [`${mount}/roles/+`, ['read'] as const] as const,
    [`${mount}/issuers`, ['list'] as const] as const,
    [`${mount}/issuer/+/json`, ['read'] as const] as const,
  ]);
  return Object.fromEntries([
    ...engines,
    [`${kv}/data/argocd/*`, ['read'] as const] as const,
    [`${kv}/metadata/argocd/*`, ['read'] as const] as const,
  ]);
};

export interface PairCourse {
  readonly prepare: () => Promise<void>;
  /** Not touched yet: what mTLS is enabled with comes with the first change. */
  readonly before: InstanceConfig;
  readonly enabled: Change;
  readonly sealed: Change;
  readonly cells: readonly Change[];
}

export const pairCourse = (
  place: Place,
  lane: Lane,
  table: PairLane,
  sealVaultForAWhile: () => Promise<void>,
): PairCourse => {
  const { namespace } = place;
  const mounts = mountsOf(namespace);
  const configure = (): Promise<void> => lane.configure(instance());
  const issued = (name: string, mount: string, role: string): SourceKind =>
    vaultPkiOnRequest(place, { name, connection: CONNECTION, mount, role, configure });
  const all = [
    issued('Vault PKI', mounts.pki, 'client'),
    vaultKv(place, CONNECTION, mounts.kv),
    externalSecret(place, mounts.external, mounts.external),
    staticSecret(place),
    configMap(place),
    certManagerWithVault(place, mounts.certManager),
  ];
  const named = (wanted: string): SourceKind => {
    const kind = all.find(({ name }) => name === wanted);
    if (kind === undefined) throw new Error(`no such source: ${wanted}`);
    return kind;
  };
  const [first, second, third] = table.sources;
  const clients = { default: named(first), controller: named(second), applicationset: named(third) };
  const serving = issued('serving', mounts.serving, 'repo-server');
  const elsewhere = {
    client: staticSecret(place, 'repo-client-elsewhere'),
    serving: issued('serving', mounts.elsewhere, 'repo-server'),
  };
  let now: { readonly default: SourceKind; readonly serving: SourceKind } = {
    default: clients.default,
    serving,
  };
  const clientSources = () => ({
    default: now.default.source,
    controller: clients.controller.source,
    applicationset: clients.applicationset.source,
  });
  const layout = { type: table.layout };
  const instance = (): InstanceConfig => ({
    layout,
    clients: clientSources(),
    serving: now.serving.source,
    verification: 'on',
  });
  const triggerOf = ({ source, changeClass }: PairCell): (() => Promise<unknown>) => {
    switch (changeClass) {
      case 'leaf':
        return () => named(source).renew();
      case 'client-ca':
        return () => named(source).replaceCa();
      case 'serving':
        return () => serving.renew();
      case 'server-ca':
        return () => serving.replaceCa();
      case 'both':
        return async () => {
          now = { default: elsewhere.client, serving: elsewhere.serving };
          await configure();
        };
    }
  };
  /** What the agent has published, by version. */
  const published = async (): Promise<string> => {
    const secrets = await place.api.list<KubeObject>(`/api/v1/namespaces/${namespace}/secrets`);
    return secrets
      .filter(({ metadata }) => metadata.name.startsWith('argocd-repo-server-'))
      .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
      .sort()
      .join(', ');
  };
  return {
    prepare: async () => {
      const movesElsewhere = table.cells.some(([, changeClass]) => changeClass === 'both');
      const kinds = [...Object.values(clients), serving, ...(movesElsewhere ? Object.values(elsewhere) : [])];
      for (const { prepare } of kinds) await prepare();
    },
    before: { layout, clients: clientSources(), state: 'disabled' },
    enabled: { change: enabling(table).change, trigger: configure, seconds: 420 },
    sealed: {
      change: sealing(table).change,
      trigger: async () => {
        const before = await published();
        await sealVaultForAWhile();
        const after = await published();
        if (after !== before) throw new Error(`written while Vault was sealed: ${before}; now ${after}`);
      },
      seconds: 120,
      rotations: 'none',
    },
    cells: cellsOf(table).map((cell) => ({ change: cell.change, trigger: triggerOf(cell), seconds: 540 })),
  };
};
