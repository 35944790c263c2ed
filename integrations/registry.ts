/**
 * Every kind of source that there is, one line each, and the sources of one instance.
 *
 * **Invariant:** nothing outside this folder names a source's own file.
 */
import type { InstanceSettings, SourceSpec } from '../agent/model/settings.ts';
import { pendingSecretOf, type RoleOfSource, sourceRoles } from '../agent/model/source-role.ts';
import type { Clock, Cluster } from '../agent/ports.ts';
import { CertManagerSource } from './cert-manager/source.ts';
import type { Source, SourceContext } from './source.ts';

const SOURCES: {
  readonly [T in SourceSpec['type']]: (
    spec: Extract<SourceSpec, { type: T }>,
    context: SourceContext,
  ) => Source;
} = {
  certManager: (spec, context) => new CertManagerSource(spec, context),
};

export const createSource = (spec: SourceSpec, context: SourceContext): Source =>
  SOURCES[spec.type](spec, context);

export interface InstanceSource extends RoleOfSource {
  readonly source: Source;
}

/** What every source of an instance works with. */
export interface SourceOutside {
  readonly cluster: Cluster;
  readonly clock: Clock;
}

/** The sources of one instance, each with what it is for. */
export const createSources = (
  settings: InstanceSettings,
  { cluster, clock }: SourceOutside,
): readonly InstanceSource[] =>
  sourceRoles(settings).map((role) => ({
    ...role,
    source: createSource(role.spec, {
      cluster,
      clock,
      namespace: settings.namespace,
      purpose: role.purpose,
      pendingSecret: pendingSecretOf(settings, role.role),
    }),
  }));
