/**
 * Whether the Argo CD that runs has repo-server mTLS at all (since 3.5).
 */
import { hasMtls } from '../../argocd/versions.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, foundAll, nameOf } from '../input.ts';

export const version: Check = (input) => {
  if (input.settings.state === 'disabled') return [];
  return foundAll(input).flatMap((found): readonly Finding[] => {
    const has = hasMtls(found.version);
    if (has === 'yes') return [];
    if (has === 'no' && found.version.known) {
      return [
        {
          code: 'version-too-old',
          severity: 'blocking',
          about: nameOf(found.workload.ref),
          what: `It runs Argo CD ${found.version.text}; repo-server mTLS came with 3.5.`,
          effect: 'It mounts and reads none of the files: restarting anything for them would change nothing.',
          next: 'Upgrade Argo CD to 3.5 or later. A Secret made before the upgrade does no harm, since nothing mounts it; without client-ca.crt in it, the upgrade does not enforce anything either.',
          patch: undefined,
        },
      ];
    }
    return [
      {
        code: 'version-unknown',
        severity: 'info',
        about: nameOf(found.workload.ref),
        what: `Its version can't be told: ${found.version.known ? found.version.text : found.version.why}.`,
        effect: 'What its pod template mounts is taken for what it reads, as in Argo CD 3.5 and later.',
        next: 'Set the label app.kubernetes.io/version on the workload to have it checked.',
        patch: undefined,
      },
    ];
  });
};
