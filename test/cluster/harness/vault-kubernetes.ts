/** What ties the cluster's Vault to the cluster: logins that the API server's TokenReview vouches for. */
import { readFileSync } from 'node:fs';
import type { Api } from './api.ts';
import { clusterCa } from './identities.ts';
import { apiServer } from './settings.ts';
import type { VaultAdmin } from './vault-admin.ts';
import { enableKubernetesLogin } from './vault-logins.ts';

/** The mount of the login in the cluster's Vault. */
export const kubernetesLogin = 'kubernetes';

/** As Vault's documentation has it: a ServiceAccount of Vault's own may ask for TokenReviews, and nothing else. */
export async function trustTheCluster(api: Api, admin: VaultAdmin): Promise<void> {
  const metadata = { name: 'vault', namespace: 'vault' };
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace } });
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await api.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'vault-token-review' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  });
  await enableKubernetesLogin(admin, kubernetesLogin, {
    host: apiServer,
    ca: readFileSync(clusterCa, 'utf8'),
    reviewer: await tokenOf(api, metadata.namespace, metadata.name),
  });
}

/** A token of the ServiceAccount, for a day. Without an audience it is one for the API server. */
export async function tokenOf(
  api: Api,
  namespace: string,
  serviceAccount: string,
  audience?: string,
): Promise<string> {
  const request = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 86_400, ...(audience === undefined ? {} : { audiences: [audience] }) },
    },
  );
  return request.status.token;
}
