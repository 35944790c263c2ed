/**
 * A sidecar's holds in words.
 *
 * **Invariant:** each says what happened, what it means for traffic, and what to do next.
 */
import { type Fingerprint, short } from '../../model/fingerprint.ts';
import type { SidecarHold } from '../../model/sidecar-hold.ts';
import type { Component } from '../../model/terms.ts';
import type { Permission } from './leaf-permission.ts';
import type { Others } from './situation.ts';

const list = (names: readonly string[]): string => names.toSorted().join(', ');

const OTHER_SIDE = (component: Component): string =>
  component === 'repo-server' ? 'a client that verifies repo-server' : 'repo-server';

const GOES_ON = 'The leaf before stays in use until it expires.';

/** The leaf that the source holds may not be shown yet. `using`: whether another one is shown meanwhile. */
export const leafHold = (
  leaf: Fingerprint,
  component: Component,
  { verdict, because }: Permission,
  others: Others,
  using: 'another' | 'none',
): SidecarHold => {
  const effect =
    using === 'another' ? GOES_ON : "Argo CD's container is not started, so that no call of it can fail.";
  if (verdict === 'no')
    return {
      code: 'leaf-not-trusted',
      what: `The leaf ${short(leaf)} is of a CA that ${list(because)} would refuse.`,
      effect,
      next: `Nothing, while a CA is being replaced. Otherwise: put the CA of this leaf among those that ${OTHER_SIDE(component)} is told to trust, and let its pods restart.`,
    };
  const next =
    'Give each of these pods a sidecar, or let calls through to repo-server, so that it can be proved.';
  switch (others.state) {
    case 'none':
      return {
        code: 'leaf-unproven',
        what: `The leaf ${short(leaf)} is not under the CAs of the one in use, and without the API (api: none) nobody says who trusts it.`,
        effect,
        next: 'Allow the API (api: record), or make sure that every pod on the other side trusts its CA, then restart this pod.',
      };
    case 'unreachable':
      return {
        code: 'leaf-unproven',
        what: `The leaf ${short(leaf)} is not under the CAs of the one in use, and who trusts it is not known: ${others.why}`,
        effect,
        next: 'Nothing, if the API comes back; otherwise look at the network and at the Role of this pod.',
      };
    case 'known':
      return {
        code: 'leaf-unproven',
        what: `Whether ${list(because)} would accept the leaf ${short(leaf)} is not known.`,
        effect,
        next,
      };
  }
};

export const begunUnproven = (
  component: Component,
  others: Others,
  because: readonly string[],
): SidecarHold => ({
  code: 'begun-unproven',
  what:
    others.state === 'unreachable'
      ? `The API could not be reached before the first start: ${others.why}`
      : `Whether ${list(because)} would accept this pod's leaf was not known before the first start.`,
  effect:
    component === 'repo-server'
      ? 'It began with the CAs that its sources name: a client that still shows a leaf of another CA is refused.'
      : 'It began with the leaf that its source holds: where the CA of that is not trusted yet, its calls fail.',
  next: 'Nothing, if no CA is being replaced. Otherwise see that the API can be reached, then restart this pod.',
});

const READ_AT_START = 'Old and new work side by side meanwhile.';

export const restartPending = (): SidecarHold => ({
  code: 'restart-pending',
  what: 'Files have changed that this component reads at start only, and restart is never.',
  effect: READ_AT_START,
  next: 'Restart the workload (`kubectl rollout restart`), or set restart: evict.',
});

export const restartWithoutApi = (why: string): SidecarHold => ({
  code: 'api-unreachable',
  what: `This pod has to be replaced, which needs the API: ${why}`,
  effect: READ_AT_START,
  next: 'Nothing, if the API comes back; otherwise look at the network and at the Role of this pod.',
});

/** What a new pod would begin with can't be begun with now. */
export const wouldNotComeBack = (because: SidecarHold): SidecarHold => ({
  code: 'restart-would-not-come-back',
  what: `This pod has to be replaced, and its replacement could not start. ${because.what}`,
  effect: because.effect,
  next: `${because.next} Where clients verify repo-server and both CAs were replaced at once, neither side can begin: put the old pair of one side back until the other side is done.`,
});
