/**
 * A start on the API server stand-in, and `mtls-rotator migrate` run against it as an operator would.
 *
 * **Invariant:** nothing is written to the server but by what a test does itself: `writes` tells.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { StoredConfigMap, StoredSecret } from '../../../agent/model/stored.ts';
import { type ApiServer, type JsonObject, type Rule, startApiServer } from '../api-server/index.ts';
import { install } from '../argocd/install.ts';
import { manifestOf } from '../argocd/manifest.ts';
import { ManualClock } from '../manual-clock.ts';
import { AT, type Start } from './sight.ts';
import { type Printed, typedCommand } from './typed-command.ts';

const metadata = ({
  namespace,
  name,
  labels,
  annotations,
  ownerReferences,
}: StoredSecret | StoredConfigMap) => ({
  namespace,
  name,
  labels,
  annotations,
  ...(ownerReferences.length > 0 && {
    ownerReferences: ownerReferences.map((owner) => ({
      ...owner,
      apiVersion: 'v1',
      uid: `uid-${owner.name}`,
    })),
  }),
});

export const secretManifest = (secret: StoredSecret) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata(secret),
  type: secret.type,
  data: Object.fromEntries(
    [...secret.data].map(([key, value]) => [key, value.revealBytes().toString('base64')]),
  ),
});

export const configMapManifest = (configMap: StoredConfigMap) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(configMap),
  data: configMap.data,
});

export interface MigrationCluster {
  readonly api: ApiServer;
  /** Arguments after `migrate`. */
  readonly migrate: (...argv: readonly string[]) => Promise<Printed>;
  readonly close: () => Promise<void>;
}

export const startMigrationCluster = async (
  start: Start,
  rules?: readonly Rule[],
): Promise<MigrationCluster> => {
  const clock = new ManualClock(AT);
  const api = await startApiServer({ clock, ...(rules === undefined ? {} : { rules }) });
  if (start.certManager === 'absent') api.unserve('cert-manager.io/v1');
  const put = (object: object): void => void api.objects.put(object as JsonObject);
  for (const workload of start.workloads ?? install()) put(manifestOf(workload));
  for (const secret of start.secrets ?? []) put(secretManifest(secret));
  for (const configMap of start.configMaps ?? []) put(configMapManifest(configMap));
  for (const { namespace, name, secretName, issuer } of start.certificates ?? [])
    put({
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { namespace, name },
      spec: { secretName, issuerRef: issuer },
    });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(api.kubeconfigFor('operator'));
  return {
    api,
    migrate: (...argv) =>
      typedCommand(['migrate', ...argv], {
        kubeConfig,
        clock,
        pause: () => Promise.reject(new Error('nothing is waited for here')),
      }),
    close: () => api.close(),
  };
};
