/**
 * What sources say of themselves: keys where more people read them than should, changes that are noticed late.
 */
import type { MaterialReading, SourceWarning } from '../../model/material.ts';
import type { Finding } from '../../model/plan.ts';
import type { Check } from '../input.ts';

const EFFECT: Readonly<Record<SourceWarning['code'], string>> = {
  'exposed-key': 'Calls are not affected; what the certificate protects is.',
  'readable-key': 'Calls are not affected; whoever gets into the container has the key.',
  'files-unwatched': 'Calls are not affected; a change is noticed later.',
};

const warningsOf = (reading: MaterialReading | undefined): readonly Finding[] =>
  reading?.state !== 'ready'
    ? []
    : (reading.warnings ?? []).map(
        ({ code, what, next }): Finding => ({
          code,
          severity: 'warning',
          about: reading.material.source,
          what,
          effect: EFFECT[code],
          next,
          patch: undefined,
        }),
      );

export const sourceWarnings: Check = ({ clientMaterials, serving }) =>
  [...clientMaterials.map(({ reading }) => reading), serving].flatMap(warningsOf);
