/**
 * Argo CD from its own install.yaml, out of the module that its binary was built from.
 * What is changed is said here and nowhere else: namespace, image, replicas, no dex, Redis from Debian, and smaller probes' delays.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Api, type KubeObject, pathOf } from './api.ts';
import { argoCdImage } from './images.ts';
import { moduleFolder } from './parts.ts';
import { until } from './wait.ts';

export interface ArgoCdOptions {
  readonly namespace: string;
  readonly repoServers?: number;
  readonly servers?: number;
  readonly controllerShards?: number;
  /** `lifecycle.preStop.sleep` of repo-server, in seconds: its endpoints are gone before it stops. */
  readonly preStopSleep?: number;
  /** Entries of argocd-cmd-params-cm. */
  readonly params?: Readonly<Record<string, string>>;
}

export interface Workload extends KubeObject {
  spec: {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: { metadata: { annotations?: Record<string, string> }; spec: PodSpec };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
  };
}

interface PodSpec {
  affinity?: unknown;
  initContainers?: Container[];
  containers: Container[];
  terminationGracePeriodSeconds?: number;
}

interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  command?: string[];
  env?: { name: string; value?: string }[];
  readinessProbe?: { initialDelaySeconds?: number; periodSeconds?: number };
  lifecycle?: { preStop: { sleep: { seconds: number } } };
}

export type Manifest = KubeObject & Record<string, unknown>;

/** Once a cluster: the instances share the CRDs. */
export async function installArgoCdCrds(api: Api): Promise<void> {
  for (const object of await upstream()) {
    if (object.kind === 'CustomResourceDefinition') await api.apply(object);
  }
  await until('the Application API', 30, async () => {
    await api.list('/apis/argoproj.io/v1alpha1/applications');
    await api.list('/apis/argoproj.io/v1alpha1/appprojects');
    return true;
  });
}

/** Applies one instance; `argoCdReady` waits for its pods. */
export async function installArgoCd(api: Api, options: ArgoCdOptions): Promise<void> {
  const { namespace } = options;
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const redis = { name: 'argocd-redis', namespace };
  if ((await api.find(pathOf({ apiVersion: 'v1', kind: 'Secret', metadata: redis }))) === undefined) {
    const stringData = { auth: randomBytes(12).toString('hex') };
    await api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: redis, stringData });
  }
  for (const object of await argoCdObjects(options)) await api.apply(object);
}

/** What `installArgoCd` applies, for somebody who lays components over it. */
export async function argoCdObjects(options: ArgoCdOptions): Promise<Manifest[]> {
  return (await upstream()).map((object) => adapt(object, options)).filter((object) => object !== undefined);
}

export const argoCdWorkloads = [
  'deployments/argocd-redis',
  'deployments/argocd-repo-server',
  'deployments/argocd-server',
  'deployments/argocd-applicationset-controller',
  'deployments/argocd-notifications-controller',
  'statefulsets/argocd-application-controller',
] as const;

