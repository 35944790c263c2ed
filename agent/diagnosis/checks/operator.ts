/**
 * Whether argocd-operator manages this Argo CD: it puts workloads back as its ArgoCD resource says, and restarts some by itself.
 *
 * Source: argoproj-labs/argocd-operator, controllers/argocd/repo_server.go: reconcileRepoServerTLSSecret (rolls server, repo-server and
 * application-controller by the template label `repo.tls.cert.changed`, for Secrets of type kubernetes.io/tls only), reconcileRepoDeployment
 * and addKubernetesData (volumes, mounts and variables are put back, and template annotations but those of kubernetes.io, k8s.io and
 * openshift.io).
 */
import type { Finding } from '../../model/plan.ts';
import type { Workload } from '../../model/workload.ts';
import { type Check, foundAll, nameOf } from '../input.ts';

const OWNER_KIND = 'ArgoCD';
/** Left on a template by a restart that the operator asked for. */
const ROLLED_BY_OPERATOR = 'repo.tls.cert.changed';
const TLS_TYPE = 'kubernetes.io/tls';

const ownerOf = ({ ownerReferences, template }: Workload): string | undefined =>
  ownerReferences?.find(({ kind }) => kind === OWNER_KIND)?.name ??
  (template.labels[ROLLED_BY_OPERATOR] === undefined ? undefined : 'unknown');

export const operatorManaged: Check = (input): readonly Finding[] => {
  const { settings, stored } = input;
  const managed = foundAll(input).flatMap(({ workload }) => {
    const owner = ownerOf(workload);
    return owner === undefined ? [] : [{ owner, workload }];
  });
  const [first] = managed;
  if (first === undefined) return [];
  const owner = managed.find((each) => each.owner !== 'unknown')?.owner ?? first.owner;
  const restarts = settings.serving !== undefined && (stored.serving?.type ?? TLS_TYPE) === TLS_TYPE;
  return [
    {
      code: 'operator-managed',
      severity: 'warning',
      about: `ArgoCD ${settings.namespace}/${owner}`,
      what: `argocd-operator manages ${managed.map(({ workload }) => nameOf(workload.ref)).join(', ')}.`,
      effect: `It puts volumes, mounts and variables back as its ArgoCD resource says, so that a patch of a workload does not last; and it may take the restart annotation off again, which is a second rollout.${
        restarts
          ? ` When the certificate in Secret ${settings.names.servingSecret} changes it also restarts server, repo-server and application-controller at once, by itself. No call fails by that: what is published suits old and new pods at every moment.`
          : ''
      }`,
      next: 'Give each patch of a workload to the ArgoCD resource instead (volumes, volumeMounts and env below spec.repo, spec.server and spec.controller, as far as its version has them).',
      patch: undefined,
    },
  ];
};
