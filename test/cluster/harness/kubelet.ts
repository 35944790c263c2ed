/** The kubelet of the one node: how long a changed Secret takes to show is its syncFrequency. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Api } from './api.ts';
import { containerdSocket } from './containerd.ts';
import { daemonReady, startDaemon, stopDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { program } from './parts.ts';
import { kubeletRoot, network, nodeName, ports, state } from './settings.ts';
import { until } from './wait.ts';

export const quickSync = '10s';
/** What a kubelet has that nobody has configured. */
export const upstreamSync = '1m';

export async function startKubelet(syncFrequency: string = quickSync): Promise<void> {
  mkdirSync(kubeletRoot, { recursive: true });
  const config = state('kubelet.yaml');
  const resolvConf = state('resolv.conf');
  writeFileSync(resolvConf, `nameserver ${network.host}\n`);
  writeFileSync(
    config,
    stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: network.host,
      port: ports.kubelet,
      healthzBindAddress: '127.0.0.1',
      healthzPort: ports.kubeletHealth,
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: 'AlwaysAllow' },
      clusterDNS: [network.host],
      clusterDomain: 'cluster.local',
      resolvConf,
      containerRuntimeEndpoint: `unix://${containerdSocket}`,
      cgroupDriver: 'cgroupfs',
      enforceNodeAllocatable: [],
      failCgroupV1: false,
      failSwapOn: false,
      localStorageCapacityIsolation: false,
      evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
      imageGCHighThresholdPercent: 100,
      imageGCLowThresholdPercent: 99,
      volumeStatsAggPeriod: '0s',
      // Chains that only kubelets before kube-proxy's own needed, and that nothing would take away again.
      makeIPTablesUtilChains: false,
      podLogsDir: state('pod-logs'),
      // Argo CD's two instances and the agent, with room for a rollout of each.
      maxPods: 60,
      syncFrequency,
    }),
  );
  startDaemon({
    name: 'kubelet',
    command: await program('kubernetes'),
    args: [
      'kubelet',
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf('kubelet')}`,
      `--root-dir=${kubeletRoot}`,
      `--cert-dir=${state('pki', 'kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${network.host}`,
    ],
  });
  await daemonReady(
    'kubelet',
    60,
    async () => (await fetch(`http://127.0.0.1:${ports.kubeletHealth}/healthz`)).ok,
  );
}

/** Restarts the kubelet with another sync period; running pods stay. */
export async function setSyncFrequency(syncFrequency: string): Promise<void> {
  await stopDaemon('kubelet');
  await startKubelet(syncFrequency);
}

export async function nodeReady(api: Api): Promise<void> {
  await until(`node ${nodeName} to be Ready`, 60, async () => {
    const node = await api.get<{ status: { conditions: { type: string; status: string }[] } }>(
      `/api/v1/nodes/${nodeName}`,
    );
    return node.status.conditions.some((one) => one.type === 'Ready' && one.status === 'True')
      ? true
      : undefined;
  });
}