export const workloadPath = (namespace: string, workload: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/${workload}`;

/** Every workload of the instance at its newest generation, with all replicas ready. */
export async function argoCdReady(api: Api, namespace: string, seconds = 240): Promise<void> {
  for (const workload of argoCdWorkloads) await workloadReady(api, namespace, workload, seconds);
}

export async function workloadReady(
  api: Api,
  namespace: string,
  workload: string,
  seconds = 240,
): Promise<void> {
  await until(`${namespace}/${workload} to be ready`, seconds, async () => {
    const { metadata, spec, status = {} } = await api.get<Workload>(workloadPath(namespace, workload));
    const wanted = spec.replicas;
    if (status.observedGeneration !== metadata.generation) return undefined;
    const counts = [status.replicas, status.readyReplicas, status.updatedReplicas];
    return counts.every((count) => (count ?? 0) === wanted) ? true : undefined;
  });
}

/** As `kubectl rollout restart` does it. */
export async function restartWorkload(api: Api, namespace: string, workload: string): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  await api.strategicMerge(workloadPath(namespace, workload), {
    spec: { template: { metadata: { annotations } } },
  });
}

/** Deletes the namespace with all in it, and what the instance has outside of it. */
export async function removeArgoCd(api: Api, namespace: string): Promise<void> {
  await api.remove(`/api/v1/namespaces/${namespace}`);
  for (const object of await upstream()) {
    if (object.kind !== 'ClusterRole' && object.kind !== 'ClusterRoleBinding') continue;
    const plural = `${object.kind.toLowerCase()}s`;
    await api.remove(`/apis/${object.apiVersion}/${plural}/${object.metadata.name}-${namespace}`);
  }
}

async function upstream(): Promise<Manifest[]> {
  const module = await moduleFolder('argocd', 'github.com/argoproj/argo-cd/v3');
  const text = readFileSync(join(module, 'manifests', 'install.yaml'), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function adapt(object: Manifest, options: ArgoCdOptions): Manifest | undefined {
  const { namespace } = options;
  if (object.kind === 'CustomResourceDefinition' || object.metadata.name.includes('dex')) return undefined;
  // The bridge CNI does not enforce them; an instance without them is what the tests look at.
  if (object.kind === 'NetworkPolicy') return undefined;
  if (object.kind === 'ClusterRole') return renamed(object, namespace);
  if (object.kind === 'ClusterRoleBinding') {
    const binding = renamed(object, namespace) as Manifest & {
      roleRef: { name: string };
      subjects: { namespace: string }[];
    };
    binding.roleRef.name = `${binding.roleRef.name}-${namespace}`;
    for (const subject of binding.subjects) subject.namespace = namespace;
    return binding;
  }
  object.metadata.namespace = namespace;
  if (object.kind === 'RoleBinding') {
    for (const subject of (object as Manifest & { subjects: { namespace?: string }[] }).subjects) {
      subject.namespace = namespace;
    }
  }
  if (object.kind === 'ConfigMap') return settings(object, options);
  if (object.metadata.name === 'argocd-secret') return { ...object, stringData: noFirstLogin() };
  if (object.kind === 'Deployment' || object.kind === 'StatefulSet') {
    adaptWorkload(object as unknown as Workload, options);
  }
  return object;
}

function renamed(object: Manifest, namespace: string): Manifest {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-${namespace}` } };
}

/** Otherwise two servers race to make the first password, and the loser is restarted. Nobody can log in with this one. */
function noFirstLogin(): Record<string, string> {
  return {
    'admin.password': `$2a$10$${'.'.repeat(53)}`,
    'admin.passwordMtime': '2026-01-01T00:00:00Z',
    'server.secretkey': randomBytes(24).toString('base64'),
  };
}

function settings(object: Manifest, { namespace, params = {} }: ArgoCdOptions): Manifest {
  const data: Record<string, Record<string, string>> = {
    'argocd-cm': {
      // Else each instance takes the other's objects of an Application with the same name for its own.
      installationID: namespace,
      // Two instances on two cores: each watches only what its Applications are made of.
      'resource.inclusions': '[{apiGroups: [""], kinds: [ConfigMap], clusters: ["*"]}]',
    },
    'argocd-cmd-params-cm': {
      'controller.status.processors': '4',
      'controller.operation.processors': '2',
      'controller.kubectl.parallelism.limit': '2',
      ...params,
    },
  };
  const more = data[object.metadata.name];
  if (more === undefined) return object;
  return { ...object, data: { ...(object.data as Record<string, string> | undefined), ...more } };
}

function adaptWorkload(workload: Workload, options: ArgoCdOptions): void {
  const { repoServers = 1, servers = 1, controllerShards = 1, preStopSleep } = options;
  const replicas: Record<string, number> = {
    'argocd-repo-server': repoServers,
    'argocd-server': servers,
    'argocd-application-controller': controllerShards,
  };
  workload.spec.replicas = replicas[workload.metadata.name] ?? 1;
  const pod = workload.spec.template.spec;
  delete pod.affinity;
  const isRedis = workload.metadata.name === 'argocd-redis';
  // It would make the Secret that is made above, with a program that is not built.
  if (isRedis) delete pod.initContainers;
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    container.image = argoCdImage;
    container.imagePullPolicy = 'IfNotPresent';
    if (container.readinessProbe !== undefined) {
      container.readinessProbe = { ...container.readinessProbe, initialDelaySeconds: 2, periodSeconds: 2 };
    }
    if (container.name === 'redis') container.command = ['redis-server'];
    if (container.name === 'argocd-application-controller') {
      for (const variable of container.env ?? []) {
        if (variable.name === 'ARGOCD_CONTROLLER_REPLICAS') variable.value = String(controllerShards);
      }
    }
    if (container.name === 'argocd-repo-server' && preStopSleep !== undefined) {
      container.lifecycle = { preStop: { sleep: { seconds: preStopSleep } } };
    }
  }
}
