/**
 * Applications on the git server, and the hard refresh: a real call from the application-controller to repo-server.
 * A ComparisonError is what a user sees when that call failed.
 */
import type { Api, KubeObject } from './api.ts';
import { applicationPaths, repositoryUrl } from './git.ts';
import { apiServer } from './settings.ts';
import { until } from './wait.ts';

export interface Application extends KubeObject {
  status?: {
    sync?: { status?: string };
    reconciledAt?: string;
    conditions?: { type: string; message: string; lastTransitionTime?: string }[];
  };
}

export interface Refresh {
  readonly application: string;
  readonly seconds: number;
  /** The ComparisonError's message, where there is one. */
  readonly comparisonError?: string;
}

export const applicationPath = (namespace: string, name: string): string =>
  `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications/${name}`;

const inCluster = 'https://kubernetes.default.svc';

/**
 * One Application for each folder of the repository. With two controller shards the second gets a cluster of its own
 * (the same API server under its other address), so that both shards really call repo-server.
 */
export async function createApplications(api: Api, namespace: string, shards = 1): Promise<string[]> {
  const destination = `${namespace}-applications`;
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: destination } });
  if (shards > 1) await secondCluster(api, namespace);
  const names: string[] = [];
  for (const [index, path] of applicationPaths.entries()) {
    await api.apply({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: path, namespace },
      spec: {
        project: 'default',
        source: { repoURL: repositoryUrl, path, targetRevision: 'main' },
        destination: {
          server: shards > 1 && index % 2 === 1 ? apiServer : inCluster,
          namespace: destination,
        },
        syncPolicy: { automated: {} },
      },
    });
    names.push(path);
  }
  return names;
}

export async function applicationsSynced(
  api: Api,
  namespace: string,
  names: string[],
  seconds = 120,
): Promise<void> {
  for (const name of names) {
    await until(`Application ${namespace}/${name} to be Synced`, seconds, async () => {
      const { status } = await api.get<Application>(applicationPath(namespace, name));
      if (status?.sync?.status === 'Synced') return true;
      const said = status?.conditions?.map((one) => one.message).join('; ');
      if (said !== undefined && said !== '') throw new Error(said);
      return undefined;
    });
  }
}

/** Asks for a hard refresh and waits until the controller has done it. */
export async function hardRefresh(api: Api, namespace: string, name: string, seconds = 60): Promise<Refresh> {
  const path = applicationPath(namespace, name);
  const began = performance.now();
  await api.merge(path, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } });
  const done = await until(`hard refresh of ${namespace}/${name}`, seconds, async () => {
    const application = await api.get<Application>(path);
    return application.metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined
      ? application
      : undefined;
  });
  const error = done.status?.conditions?.find((condition) => condition.type === 'ComparisonError');
  return {
    application: name,
    seconds: (performance.now() - began) / 1000,
    ...(error === undefined ? {} : { comparisonError: error.message }),
  };
}

/** A declarative cluster of shard 1, spoken to as the controller's own ServiceAccount. */
async function secondCluster(api: Api, namespace: string): Promise<void> {
  const account = 'argocd-application-controller';
  const token = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } },
  );
  const ca = await api.get<{ data: Record<string, string> }>(
    `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`,
  );
  const caData = Buffer.from(ca.data['ca.crt'] ?? '').toString('base64');
  await api.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'cluster-of-shard-one',
      namespace,
      labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
    },
    stringData: {
      name: 'shard-one',
      server: apiServer,
      shard: '1',
      config: JSON.stringify({ bearerToken: token.status.token, tlsClientConfig: { caData } }),
    },
  });
}
