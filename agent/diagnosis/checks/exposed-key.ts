/**
 * Private keys where more people read them than should.
 */
import type { MaterialReading } from '../../model/material.ts';
import type { Finding } from '../../model/plan.ts';
import type { Check } from '../input.ts';

const warningsOf = (reading: MaterialReading | undefined): readonly Finding[] =>
  reading?.state !== 'ready'
    ? []
    : (reading.warnings ?? []).map(
        ({ code, what, next }): Finding => ({
          code,
          severity: 'warning',
          about: reading.material.source,
          what,
          effect: 'Calls are not affected; what the certificate protects is.',
          next,
          patch: undefined,
        }),
      );

export const exposedKey: Check = ({ clientMaterials, serving }) =>
  [...clientMaterials.map(({ reading }) => reading), serving].flatMap(warningsOf);
