/**
 * Puts a mesh's proxy before an Argo CD's repo-server, and takes it away again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, type KubeObject, pathOf } from '../harness/api.ts';
import { workloadPath, workloadReady } from '../harness/argocd.ts';
import { createCa, createServingCertificate } from '../harness/issuers.ts';
import { folders } from '../harness/settings.ts';
import { until } from '../harness/wait.ts';

const REPO_SERVER = 'deployments/argocd-repo-server';
const PARAMS = { apiVersion: 'v1', kind: 'ConfigMap' };
const SIDECAR = 'istio-proxy';
const IDENTITY = 'mesh-identity';

const params = (namespace: string) =>
  pathOf({ ...PARAMS, metadata: { name: 'argocd-cmd-params-cm', namespace } });

/** repo-server on loopback, and a proxy on the pod's address. `image`: any that has Node 24. */
export const injectSidecar = async (api: Api, namespace: string, image: string): Promise<void> => {
  await createCa(api, { namespace, name: 'mesh-ca' });
  await createServingCertificate(api, { namespace, name: IDENTITY, issuer: 'mesh-ca' });
  const script = readFileSync(
    join(folders.repository, 'test', 'cluster', 'scenarios', 'mesh-sidecar.mjs'),
    'utf8',
  );
  await api.apply({
    ...PARAMS,
    metadata: { name: 'mesh-sidecar', namespace },
    data: { 'sidecar.mjs': script },
  });
  await strictFor(api, namespace, '');
  await api.merge(params(namespace), { data: { 'reposerver.listen.address': '127.0.0.1' } });
  await api.strategicMerge(workloadPath(namespace, REPO_SERVER), {
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: SIDECAR,
              image,
              imagePullPolicy: 'Never',
              command: ['node', '/mesh/program/sidecar.mjs'],
              env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
              securityContext: {
                runAsNonRoot: true,
                runAsUser: 65532,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [
                { name: 'mesh-program', mountPath: '/mesh/program' },
                { name: 'mesh-config', mountPath: '/mesh/config' },
                { name: 'mesh-identity', mountPath: '/mesh/identity' },
              ],
            },
          ],
          volumes: [
            { name: 'mesh-program', configMap: { name: 'mesh-sidecar' } },
            { name: 'mesh-config', configMap: { name: 'mesh-strict' } },
            { name: 'mesh-identity', secret: { secretName: IDENTITY } },
          ],
        },
      },
    },
  });
  await workloadReady(api, namespace, REPO_SERVER);
};

/** Whoever calls from these addresses meets the mesh's TLS. The proxies see it when the kubelet shows it: `strictSeen`. */
export const strictFor = async (api: Api, namespace: string, addresses: string): Promise<void> => {
  await api.apply({
    ...PARAMS,
    metadata: { name: 'mesh-strict', namespace },
    data: { strict: addresses },
  });
};

/** Waits until every proxy said that it goes by this list. */
export const strictSeen = async (api: Api, namespace: string, addresses: string): Promise<void> => {
  const wanted = `strict: ${addresses === '' ? 'nobody' : addresses}`;
  await until(`proxies to say "${wanted}"`, 120, async () => {
    const pods = (await api.list<KubeObject>(`/api/v1/namespaces/${namespace}/pods`)).filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'argocd-repo-server',
    );
    const logs = await Promise.all(
      pods.map(({ metadata }) => api.logs(namespace, metadata.name, `container=${SIDECAR}`)),
    );
    const last = (log: string) => log.trimEnd().split('\n').at(-1);
    return pods.length > 0 && logs.every((log) => last(log) === wanted) ? true : undefined;
  });
};

export const removeSidecar = async (api: Api, namespace: string): Promise<void> => {
  await api.merge(params(namespace), { data: { 'reposerver.listen.address': null } });
  await api.strategicMerge(workloadPath(namespace, REPO_SERVER), {
    spec: {
      template: {
        spec: {
          containers: [{ name: SIDECAR, $patch: 'delete' }],
          volumes: ['mesh-program', 'mesh-config', 'mesh-identity'].map((name) => ({
            name,
            $patch: 'delete',
          })),
        },
      },
    },
  });
  await workloadReady(api, namespace, REPO_SERVER);
};
