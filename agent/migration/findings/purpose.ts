/**
 * Objects that hold certificates or keys for something else than repo-server mTLS, by what their makers leave on them.
 *
 * Sources: Argo CD's own objects, argo-cd v3.6.1 common/common.go; Secret types, Kubernetes core/v1; root CAs that a platform puts into each
 * namespace: kube-controller-manager's root-ca-cert-publisher, OpenShift's service-ca, Istio's `istio-ca-root-cert`, Linkerd's trust anchors.
 *
 * **Invariant:** the values of such an object are never looked at, unless one of Argo CD's workloads opens it as a file of repo-server mTLS.
 */
import type { ObjectKind } from '../../model/migration-findings.ts';
import { ANNOTATION_PREFIX, FIELD_MANAGER, PRODUCT } from '../../model/product.ts';
import type { StoredObject } from '../../model/stored.ts';

/** Put on each object that a migration makes, with the instance's name as its value. */
export const MIGRATION_LABEL = `${ANNOTATION_PREFIX}/migration`;

const TYPES: Readonly<Record<string, string>> = {
  'kubernetes.io/service-account-token': 'token of a ServiceAccount',
  'kubernetes.io/dockerconfigjson': 'login to an image registry',
  'kubernetes.io/dockercfg': 'login to an image registry',
  'kubernetes.io/ssh-auth': 'SSH key',
  'kubernetes.io/basic-auth': 'password',
  'bootstrap.kubernetes.io/token': 'token of a node',
  'helm.sh/release.v1': "Helm's record of a release",
};

const SECRETS: Readonly<Record<string, string>> = {
  'argocd-secret': "argocd-server's own settings and certificate",
  'argocd-server-tls': "certificate of argocd-server's web interface",
  'argocd-dex-server-tls': 'certificate of Dex',
  'argocd-initial-admin-secret': 'password of the first administrator',
  'argocd-notifications-secret': 'credentials of notifications',
  'argocd-redis': 'password of Redis',
};

const CONFIG_MAPS: Readonly<Record<string, string>> = {
  'kube-root-ca.crt': "CA of the cluster's API server",
  'openshift-service-ca.crt': "CA of OpenShift's services",
  'istio-ca-root-cert': 'root of the mesh (Istio)',
  'linkerd-identity-trust-roots': 'root of the mesh (Linkerd)',
  'argocd-cm': "Argo CD's settings",
  'argocd-cmd-params-cm': "Argo CD's command parameters",
  'argocd-rbac-cm': "Argo CD's settings",
  'argocd-notifications-cm': 'settings of notifications',
  'argocd-tls-certs-cm': 'CAs of Git servers',
  'argocd-ssh-known-hosts-cm': 'SSH keys of Git servers',
  'argocd-gpg-keys-cm': 'keys that sign commits',
};

/** `argocd.argoproj.io/secret-type`: cluster, repository, repo-creds, … */
const ARGO_SECRET_TYPE = 'argocd.argoproj.io/secret-type';

/** The agent's own Secrets, and what earlier migrations made; `undefined`: somebody else's. */
export const ours = ({ name, labels, owners }: StoredObject): string | undefined => {
  if (labels[MIGRATION_LABEL] !== undefined) return 'made by a migration';
  const filled = owners.filter(({ dataKeys }) => dataKeys.length > 0);
  const isAgents = filled.length > 0 && filled.every(({ manager }) => manager === FIELD_MANAGER);
  return isAgents || name.startsWith(`${PRODUCT}-`) ? 'published or kept by this agent' : undefined;
};

/** `undefined` where it may be for repo-server mTLS. */
export const otherPurpose = (
  kind: ObjectKind,
  stored: StoredObject & { readonly type?: string },
): string | undefined => {
  const secretType = stored.labels[ARGO_SECRET_TYPE];
  if (secretType !== undefined) return `Argo CD's ${secretType} credentials`;
  const byName = kind === 'Secret' ? SECRETS[stored.name] : CONFIG_MAPS[stored.name];
  return byName ?? TYPES[stored.type ?? ''] ?? ours(stored);
};
