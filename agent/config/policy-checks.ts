/**
 * What windows and freezes come to together: a kind of change that could never begin.
 *
 * **Invariant:** dated freezes are over some day, so they alone are no problem of a file; `plan` says what they hold and until when.
 */
import { POLICY_CLASSES, type PolicyClass } from '../model/policy.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { opening } from '../policy/calendar.ts';
import type { Clash } from './checks.ts';

/** Any would do: what recurs does so from everywhere. */
const SOME_MOMENT = Date.UTC(2026, 0, 1);

/** Classes for which windows and recurring freezes leave no moment at all. */
export const neverOpen = ({
  policy,
  serving,
}: Pick<InstanceSettings, 'policy' | 'serving'>): readonly Clash[] => {
  const recurring = {
    windows: policy.windows,
    freezes: policy.freezes.filter(({ kind }) => kind === 'recurring'),
  };
  if (recurring.windows.length + recurring.freezes.length === 0) return [];
  /** Classes with the same windows have the same answer, and looking far ahead takes its time. */
  const known = new Map<string, boolean>();
  const never = (classes: readonly PolicyClass[]): boolean => {
    const key = classes
      .map((each) =>
        recurring.windows
          .map((window) => (window.classes.length === 0 || window.classes.includes(each) ? 1 : 0))
          .join(''),
      )
      .join(' ');
    const answer = known.get(key) ?? opening(recurring, classes, SOME_MOMENT) === undefined;
    known.set(key, answer);
    return answer;
  };
  const alone = POLICY_CLASSES.filter((changeClass) => never([changeClass]));
  const allowed = 'windows and freezes that leave a moment at which a change may begin';
  if (alone.length > 0) {
    const every = alone.length === POLICY_CLASSES.length ? 'any change' : alone.join(', ');
    return [{ path: ['policy'], found: `no moment for ${every}: every window is frozen`, allowed }];
  }
  return serving !== undefined && never(['client-ca', 'server-ca'])
    ? [
        {
          path: ['policy', 'windows'],
          found: 'no moment for client-ca and server-ca at once',
          allowed: 'windows of both that overlap at times: a root that both are under changes both',
        },
      ]
    : [];
};
