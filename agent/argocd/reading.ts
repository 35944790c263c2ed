/**
 * Questions to the facts table, as the planner asks them.
 *
 * **Invariant:** every answer is looked up in `FACTS`; a question about a row that isn't there is an error, never a guess.
 */
import { RotatorError } from '../model/errors.ts';
import type { ClientMounts, FileOrigin } from '../model/mounts.ts';
import type { FileRole } from '../model/plan.ts';
import type { ClientComponent, Component } from '../model/terms.ts';
import type { FileEvent, Outcome } from './behaviours.ts';
import { FACTS, type Fact, type ReadingTime } from './facts.ts';

/** How the kubelet treats the mount a file comes from. */
export type MountRefresh = 'kubelet' | 'never';

function fact(component: Component, role: FileRole): Fact {
  const found = FACTS.find((row) => row.component === component && row.role === role);
  if (found === undefined) {
    throw new RotatorError('broken', {
      what: `The facts table has no row for ${role} of ${component}.`,
      effect: 'No order can be derived for it.',
      next: 'Add the row to agent/argocd/facts.ts, with its source and its check.',
    });
  }
  return found;
}

/** True where this component looks at that file at all, under some setting. */
export const reads = (component: Component, role: FileRole): boolean =>
  FACTS.some((row) => row.component === component && row.role === role);

/**
 * When a component looks at a file. A mount that the kubelet never refreshes (subPath) shows what was published when the container
 * started, so that whatever the program does, its content is fixed at start.
 * @throws RotatorError `broken` where the component doesn't read that file ({@link reads}).
 */
export function readingTime(component: Component, role: FileRole, refresh: MountRefresh): ReadingTime {
  const { when } = fact(component, role);
  return refresh === 'never' ? 'at-start' : when;
}

/**
 * What a component does when something happens to a file; `undefined` where the table is silent on that event.
 * @throws RotatorError `broken` where the component doesn't read that file.
 */
export const outcome = (component: Component, role: FileRole, event: FileEvent): Outcome | undefined =>
  fact(component, role).behaviours.find((behaviour) => behaviour.event === event)?.outcome;

/** True where new content of this file reaches the running process without a restart. */
export const hotReloads = (component: Component, role: FileRole, refresh: MountRefresh): boolean =>
  readingTime(component, role, refresh) !== 'at-start';

/** When a client reads its pair. `never`: no Secret is mounted where it looks, so nothing that is published reaches it. */
export type LeafReading = ReadingTime | 'never';

/** When this client, as its pod template stands, reads its pair. */
export function leafReading(component: ClientComponent, mounts: ClientMounts): LeafReading {
  const refreshes = [mounts.certificate, mounts.key].map(refreshOf);
  if (refreshes.includes(undefined)) return 'never';
  return readingTime(component, 'client-leaf', refreshes.includes('never') ? 'never' : 'kubelet');
}

const refreshOf = (origin: FileOrigin): MountRefresh | undefined =>
  origin.from === 'secret' ? origin.refresh : undefined;
