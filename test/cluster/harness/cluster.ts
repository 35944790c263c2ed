/**
 * The cluster's whole life: leftovers away, daemons up in the order they need each other, everything away again.
 * Invariant: whatever `up` has begun, `down` can end, also after a kill, from what is recorded on disk.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Api } from './api.ts';
import { startApiServer } from './apiserver.ts';
import { startCertManager } from './certmanager.ts';
import { containerdSocket, removeContainers, startContainerd } from './containerd.ts';
import { startControllers } from './controllers.ts';
import { startCoreDns } from './coredns.ts';
import { recordedDaemons, stopDaemon, tailOfLog } from './daemon.ts';
import { startEtcd } from './etcd.ts';
import { startExternalSecrets } from './external-secrets.ts';
import { startGitServer } from './git.ts';
import { makeIdentities } from './identities.ts';
import { loadImages } from './images.ts';
import { installMissing } from './install.ts';
import { nodeReady, quickSync, startKubelet } from './kubelet.ts';
import { killShims, noteControlGroups, removeControlGroups } from './leftovers.ts';
import { removeNetwork, startKubeProxy, startNetwork } from './network.ts';
import { startCollector } from './otel.ts';
import { buildParts } from './parts.ts';
import { folders, state } from './settings.ts';
import { quietly } from './shell.ts';
import { timed } from './timed.ts';
import { startVault } from './vault.ts';
import { trustTheCluster } from './vault-kubernetes.ts';

export interface ClusterOptions {
  readonly syncFrequency?: string;
}

/** Control plane, node, DNS, cert-manager, Vault, External Secrets, git server and span receiver; Argo CD is installed by the instance. */
export async function startCluster(options: ClusterOptions = {}): Promise<Api> {
  await timed('what the machine must have', installMissing);
  await timed('programs', buildParts);
  await timed('leftovers of an earlier run', stopCluster);
  mkdirSync(state(), { recursive: true });
  let containers: Promise<void> = Promise.resolve();
  try {
    noteControlGroups();
    makeIdentities();
    await timed('network', startNetwork);
    await timed('etcd', startEtcd);
    containers = timed('containerd and images', async () => {
      await startContainerd();
      await loadImages();
    });
    containers.catch(() => undefined);
    const api = await timed('API server', startApiServer);
    await timed('controllers', startControllers);
    await timed('CoreDNS, cert-manager, git server, span receiver', async () => {
      await Promise.all([startCoreDns(api), startCertManager(api), startGitServer(), startCollector()]);
    });
    await timed('Vault, External Secrets', async () => {
      const vault = startVault().then(({ admin }) => trustTheCluster(api, admin));
      await Promise.all([vault, startExternalSecrets(api)]);
    });
    await containers;
    await timed('kubelet and kube-proxy', async () => {
      await startKubelet(options.syncFrequency ?? quickSync);
      await nodeReady(api);
      // It waits for its Node, which the kubelet makes.
      await startKubeProxy();
    });
    return api;
  } catch (problem) {
    for (const name of recordedDaemons()) console.error(tailOfLog(name, 8));
    // What runs beside must not go on in what is taken away.
    await containers.catch(() => undefined);
    await stopCluster();
    throw problem;
  }
}

/** For whoever brings it up in the foreground: interrupted, it leaves nothing behind. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void stopCluster().finally(() => process.exit(130));
    });
  }
}

export async function stopCluster(): Promise<void> {
  if (!existsSync(folders.state)) return;
  const daemons = new Set(recordedDaemons());
  const stop = async (name: string, signal?: NodeJS.Signals) => {
    if (daemons.delete(name)) await stopDaemon(name, signal);
  };
  // The kubelet first: it would start again what is taken away next.
  await stop('kubelet');
  await removeContainers();
  await stop('containerd');
  killShims(containerdSocket);
  await stop('kube-proxy');
  // Nothing of theirs is kept, and the API server would take up to a minute to leave its port.
  await stop('kube-apiserver', 'SIGKILL');
  await stop('etcd', 'SIGKILL');
  for (const name of [...daemons]) await stop(name);
  await removeNetwork();
  await unmountBelow(folders.state);
  removeControlGroups();
  rmSync(folders.state, { recursive: true, force: true, maxRetries: 3 });
}

/** Deepest first; a removal over a live mount would delete what is mounted. */
async function unmountBelow(folder: string): Promise<void> {
  const mounted = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(`${folder}/`))
      .sort((a, b) => b.length - a.length);
  for (const path of mounted()) await quietly('umount', ['-l', path]);
  const left = mounted();
  if (left.length > 0) throw new Error(`still mounted, so ${folder} is left alone: ${left.join(', ')}`);
}
