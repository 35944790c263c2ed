/**
 * Every kind of source that there is, one line each, and the sources of one instance.
 *
 * **Invariant:** nothing outside this folder names a source's own file.
 */
import type { InstanceSettings, SourceSpec } from '../agent/model/settings.ts';
import { pendingSecretOf, type RoleOfSource, sourceRoles } from '../agent/model/source-role.ts';
import type { Clock, Cluster } from '../agent/ports.ts';
import { CertManagerSource } from './cert-manager/source.ts';
import { ExternalSecretSource } from './external-secrets/source.ts';
import { FilesSource } from './files/source.ts';
import { type Mounts, realMounts } from './mounted/mounts.ts';
import { paced } from './paced.ts';
import type { Source, SourceContext } from './source.ts';
import { StaticSource } from './static/source.ts';
import { createVaults, type Vaults, type VaultsOutside } from './vault/connections.ts';
import { VaultKvSource } from './vault/kv-source.ts';
import { VaultPkiSource } from './vault/pki-source.ts';

type Make<S extends SourceSpec> = (spec: S, context: SourceContext, connections: Connections) => Source;

const SOURCES: { readonly [T in SourceSpec['type']]: Make<Extract<SourceSpec, { type: T }>> } = {
  certManager: (spec, context) => new CertManagerSource(spec, context),
  vaultPki: (spec, context, { vaults }) => new VaultPkiSource(spec, context, vaults.of(spec.connection)),
  secret: (spec, context) => new StaticSource(spec, context),
  configMap: (spec, context) => new StaticSource(spec, context),
  externalSecret: (spec, context) => new ExternalSecretSource(spec, context),
  files: (spec, _, { mounts }) => new FilesSource(spec, mounts),
  vaultKv: (spec, context, { vaults }) => new VaultKvSource(spec, context, vaults.of(spec.connection)),
};

/** What the sources of all instances share: logins, connections, back-off, the file system. One for the process. */
export interface Connections {
  readonly vaults: Vaults;
  readonly mounts: Mounts;
}

export const createConnections = (outside: VaultsOutside): Connections => ({
  vaults: createVaults(outside),
  mounts: realMounts(outside.clock),
});

/** For whoever has only sources that share nothing. */
const NO_CONNECTIONS: Connections = {
  vaults: {
    of: ({ name }) => {
      throw new Error(`the source of connection ${name} was made without connections`);
    },
  },
  get mounts(): Mounts {
    throw new Error('a source of files was made without connections');
  },
};

export const createSource = (
  spec: SourceSpec,
  context: SourceContext,
  connections: Connections = NO_CONNECTIONS,
): Source => (SOURCES[spec.type] as Make<SourceSpec>)(spec, context, connections);

export interface InstanceSource extends RoleOfSource {
  readonly source: Source;
}

/** What every source of an instance works with. */
export interface SourceOutside {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly connections?: Connections;
}

/** The sources of one instance, each with what it is for. */
export const createSources = (
  settings: InstanceSettings,
  { cluster, clock, connections }: SourceOutside,
): readonly InstanceSource[] =>
  sourceRoles(settings).map((role) => ({
    ...role,
    source: paced(
      createSource(
        role.spec,
        {
          cluster,
          clock,
          namespace: settings.namespace,
          purpose: role.purpose,
          pendingSecret: pendingSecretOf(settings, role.role),
        },
        connections,
      ),
      clock,
    ),
  }));
