/**
 * The clients as the released programs, each as one process beside the cluster, in a namespace of its own.
 *
 * **Invariant:** nothing of a running Argo CD instance is read or changed: the namespace is made for these checks and removed after them.
 */
import type { ClientComponent } from '../../../agent/model/terms.ts';
import { Api } from '../harness/api.ts';
import { installArgoCdCrds } from '../harness/argocd.ts';
import { program } from '../harness/parts.ts';
import { until } from '../harness/wait.ts';
import { clientSetting, type Subject } from './client.ts';
import { freePort, start } from './process.ts';

export const NAMESPACE = 'mtls-rotator-facts';

/** What each program is called by. */
export const NAMES: Readonly<Record<ClientComponent, string>> = {
  server: 'argocd-server',
  'application-controller': 'argocd-application-controller',
  'applicationset-controller': 'argocd-applicationset-controller',
  'notifications-controller': 'argocd-notifications',
};

/** What argocd-server needs to find: its settings, empty. */
export async function prepareNamespace(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  await installArgoCdCrds(api);
  await removeNamespace(kubeconfig);
  await api.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: NAMESPACE },
  });
  const put = (kind: string, resource: string, name: string) =>
    api.create(`/api/v1/namespaces/${NAMESPACE}/${resource}`, {
      apiVersion: 'v1',
      kind,
      metadata: {
        name,
        namespace: NAMESPACE,
        labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'argocd' },
      },
    });
  for (const name of [
    'argocd-cm',
    'argocd-rbac-cm',
    'argocd-tls-certs-cm',
    'argocd-ssh-known-hosts-cm',
    'argocd-gpg-keys-cm',
  ]) {
    await put('ConfigMap', 'configmaps', name);
  }
  await put('Secret', 'secrets', 'argocd-secret');
}

export async function removeNamespace(kubeconfig: string): Promise<void> {
  const api = new Api(kubeconfig);
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  if ((await api.find(path)) === undefined) return;
  await api.remove(path);
  await until(`namespace ${NAMESPACE} to be gone`, 60, async () =>
    (await api.find(path)) === undefined ? true : undefined,
  );
}

/** argocd-server itself, called through its own API: `GET /api/v1/settings/plugins` makes it call repo-server (server/settings/settings.go). */
export const realServer = (kubeconfig: string): Subject => ({
  component: 'server',
  running: 'serving on port',
  launch: async (on, port, options) => {
    const [own, metrics] = [await freePort(), await freePort()];
    const { env, args } = clientSetting('server', on, port, options);
    const process = start(
      await program('argocd'),
      [
        ...args,
        `--kubeconfig=${kubeconfig}`,
        `--namespace=${NAMESPACE}`,
        '--insecure',
        '--disable-auth',
        '--address=127.0.0.1',
        `--port=${own}`,
        `--metrics-port=${metrics}`,
        '--redis=127.0.0.1:1',
        '--repo-server-timeout-seconds=20',
      ],
      { ...env, ARGOCD_BINARY_NAME: NAMES.server },
    );
    return {
      process,
      call: async () => {
        const response = await fetch(`http://127.0.0.1:${own}/api/v1/settings/plugins`);
        const body = await response.text();
        if (response.ok) return 'answered';
        const { message, code } = JSON.parse(body) as { readonly message?: string; readonly code?: number };
        return `${code === 14 ? 'code = Unavailable ' : ''}${message ?? body}`;
      },
    };
  },
});
