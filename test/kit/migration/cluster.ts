/**
 * A start on the API server stand-in, and `mtls-rotator migrate` run against it as an operator would.
 *
 * **Invariant:** nothing is written to the server but by what a test does itself: `writes` tells.
 */
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { runProgram } from '../../../agent/cli/program.ts';
import { createMigration } from '../../../agent/migration-service.ts';
import type { StoredConfigMap, StoredSecret } from '../../../agent/model/stored.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { type ApiServer, type JsonObject, type Rule, startApiServer } from '../api-server/index.ts';
import { install } from '../argocd/install.ts';
import { manifestOf } from '../argocd/manifest.ts';
import { ManualClock } from '../manual-clock.ts';
import { AT, type Start } from './sight.ts';

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

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface MigrationCluster {
  readonly api: ApiServer;
  /** Arguments after `migrate`. */
  readonly migrate: (...argv: readonly string[]) => Promise<Ended>;
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
    migrate: async (...argv) => {
      const ended = { out: '', err: '' };
      const code = await runProgram(['migrate', ...argv], {
        version: 'test',
        signal: new AbortController().signal,
        terminal: {
          out: (text) => {
            ended.out += text;
          },
          err: (text) => {
            ended.err += text;
          },
          colours: false,
        },
        open: () => Promise.reject(new Error('migrate reads no configuration')),
        runSidecar: async () => {
          throw new Error('not asked for');
        },
        openMigration: async () =>
          createMigration({
            kubeConfig,
            clock,
            random: systemRandom,
            identity: 'test',
            environment: {},
            pause: () => Promise.reject(new Error('nothing is waited for here')),
          }),
      });
      return { code, ...ended };
    },
    close: () => api.close(),
  };
};
