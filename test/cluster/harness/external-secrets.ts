/** External Secrets' own controllers, and what a team keeps with them: stores, ExternalSecrets, and a refresh asked for now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api, KubeObject } from './api.ts';
import { applyAll } from './certmanager.ts';
import { bindUser } from './coredns.ts';
import { daemonReady, startDaemon } from './daemon.ts';
import { kubeconfigOf } from './identities.ts';
import { moduleFolder, program } from './parts.ts';
import { network, ports } from './settings.ts';
import { until } from './wait.ts';

const group = 'external-secrets.io/v1';

/** The kinds that its controllers watch from their start on. */
const crds = [
  'external-secrets.io_externalsecrets',
  'external-secrets.io_secretstores',
  'external-secrets.io_clustersecretstores',
  'generators.external-secrets.io_generatorstates',
];

export async function startExternalSecrets(api: Api): Promise<void> {
  const module = await moduleFolder('externalsecrets', 'github.com/external-secrets/external-secrets');
  for (const name of crds) {
    await applyAll(api, readFileSync(join(module, 'config', 'crds', 'bases', `${name}.yaml`), 'utf8'));
  }
  await bindUser(api, 'external-secrets', 'cluster-admin');
  await until('the External Secrets API', 30, async () => {
    await api.list(`/apis/${group}/externalsecrets`);
    await api.list(`/apis/${group}/secretstores`);
    await api.list(`/apis/${group}/clustersecretstores`);
    await api.list('/apis/generators.external-secrets.io/v1alpha1/generatorstates');
    return true;
  });
  startDaemon({
    name: 'external-secrets',
    command: await program('externalsecrets'),
    args: [
      `--live-addr=${network.host}:${ports.externalSecretsHealth}`,
      '--metrics-addr=0',
      '--enable-push-secret-reconciler=false',
      '--enable-cluster-push-secret-reconciler=false',
      '--enable-cluster-external-secret-reconciler=false',
    ],
    env: { ...process.env, KUBECONFIG: kubeconfigOf('external-secrets') },
  });
  await daemonReady('external-secrets', 30, async () => {
    return (await fetch(`http://${network.host}:${ports.externalSecretsHealth}/healthz`)).ok;
  });
}

interface Conditioned extends KubeObject {
  status?: {
    refreshTime?: string;
    syncedResourceVersion?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** A store in Vault's KV v2 engine `mount`, opened by a ServiceAccount of the namespace through Vault's Kubernetes login. */
export async function createVaultStore(
  api: Api,
  options: {
    namespace: string;
    name: string;
    address: string;
    ca: string;
    mount: string;
    login: { mount: string; role: string; serviceAccount: string };
  },
): Promise<void> {
  const { namespace, name, address, ca, mount, login } = options;
  await api.apply({
    apiVersion: group,
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: {
      provider: {
        vault: {
          server: address,
          path: mount,
          version: 'v2',
          caBundle: Buffer.from(ca).toString('base64'),
          auth: {
            kubernetes: {
              mountPath: login.mount,
              role: login.role,
              serviceAccountRef: { name: login.serviceAccount },
            },
          },
        },
      },
    },
  });
  await conditionTrue(api, 'secretstores', namespace, name);
}

/** A store of what another namespace of the same cluster keeps in Secrets, read as a ServiceAccount of this one. */
export async function createKubernetesStore(
  api: Api,
  options: { namespace: string; name: string; remoteNamespace: string; serviceAccount: string },
): Promise<void> {
  const { namespace, name, remoteNamespace, serviceAccount } = options;
  await api.apply({
    apiVersion: group,
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: {
      provider: {
        kubernetes: {
          remoteNamespace,
          server: {
            url: `https://${network.host}:${ports.apiServer}`,
            caProvider: { type: 'ConfigMap', name: 'kube-root-ca.crt', key: 'ca.crt' },
          },
          auth: { serviceAccount: { name: serviceAccount } },
        },
      },
    },
  });
  await conditionTrue(api, 'secretstores', namespace, name);
}

/** The Secret `secretName` with a key for each of `keys`: which field of what the store keeps under `remote` it is made of. */
export async function createExternalSecret(
  api: Api,
  options: {
    namespace: string;
    name: string;
    store: string;
    remote: string;
    secretName?: string;
    keys: Readonly<Record<string, string>>;
    refreshInterval?: string;
  },
): Promise<void> {
  const { namespace, name, store, remote, secretName = name, keys, refreshInterval = '1h' } = options;
  await api.apply({
    apiVersion: group,
    kind: 'ExternalSecret',
    metadata: { name, namespace },
    spec: {
      refreshInterval,
      secretStoreRef: { kind: 'SecretStore', name: store },
      target: { name: secretName, creationPolicy: 'Owner' },
      data: Object.entries(keys).map(([secretKey, property]) => ({
        secretKey,
        remoteRef: { key: remote, property },
      })),
    },
  });
  await conditionTrue(api, 'externalsecrets', namespace, name);
}

/** Read anew from the store now, as `kubectl annotate es … force-sync=…` asks for it; answers when it is Ready again. */
export async function refreshExternalSecret(api: Api, namespace: string, name: string): Promise<void> {
  const path = `/apis/${group}/namespaces/${namespace}/externalsecrets/${name}`;
  const before = await api.get<Conditioned>(path);
  await api.merge(path, { metadata: { annotations: { 'force-sync': new Date().toISOString() } } });
  await until(`ExternalSecret ${namespace}/${name} to be refreshed`, 60, async () => {
    const now = await api.get<Conditioned>(path);
    if (now.status?.syncedResourceVersion === before.status?.syncedResourceVersion) return undefined;
    return isReady(now);
  });
}

async function conditionTrue(api: Api, plural: string, namespace: string, name: string): Promise<void> {
  await until(`${plural} ${namespace}/${name} to be Ready`, 60, async () =>
    isReady(await api.get<Conditioned>(`/apis/${group}/namespaces/${namespace}/${plural}/${name}`)),
  );
}

function isReady({ status }: Conditioned): true {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'True') return true;
  throw new Error(ready?.message ?? 'no condition yet');
}
