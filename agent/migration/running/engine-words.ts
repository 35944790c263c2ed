/**
 * What the engine tells during its turns, as far as somebody who migrates wants to know it.
 */
import type { Happening } from '../../model/happening.ts';
import type { Hold } from '../../model/plan.ts';
import type { Instant } from '../../model/terms.ts';

export interface EngineWords {
  /** What it did: one sentence each. */
  readonly notes: readonly string[];
  /** What it waits for inside a step. */
  readonly waiting: { readonly text: string; readonly until: Instant | undefined } | undefined;
  readonly held: Hold | undefined;
}

const noteOf = (happening: Happening): readonly string[] => {
  switch (happening.type) {
    case 'published':
      return [`published ${happening.object}`];
    case 'restart-asked':
      return [`restarts ${happening.workload}: ${happening.reason}`];
    case 'proof':
      return [
        `called ${happening.proof.pods} repo-server pods: ${happening.proof.result}, ${happening.proof.detail}`,
      ];
    default:
      return [];
  }
};

export const engineWords = (happenings: readonly Happening[]): EngineWords => {
  const held = happenings.findLast((happening) => happening.type === 'held');
  const progress = happenings.findLast((happening) => happening.type === 'step-progress');
  return {
    notes: happenings.flatMap(noteOf),
    held: held?.type === 'held' ? held.hold : undefined,
    waiting:
      progress?.type === 'step-progress' ? { text: progress.note.text, until: progress.until } : undefined,
  };
};
