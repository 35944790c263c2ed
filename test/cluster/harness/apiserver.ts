/** kube-apiserver with RBAC, Pod Security and the node authorizer, reachable by pods over the bridge. */
import { copyFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { Api } from './api.ts';
import { daemonReady, startDaemon } from './daemon.ts';
import { etcdUrl } from './etcd.ts';
import {
  extractClusterCa,
  kubeconfigOf,
  serviceAccountKey,
  serviceAccountPublicKey,
  tokenFile,
} from './identities.ts';
import { program } from './parts.ts';
import { kubeconfig, network, ports, state } from './settings.ts';
import { until } from './wait.ts';

export async function startApiServer(): Promise<Api> {
  // The one before may take up to a minute to leave its port.
  await until(`port ${ports.apiServer} to be free`, 70, async () => ((await taken()) ? undefined : true));
  startDaemon({
    name: 'kube-apiserver',
    command: await program('kubernetes'),
    args: [
      'kube-apiserver',
      `--etcd-servers=${etcdUrl}`,
      `--cert-dir=${state('pki')}`,
      '--bind-address=0.0.0.0',
      `--advertise-address=${network.host}`,
      `--secure-port=${ports.apiServer}`,
      `--service-cluster-ip-range=${network.services}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--token-auth-file=${tokenFile}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--allow-privileged=true',
      '--profiling=false',
    ],
  });
  copyFileSync(kubeconfigOf('admin'), kubeconfig);
  let api: Api | undefined;
  await daemonReady('kube-apiserver', 90, async () => {
    if (api === undefined) {
      extractClusterCa();
      api = new Api(kubeconfig);
    }
    await api.get('/readyz');
    return true;
  });
  if (api === undefined) throw new Error('kube-apiserver said ready before it could be asked');
  return api;
}

function taken(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: ports.apiServer });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
