/**
 * Whether a stopping repo-server outlives its endpoint.
 */
import { containerOf } from '../../argocd/container.ts';
import { type Check, foundRepoServer, nameOf } from '../input.ts';
import { PRE_STOP_SECONDS, preStopPatch } from '../patches.ts';

/** repo-server stops on SIGTERM before its endpoint is gone everywhere: some calls of each rolling restart then meet a closed port. */
export const preStop: Check = (input) => {
  const repoServer = foundRepoServer(input);
  const container = repoServer && containerOf('repo-server', repoServer.workload.template);
  if (repoServer === undefined || container === undefined) return [];
  if (container.preStop === 'exec' || (container.preStop ?? 0) >= PRE_STOP_SECONDS - 1) return [];
  return [
    {
      code: 'no-pre-stop',
      severity: 'warning',
      about: nameOf(repoServer.workload.ref),
      what:
        container.preStop === undefined
          ? 'repo-server has no preStop hook.'
          : `repo-server's preStop hook sleeps for ${container.preStop} s only.`,
      effect:
        'It stops before its endpoint is gone: a few calls fail (not by TLS) in each restart of repo-server.',
      next: 'Apply the patch.',
      patch: preStopPatch(repoServer.workload, container),
    },
  ];
};
