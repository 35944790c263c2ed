/**
 * A default Argo CD 3.6 install as the agent's model sees it: the parts of upstream's manifests that have to do with repo-server mTLS.
 *
 * **Invariant:** names, keys and paths are written out here from argoproj/argo-cd v3.6.1 `manifests/base`, never taken from the agent's
 * own tables: a wrong table must fail against these.
 */
import { CLIENT_COMPONENTS, type ClientComponent, type Component } from '../../../agent/model/terms.ts';
import type {
  Container,
  EnvVar,
  PodTemplate,
  UpdateStrategy,
  Volume,
  Workload,
} from '../../../agent/model/workload.ts';

const PARAMS = 'argocd-cmd-params-cm';

/** A variable taken from `argocd-cmd-params-cm`, optional as all of upstream's are. */
export const fromParams = (name: string, key: string): EnvVar => ({
  name,
  value: undefined,
  configMapKey: { configMap: PARAMS, key, optional: true },
});

const same = (...keys: readonly string[]) => keys.map((key) => ({ key, path: key }));

const secretVolume = (name: string, ...keys: readonly string[]): Volume => ({
  name,
  source: { type: 'secret', name, items: same(...keys), optional: true },
});

const tlsVolume = secretVolume('argocd-repo-server-tls', 'tls.crt', 'tls.key', 'ca.crt');
const clientVolume = secretVolume('argocd-repo-server-mtls', 'client.crt', 'client.key', 'server-ca.crt');

const mount = (volume: string, path: string) => ({ volume, path, subPath: undefined, readOnly: false });

interface Shape {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly tlsDirectory: string;
  readonly volumes: readonly Volume[];
  readonly strategy: UpdateStrategy;
}

const ROLLING: UpdateStrategy = { type: 'RollingUpdate', partition: 0 };

const clientEnv = (prefix: string, key: string): readonly EnvVar[] => [
  fromParams(`ARGOCD_${prefix}_REPO_SERVER_PLAINTEXT`, `${key}.repo.server.plaintext`),
  fromParams(`ARGOCD_${prefix}_REPO_SERVER_CA_CERT_PATH`, `${key}.repo.server.ca.cert.path`),
  fromParams(`ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_PATH`, `${key}.repo.server.client.cert.path`),
  fromParams(`ARGOCD_${prefix}_REPO_SERVER_CLIENT_CERT_KEY_PATH`, `${key}.repo.server.client.cert.key.path`),
];

const dialling = (prefix: string, key: string): readonly EnvVar[] => [
  fromParams(`ARGOCD_${prefix}_REPO_SERVER`, 'repo.server'),
  fromParams(`ARGOCD_${prefix}_REPO_SERVER_STRICT_TLS`, `${key}.repo.server.strict.tls`),
  ...clientEnv(prefix, key),
];

const SHAPES: Readonly<Record<Component, Shape>> = {
  'repo-server': {
    kind: 'Deployment',
    args: ['/usr/local/bin/argocd-repo-server'],
    env: [
      fromParams('ARGOCD_REPO_SERVER_LISTEN_ADDRESS', 'reposerver.listen.address'),
      fromParams('ARGOCD_REPO_SERVER_DISABLE_TLS', 'reposerver.disable.tls'),
      fromParams('ARGOCD_REPO_SERVER_CLIENT_CA_PATH', 'reposerver.client.ca.path'),
    ],
    tlsDirectory: '/app/config/reposerver/tls',
    volumes: [tlsVolume, secretVolume('argocd-repo-server-mtls', 'client-ca.crt')],
    strategy: ROLLING,
  },
  server: {
    kind: 'Deployment',
    args: ['/usr/local/bin/argocd-server'],
    env: dialling('SERVER', 'server'),
    tlsDirectory: '/app/config/server/tls',
    volumes: [tlsVolume, clientVolume],
    strategy: ROLLING,
  },
  'application-controller': {
    kind: 'StatefulSet',
    args: ['/usr/local/bin/argocd-application-controller'],
    env: dialling('APPLICATION_CONTROLLER', 'controller'),
    tlsDirectory: '/app/config/controller/tls',
    volumes: [tlsVolume, clientVolume],
    strategy: ROLLING,
  },
  'applicationset-controller': {
    kind: 'Deployment',
    args: ['/usr/local/bin/argocd-applicationset-controller'],
    env: dialling('APPLICATIONSET_CONTROLLER', 'applicationsetcontroller'),
    tlsDirectory: '/app/config/reposerver/tls',
    volumes: [tlsVolume, clientVolume],
    strategy: ROLLING,
  },
  'notifications-controller': {
    kind: 'Deployment',
    args: ['/usr/local/bin/argocd-notifications'],
    env: clientEnv('NOTIFICATION_CONTROLLER', 'notificationscontroller'),
    tlsDirectory: '/app/config/reposerver/tls',
    volumes: [tlsVolume, clientVolume],
    strategy: { type: 'Recreate' },
  },
};

export interface InstallOptions {
  readonly namespace?: string;
  readonly image?: string;
  readonly replicas?: number;
}

export const IMAGE = 'quay.io/argoproj/argocd:v3.6.1';

function container(component: Component, image: string): Container {
  const shape = SHAPES[component];
  return {
    name: `argocd-${component}`,
    image,
    command: [],
    args: shape.args,
    env: shape.env,
    mounts: [
      mount('argocd-repo-server-tls', shape.tlsDirectory),
      mount('argocd-repo-server-mtls', '/app/config/reposerver/mtls'),
      mount('tmp', '/tmp'),
    ],
    preStop: undefined,
  };
}

function template(component: Component, image: string): PodTemplate {
  return {
    labels: { 'app.kubernetes.io/name': `argocd-${component}` },
    annotations: {},
    serviceAccount: `argocd-${component}`,
    initContainers: [],
    containers: [container(component, image)],
    volumes: [...SHAPES[component].volumes, { name: 'tmp', source: { type: 'other', kind: 'emptyDir' } }],
  };
}

/** One component's workload, rolled out and healthy. */
export function workloadOf(component: Component, options: InstallOptions = {}): Workload {
  const { namespace = 'argocd', image = IMAGE, replicas = 1 } = options;
  const { kind, strategy } = SHAPES[component];
  const revision = kind === 'StatefulSet' ? `argocd-${component}-1` : undefined;
  return {
    ref: { kind, namespace, name: `argocd-${component}` },
    uid: `uid-${component}`,
    resourceVersion: '1',
    generation: 1,
    labels: {
      'app.kubernetes.io/name': `argocd-${component}`,
      'app.kubernetes.io/part-of': 'argocd',
      'app.kubernetes.io/component': component,
    },
    annotations: {},
    selector: { 'app.kubernetes.io/name': `argocd-${component}` },
    replicas,
    paused: false,
    strategy,
    template: template(component, image),
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: revision,
      updateRevision: revision,
      stalled: undefined,
    },
  };
}

/** The five workloads of the default install. */
export const install = (options: InstallOptions = {}): readonly Workload[] =>
  (['repo-server', ...CLIENT_COMPONENTS] as const).map((component) => workloadOf(component, options));

export const clientWorkloads = (
  options: InstallOptions = {},
): Readonly<Record<ClientComponent, Workload>> => ({
  server: workloadOf('server', options),
  'application-controller': workloadOf('application-controller', options),
  'applicationset-controller': workloadOf('applicationset-controller', options),
  'notifications-controller': workloadOf('notifications-controller', options),
});
