/** The cluster with both Argo CD instances and their Applications: what the tests start from. */
import type { Api } from './api.ts';
import { applicationsSynced, createApplications } from './applications.ts';
import { type ArgoCdOptions, argoCdReady, installArgoCd, installArgoCdCrds } from './argocd.ts';
import { type ClusterOptions, startCluster } from './cluster.ts';
import { startMeter } from './meter.ts';
import { timed } from './timed.ts';

export const instances: readonly ArgoCdOptions[] = [
  { namespace: 'argocd', repoServers: 2, servers: 2, controllerShards: 2 },
  { namespace: 'argocd-two' },
];

export async function startEverything(options: ClusterOptions = {}): Promise<Api> {
  const api = await startCluster(options);
  await timed('Argo CD', () => installInstances(api));
  return api;
}

export async function installInstances(api: Api): Promise<void> {
  await installArgoCdCrds(api);
  await startMeter(
    api,
    instances.map(({ namespace }) => namespace),
  );
  for (const instance of instances) await installArgoCd(api, instance);
  for (const { namespace, controllerShards } of instances) {
    await argoCdReady(api, namespace);
    const names = await createApplications(api, namespace, controllerShards);
    await applicationsSynced(api, namespace, names);
  }
}
