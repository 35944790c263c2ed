/** CoreDNS on the bridge address: Service names for pods, nothing beyond the cluster. */

import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import type { Api } from './api.ts';
import { daemonReady, startDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { program } from './parts.ts';
import { network, state } from './settings.ts';

export async function startCoreDns(api: Api): Promise<void> {
  await api.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'coredns' },
    rules: [
      {
        apiGroups: [''],
        resources: ['endpoints', 'services', 'pods', 'namespaces'],
        verbs: ['list', 'watch'],
      },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  });
  await bindUser(api, 'coredns', 'coredns');
  const corefile = state('Corefile');
  writeFileSync(
    corefile,
    `.:53 {
  bind ${network.host}
  errors
  kubernetes cluster.local {
    kubeconfig ${kubeconfigOf('coredns')}
    ttl 5
  }
}
`,
  );
  startDaemon({ name: 'coredns', command: await program('coredns'), args: ['-conf', corefile] });
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([network.host]);
  await daemonReady('coredns', 30, async () => {
    const addresses = await resolver.resolve4('kubernetes.default.svc.cluster.local');
    return addresses.includes(network.apiServerClusterIp);
  });
}

export async function bindUser(api: Api, user: string, clusterRole: string): Promise<void> {
  await api.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${user}-${clusterRole}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
}
