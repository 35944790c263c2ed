/**
 * What a look at an instance says beside its plan.
 *
 * **Invariant:** derived from the happening alone; consumers decide whether it is news.
 */
import type { Happening } from '../model/happening.ts';

/** The happening itself, and what preflight found where it is worth a word. */
export const expand = (happening: Happening): readonly Happening[] => {
  if (happening.type !== 'observed') return [happening];
  const findings = happening.plan.findings.filter((finding) => finding.severity !== 'info');
  const { instance, at } = happening;
  return [happening, { type: 'found', instance, at, findings }];
};
