/**
 * One pod with the sidecar that `manifests/components/sidecar` puts beside Argo CD, and in Argo CD's place a container that only reads.
 *
 * **Invariant:** container, user, rights and volumes are the component's; a test says what of its mounts is bad.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Api, KubeObject } from '../harness/api.ts';
import { argoCdImage } from '../harness/images.ts';
import { folders, kubeletRoot } from '../harness/settings.ts';
import { shell } from '../harness/shell.ts';

const VOLUME = 'argocd-repo-server-mtls';
const DIRECTORY = '/app/config/reposerver/mtls';
const SOURCE = '/certificates/client';

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly initContainers: readonly {
    readonly name: string;
    readonly image: string;
    readonly volumeMounts: readonly Mount[];
  }[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

export interface Badness {
  /** Of the emptyDir in memory. */
  readonly sizeLimit?: string;
  /** The sidecar may not write where it has to. */
  readonly outputReadOnly?: boolean;
  /** Permission bits of the source's files, without the group by which the sidecar could read them. */
  readonly sourceMode?: number;
}

interface Pod extends KubeObject {
  status?: {
    containerStatuses?: { state: { running?: unknown } }[];
    initContainerStatuses?: { started?: boolean; restartCount: number }[];
  };
}

const shipped = (): PodSpec =>
  parse(readFileSync(join(folders.repository, 'manifests', 'components', 'sidecar', 'patch.yaml'), 'utf8'))
    .spec.template.spec;

const config = stringify({
  apiVersion: 'mtls-rotator/v1alpha1',
  kind: 'SidecarConfig',
  component: 'server',
  sources: { client: { directory: SOURCE } },
  api: 'none',
  poll: '5s',
});

const reader = {
  name: 'reader',
  image: argoCdImage,
  imagePullPolicy: 'IfNotPresent',
  command: ['sleep', '3600'],
  volumeMounts: [{ name: VOLUME, mountPath: DIRECTORY }],
};

export class SidecarPod {
  readonly name: string;
  readonly #api: Api;
  readonly #namespace: string;

  constructor(api: Api, namespace: string, name: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.name = name;
  }

  get #path(): string {
    return `/api/v1/namespaces/${this.#namespace}/pods/${this.name}`;
  }

  /** @param secret with tls.crt, tls.key and ca.crt */
  async start(image: string, secret: string, badness: Badness = {}): Promise<void> {
    const { securityContext, initContainers, volumes } = shipped();
    const { sizeLimit = '4Mi', outputReadOnly = false, sourceMode } = badness;
    await this.#api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'sidecar', namespace: this.#namespace },
      data: { 'sidecar.yaml': config },
    });
    await this.#api.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: this.name, namespace: this.#namespace },
      spec: {
        ...(sourceMode === undefined && { securityContext }),
        terminationGracePeriodSeconds: 1,
        initContainers: initContainers.map((one) => ({
          ...one,
          image,
          volumeMounts: [
            ...one.volumeMounts.map((mount) =>
              mount.mountPath === DIRECTORY && outputReadOnly ? { ...mount, readOnly: true } : mount,
            ),
            { name: 'mtls-rotator-source', mountPath: SOURCE, readOnly: true },
          ],
        })),
        containers: [reader],
        volumes: [
          ...volumes.filter(({ name }) => name !== VOLUME),
          { name: VOLUME, emptyDir: { medium: 'Memory', sizeLimit } },
          { name: 'mtls-rotator-config', configMap: { name: 'sidecar' } },
          {
            name: 'mtls-rotator-source',
            secret: { secretName: secret, defaultMode: sourceMode ?? 0o440 },
          },
        ],
      },
    });
  }

  /** True once Argo CD would run. */
  async readerRuns(): Promise<boolean> {
    const { status } = await this.#api.get<Pod>(this.#path);
    return status?.containerStatuses?.some(({ state }) => state.running !== undefined) ?? false;
  }

  logs(): Promise<string> {
    return this.#api.logs(this.#namespace, this.name, 'container=mtls-rotator');
  }

  /** What a command says that runs as Argo CD's user, beside the sidecar. */
  asReader(...command: readonly string[]): Promise<string> {
    return shell('kubectl', [
      ...['--kubeconfig', this.#api.kubeconfig, '-n', this.#namespace],
      ...['exec', this.name, '-c', 'reader', '--', ...command],
    ]);
  }

  read(file: string): Promise<string> {
    return this.asReader('cat', `${DIRECTORY}/${file}`);
  }

  /** Everything in the emptyDir, looked at on the node: no container has to run for it. */
  async files(): Promise<readonly string[]> {
    const { metadata } = await this.#api.get<Pod>(this.#path);
    return readdirSync(
      join(kubeletRoot, 'pods', metadata.uid ?? '', 'volumes', 'kubernetes.io~empty-dir', VOLUME),
    );
  }

  directory(file: string): string {
    return `${DIRECTORY}/${file}`;
  }
}
