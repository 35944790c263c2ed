/** kube-controller-manager and kube-scheduler. */
import { daemonReady, startDaemon } from './daemon.ts';
import { clusterCa, kubeconfigOf, serviceAccountKey } from './identities.ts';
import { program } from './parts.ts';
import { ports, state } from './settings.ts';

export async function startControllers(): Promise<void> {
  const command = await program('kubernetes');
  startDaemon({
    name: 'kube-controller-manager',
    command,
    args: [
      'kube-controller-manager',
      `--kubeconfig=${kubeconfigOf('kube-controller-manager')}`,
      `--root-ca-file=${clusterCa}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      `--cert-dir=${state('pki', 'controller-manager')}`,
    ],
  });
  startDaemon({
    name: 'kube-scheduler',
    command,
    args: [
      'kube-scheduler',
      `--kubeconfig=${kubeconfigOf('kube-scheduler')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.scheduler}`,
      `--cert-dir=${state('pki', 'scheduler')}`,
    ],
  });
  await daemonReady('kube-controller-manager', 30, () => true);
  await daemonReady('kube-scheduler', 30, () => true);
}
