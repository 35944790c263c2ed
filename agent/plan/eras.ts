/**
 * Which content a process may have found, from when it started and what was published when.
 *
 * **Invariant:** a window is only ever widened by doubt (kubelet lag, clocks that differ), never narrowed.
 */

import { ANNOTATION } from '../model/product.ts';
import type { Timing } from '../model/settings.ts';
import type { Duration, Instant } from '../model/terms.ts';
import type { ContainerStatus, Pod } from '../model/workload.ts';

/** How far the agent's clock and a node's may differ before evidence by time alone is wrong. */
export const CLOCK_SKEW: Duration = 2_000;
/** Kubernetes records times in whole seconds, cut off. */
const GRANULARITY: Duration = 1_000;

/** From when on a pod that is made anew is presumed to find what was written then, clocks and whole seconds allowed for. */
export const freshMountFrom = (writtenAt: Instant, timing: Timing): Instant =>
  writtenAt + timing.mountMargin + CLOCK_SKEW + GRANULARITY;

export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * When the files that a container read at its start were put into its volume.
 *
 * The first container of a pod finds what the kubelet mounted for the new pod, from a cache that may lag by `mountMargin`;
 * one that was restarted inside an old pod finds a volume that lags by up to `propagationWait`.
 */
export const loadWindow = (pod: Pod, container: ContainerStatus, timing: Timing): Window | undefined => {
  if (container.startedAt === undefined) return undefined;
  const mounted =
    container.restartCount > 0
      ? container.startedAt - timing.propagationWait
      : (pod.startedAt ?? pod.createdAt) - timing.mountMargin;
  // A pod that carries a restart of ours was made after that restart was asked for, whatever its node's clock says.
  const asked = Date.parse(pod.annotations[ANNOTATION.restartedAt] ?? '');
  const window = { from: mounted - CLOCK_SKEW, to: container.startedAt + CLOCK_SKEW };
  if (Number.isNaN(asked)) return window;
  return {
    from: Math.max(window.from, asked - timing.mountMargin - CLOCK_SKEW),
    to: Math.max(window.to, asked),
  };
};

/** When the files that a running process sees now were published: a volume lags by up to `propagationWait`. */
export const sightWindow = (now: Instant, timing: Timing): Window => ({
  from: now - timing.propagationWait,
  to: now,
});

/** The eras in force at any moment of the window; `before` where the window begins before anything is known. */
export const erasIn = <E extends { readonly since: Instant }>(
  eras: readonly E[],
  window: Window,
): { readonly eras: readonly E[]; readonly before: boolean } => ({
  eras: eras.filter((era, index) => {
    const next = eras[index + 1];
    return era.since <= window.to && (next === undefined || next.since > window.from);
  }),
  before: eras[0] === undefined || eras[0].since > window.from,
});

/** What the eras name, and `unknown` beside it where the process is older than what is remembered. */
export const remembered = <E, T extends string>(
  { eras, before }: { readonly eras: readonly E[]; readonly before: boolean },
  name: (era: E) => T,
): readonly (T | 'unknown')[] => [...eras.map(name), ...(before ? (['unknown'] as const) : [])];
