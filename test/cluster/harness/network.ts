/** The bridge that pods and host share, the CNI configuration on top of it, and kube-proxy. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { daemonReady, startDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { program } from './parts.ts';
import { network, nodeName, ports, state } from './settings.ts';
import { quietly, shell } from './shell.ts';

export const cniConfigFolder = state('cni', 'net.d');
export const cniPluginFolder = '/usr/lib/cni';

const previousForwarding = state('ip_forward.before');
const forwarding = '/proc/sys/net/ipv4/ip_forward';

/** The bridge is made before anything binds to its address. */
export async function startNetwork(): Promise<void> {
  writeFileSync(previousForwarding, readFileSync(forwarding, 'utf8'));
  writeFileSync(forwarding, '1');
  // Without it the answer of a pod to another on the same bridge would not be translated back to the Service's address.
  await quietly('modprobe', ['br_netfilter']);
  writeFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', '1');
  await shell('ip', ['link', 'add', network.bridge, 'type', 'bridge']);
  await shell('ip', ['addr', 'add', `${network.host}/24`, 'dev', network.bridge]);
  await shell('ip', ['link', 'set', network.bridge, 'up']);

  mkdirSync(cniConfigFolder, { recursive: true });
  writeFileSync(
    `${cniConfigFolder}/10-bridge.conflist`,
    JSON.stringify({
      cniVersion: '1.0.0',
      name: 'mtls-rotator',
      plugins: [
        {
          type: 'bridge',
          bridge: network.bridge,
          isGateway: true,
          hairpinMode: true,
          ipMasq: false,
          ipam: {
            type: 'host-local',
            dataDir: state('cni', 'addresses'),
            ranges: [[{ subnet: network.pods, rangeStart: '10.177.0.10' }]],
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
        { type: 'loopback' },
      ],
    }),
  );
}

export async function startKubeProxy(): Promise<void> {
  const config = state('kube-proxy.yaml');
  writeFileSync(
    config,
    stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      bindAddress: '127.0.0.1',
      clientConnection: { kubeconfig: kubeconfigOf('kube-proxy') },
      clusterCIDR: network.pods,
      conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
      healthzBindAddress: `127.0.0.1:${ports.kubeProxyHealth}`,
      metricsBindAddress: `127.0.0.1:${ports.kubeProxyMetrics}`,
      hostnameOverride: nodeName,
      mode: 'iptables',
      // Else it opens loopback to the outside.
      iptables: { localhostNodePorts: false },
    }),
  );
  startDaemon({
    name: 'kube-proxy',
    command: await program('kubernetes'),
    args: ['kube-proxy', `--config=${config}`],
  });
  await daemonReady('kube-proxy', 30, async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.kubeProxyHealth}/healthz`);
    return answer.ok;
  });
}

export async function removeNetwork(): Promise<void> {
  await quietly(await program('kubernetes'), ['kube-proxy', '--cleanup']);
  await removeForgottenChain();
  await quietly('ip', ['link', 'delete', network.bridge]);
  try {
    writeFileSync(forwarding, readFileSync(previousForwarding, 'utf8'));
  } catch {
    // never started
  }
}

/** The one chain that kube-proxy makes and its clean-up forgets. */
async function removeForgottenChain(): Promise<void> {
  const chain = 'KUBE-FIREWALL';
  for (const tool of ['iptables', 'ip6tables']) {
    for (const from of ['INPUT', 'OUTPUT']) await quietly(tool, ['-D', from, '-j', chain]);
    await quietly(tool, ['-F', chain]);
    await quietly(tool, ['-X', chain]);
  }
}
