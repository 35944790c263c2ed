/** etcd, without fsync: what it holds is thrown away with the cluster. */
import { daemonReady, startDaemon } from './daemon.ts';
import { program } from './parts.ts';
import { ports, state } from './settings.ts';

export const etcdUrl = `http://127.0.0.1:${ports.etcd}`;

export async function startEtcd(): Promise<void> {
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  startDaemon({
    name: 'etcd',
    command: await program('kubernetes'),
    args: [
      'etcd',
      `--data-dir=${state('etcd')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=warn',
    ],
  });
  await daemonReady('etcd', 30, async () => (await fetch(`${etcdUrl}/health`)).ok);
}
