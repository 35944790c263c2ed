/**
 * Every source that there is, one line each.
 *
 * **Invariant:** nothing outside this folder names a source's own file.
 */
import type { SourceSpec } from '../agent/model/settings.ts';
import { CertManagerSource } from './cert-manager/source.ts';
import type { Source, SourceContext } from './source.ts';

const SOURCES: {
  readonly [T in SourceSpec['type']]: (spec: SourceSpec & { type: T }, context: SourceContext) => Source;
} = {
  certManager: (spec, context) => new CertManagerSource(spec, context),
};

export const createSource = (spec: SourceSpec, context: SourceContext): Source =>
  SOURCES[spec.type](spec, context);
