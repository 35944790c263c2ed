/**
 * What can be said of a restart that was asked for: the words of {@link import('./health.ts').rolloutHealth}.
 *
 * **Invariant:** `healthy` is the only word that lets the next step begin.
 */
import type { RolloutState } from '../model/observation.ts';
import type { Instant } from '../model/terms.ts';

/** What a rollout waits for. */
export type Awaited = 'controller' | 'replacement' | 'termination' | 'readiness';

/** Why a rollout counts as failed. */
export type FailureCode = 'deadline' | 'progress-deadline' | 'image-pull' | 'container-config' | 'crash-loop';

export type NamedState = 'on-delete' | 'partition' | 'paused';

export type RolloutVerdict =
  /** The template doesn't carry this intent: never asked, or taken away by somebody. */
  | { readonly state: 'not-asked' }
  | {
      readonly state: 'progressing';
      readonly awaits: Awaited;
      /** For people: `2 of 3 pods replaced`. */
      readonly sentence: string;
      readonly since: Instant;
      /** When it will count as failed. */
      readonly until: Instant;
    }
  /** Everything is as it should be, but not for long enough yet. */
  | { readonly state: 'settling'; readonly since: Instant; readonly until: Instant }
  /** `since`: when the youngest pod got ready (without pods: when the restart was asked for). */
  | { readonly state: 'healthy'; readonly since: Instant }
  | {
      readonly state: 'failed';
      readonly reason: FailureCode;
      readonly what: string;
      readonly effect: string;
      readonly next: string;
    }
  /** Everything that the strategy replaces by itself has been; these pods it leaves. */
  | {
      readonly state: 'named-state';
      readonly name: NamedState;
      readonly oldPods: readonly string[];
      readonly what: string;
      readonly effect: string;
      readonly next: string;
    };

/** The verdict as an observation carries it. */
export const asRolloutState = (verdict: RolloutVerdict): RolloutState => {
  switch (verdict.state) {
    case 'not-asked':
    case 'healthy':
      return { state: 'idle' };
    case 'progressing':
      return { state: 'progressing', what: verdict.sentence, since: verdict.since, until: verdict.until };
    case 'settling':
      return { state: 'settling', until: verdict.until };
    case 'failed':
      return { state: 'failed', what: verdict.what, effect: verdict.effect, next: verdict.next };
    case 'named-state':
      return {
        state: 'named-state',
        what: verdict.what,
        next: verdict.next,
        oldPods: verdict.oldPods,
      };
  }
};
