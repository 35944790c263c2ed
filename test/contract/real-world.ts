/**
 * A real kube-apiserver as a server for the contract suite: a namespace, two service accounts with the suite's Roles.
 *
 * **Invariant:** everything it made is in one namespace of a name of its own, which it deletes.
 */
import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { createAdmin, type Raw, rawCaller } from './admin.ts';
import {
  AGENT_RULES,
  agentOf,
  type ContractRule,
  type ContractWorld,
  NARROW_RULES,
  OPERATOR_RULES,
} from './world.ts';

const post = async (raw: Raw, path: string, body: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const answer = await raw(path, { method: 'POST', body });
  if (answer.status >= 300) throw new Error(`set-up failed: POST ${path}: ${answer.text}`);
  return answer.body;
};

/** A kubeconfig for a new service account that has exactly these rules. */
const account = async (
  admin: KubeConfig,
  raw: Raw,
  namespace: string,
  name: string,
  rules: readonly ContractRule[],
): Promise<KubeConfig> => {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const metadata = { name, namespace };
  await post(raw, `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata });
  await post(raw, `${rbac}/roles`, { metadata, rules });
  await post(raw, `${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const answer = (await post(raw, `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  })) as { readonly status: { readonly token: string } };
  const cluster = admin.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(cluster, { name, token: answer.status.token });
  return config;
};

/** `kubeConfig`: an administrator's. `image`: one that the nodes have and that runs until SIGTERM. */
export const realWorld = async (
  kubeConfig: KubeConfig,
  image = 'registry.k8s.io/pause:3.10',
): Promise<ContractWorld> => {
  const raw = rawCaller(kubeConfig);
  const namespace = `contract-${randomBytes(4).toString('hex')}`;
  await post(raw, '/api/v1/namespaces', { metadata: { name: namespace } });
  const agent = await account(kubeConfig, raw, namespace, 'agent', AGENT_RULES);
  const narrow = await account(kubeConfig, raw, namespace, 'narrow', NARROW_RULES);
  const operator = await account(kubeConfig, raw, namespace, 'operator', OPERATOR_RULES);
  const certificates = await raw(`/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`);
  const externalSecrets = await raw(`/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets`);
  return {
    namespace,
    admin: createAdmin(kubeConfig, namespace),
    agent: agentOf(agent),
    narrow: agentOf(narrow),
    operator: agentOf(operator),
    image,
    certificates: certificates.status === 200,
    externalSecrets: externalSecrets.status === 200,
    close: async () => {
      await raw(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' });
    },
  };
};
