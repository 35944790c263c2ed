/**
 * One reporter that tells many.
 *
 * **Invariant:** telling never throws and never keeps another listener from being told.
 */
import type { Happening } from '../model/happening.ts';
import type { Reporter } from '../ports.ts';

/** @param onTrouble told where a reporter threw; may throw itself without effect */
export const fanOut = (
  reporters: readonly Reporter[],
  onTrouble: (error: unknown, happening: Happening) => void = () => undefined,
): Reporter => ({
  tell: (happening) => {
    for (const reporter of reporters) {
      try {
        reporter.tell(happening);
      } catch (error) {
        try {
          onTrouble(error, happening);
        } catch {
          // Nobody is left to tell.
        }
      }
    }
  },
  flush: async () => {
    await Promise.allSettled(reporters.map(async (reporter) => reporter.flush()));
  },
});
