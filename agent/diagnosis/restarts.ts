/**
 * Which components a plan may have to restart, as they are set up; from the facts table, so that no check guesses it.
 */
import { hotReloads, leafReading, outcome, readingTime } from '../argocd/reading.ts';
import { verificationOf } from '../argocd/template.ts';
import type { FoundAny, PreflightInput } from './input.ts';

/** True where some change of what is published can reach this component by a restart only. */
export function mayNeedRestart({ component, mounts }: FoundAny, { settings }: PreflightInput): boolean {
  if (component === 'repo-server' || mounts.role === 'repo-server')
    return !hotReloads('repo-server', 'client-ca', 'kubelet');
  const reading = leafReading(component, mounts);
  if (
    reading === 'at-start' ||
    (reading !== 'never' && outcome(component, 'client-leaf', 'appears-later') === 'ignored')
  )
    return true;
  const verifies = settings.verification === 'on' || verificationOf(component, mounts) !== 'none';
  return verifies && readingTime(component, 'server-ca', 'kubelet') === 'at-start';
}
