/**
 * The workloads of a default install projected as Argo CD's documentation shows it for a certificate of each client's own.
 *
 * **Invariant:** names are written out here from argoproj/argo-cd v3.6.1 docs/operator-manual/mtls (Option A, Option B), with
 * `server-ca.crt` added for clients that verify; they are never taken from the agent's own tables.
 */
import type { Workload } from '../../../agent/model/workload.ts';
import { withVolume } from './variants.ts';

const VOLUME = 'argocd-repo-server-mtls';

const OPTION_A: Readonly<Record<string, string>> = {
  'argocd-server': 'server-client',
  'argocd-application-controller': 'controller-client',
  'argocd-applicationset-controller': 'appsetcontroller-client',
  'argocd-notifications-controller': 'notifications-client',
};

const OPTION_B: Readonly<Record<string, string>> = {
  'argocd-server': 'argocd-repo-server-mtls-server',
  'argocd-application-controller': 'argocd-repo-server-mtls-controller',
  'argocd-applicationset-controller': 'argocd-repo-server-mtls-applicationset',
  'argocd-notifications-controller': 'argocd-repo-server-mtls-notifications',
};

/** Client workloads mount keys of their own from the one Secret. */
export const optionA = (workload: Workload): Workload => {
  const base = OPTION_A[workload.ref.name];
  return base === undefined
    ? workload
    : withVolume(workload, VOLUME, {
        type: 'secret',
        name: VOLUME,
        optional: true,
        items: [
          { key: `${base}.crt`, path: 'client.crt' },
          { key: `${base}.key`, path: 'client.key' },
          { key: 'server-ca.crt', path: 'server-ca.crt' },
        ],
      });
};

/** Client workloads mount a Secret of their own in place of the shared one. */
export const optionB = (workload: Workload): Workload => {
  const secret = OPTION_B[workload.ref.name];
  return secret === undefined
    ? workload
    : withVolume(workload, VOLUME, {
        type: 'secret',
        name: secret,
        optional: true,
        items: ['client.crt', 'client.key', 'server-ca.crt'].map((key) => ({ key, path: key })),
      });
};
