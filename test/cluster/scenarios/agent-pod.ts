/**
 * The agent's own pod, from its own manifests: Pod Security restricted, the Role that `mtls-rotator rights` prints, nothing else.
 *
 * **Invariant:** the agent is given no right and no file that its manifests would not give it at a user's.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { settingsFrom } from '../../../agent/config/keeper.ts';
import { roleManifests } from '../../../agent/config/role.ts';
import type { JournalRecord } from '../../../agent/model/journal-record.ts';
import type { ClusterUnderTest } from '../harness/cluster-under-test.ts';
import { folders } from '../harness/settings.ts';
import { shell } from '../harness/shell.ts';
import { until } from '../harness/wait.ts';

const NAMESPACE = 'argocd-mtls-rotator';

/** Secret of what a deployment is given beside its configuration, and where its pod finds it. */
const FILES = 'argocd-mtls-rotator-files';
export const filesFolder = '/etc/mtls-rotator-files';

const mounted = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAMESPACE, namespace: NAMESPACE },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'agent', volumeMounts: [{ name: 'files', mountPath: filesFolder, readOnly: true }] },
        ],
        volumes: [{ name: 'files', secret: { secretName: FILES } }],
      },
    },
  },
};

export interface AgentConfig {
  readonly connections?: Readonly<Record<string, unknown>>;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly instances: readonly Readonly<Record<string, unknown>>[];
}

export interface Finding {
  readonly code: string;
  /** YAML, where applying something mends it. */
  readonly patch?: string;
}

const textOf = (config: AgentConfig): string =>
  stringify({ apiVersion: 'mtls-rotator/v1alpha1', kind: 'RotatorConfig', ...config });

export class AgentPod {
  readonly #cluster: ClusterUnderTest;
  readonly #image: string;

  constructor(cluster: ClusterUnderTest, image: string) {
    this.#cluster = cluster;
    this.#image = image;
  }

  async #kubectl(args: readonly string[], input?: string): Promise<string> {
    return await shell(
      'kubectl',
      ['--kubeconfig', this.#cluster.kubeconfig, ...args],
      input === undefined ? {} : { input },
    );
  }

  /** Roles first, then the configuration: as a user would do it. */
  async configure(config: AgentConfig): Promise<void> {
    const text = textOf(config);
    const settings = settingsFrom('test', text);
    await this.#kubectl(
      ['apply', '-f', '-'],
      roleManifests(settings.instances, { agentNamespace: NAMESPACE, serviceAccount: NAMESPACE }),
    );
    await this.#cluster.api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-mtls-rotator-config', namespace: NAMESPACE },
      data: { 'config.yaml': text },
    });
  }

  /**
   * Applies `manifests/base` by Kustomize and waits until the pod is at work.
   *
   * @param files texts that the pod finds in `/etc/mtls-rotator-files`, as a user would mount a Secret of his own
   */
  async deploy(config: AgentConfig, files: Readonly<Record<string, string>> = {}): Promise<void> {
    const overlay = mkdtempSync(join(tmpdir(), 'mtls-rotator-overlay-'));
    const [name, tag] = [this.#image.slice(0, this.#image.lastIndexOf(':')), this.#image.split(':').at(-1)];
    try {
      writeFileSync(
        join(overlay, 'kustomization.yaml'),
        stringify({
          resources: [relative(overlay, join(folders.repository, 'manifests', 'base'))],
          images: [{ name: NAMESPACE, newName: name, newTag: tag }],
          ...(Object.keys(files).length === 0 ? {} : { patches: [{ patch: stringify(mounted) }] }),
        }),
      );
      const rendered = await this.#kubectl(['kustomize', '--load-restrictor=LoadRestrictionsNone', overlay]);
      await this.#kubectl(['create', 'namespace', NAMESPACE]).catch(() => undefined);
      await this.configure(config);
      await this.files(files);
      await this.#cluster.api.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'argocd-mtls-rotator-otel', namespace: NAMESPACE },
        data: { OTEL_EXPORTER_OTLP_ENDPOINT: this.#cluster.node.otlpEndpoint },
      });
      await this.#kubectl(['apply', '-f', '-'], rendered);
    } finally {
      rmSync(overlay, { recursive: true, force: true });
    }
    await this.#kubectl([
      '-n',
      NAMESPACE,
      'rollout',
      'status',
      'deployment/argocd-mtls-rotator',
      '--timeout=120s',
    ]);
  }

  /** Replaces them; the pod sees it once its kubelet has. */
  async files(files: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(files).length === 0) return;
    await this.#cluster.api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: FILES, namespace: NAMESPACE },
      stringData: files,
    });
  }

  async scale(replicas: 0 | 1): Promise<void> {
    await this.#kubectl([
      '-n',
      NAMESPACE,
      'scale',
      'deployment/argocd-mtls-rotator',
      `--replicas=${replicas}`,
    ]);
    await until(`${replicas} agent pods`, 90, async () => {
      const pods = await this.#kubectl([
        '-n',
        NAMESPACE,
        'get',
        'pods',
        '--no-headers',
        '--ignore-not-found',
      ]);
      const lines = pods.split('\n').filter((line) => line.trim() !== '');
      return lines.length === replicas && lines.every((line) => line.includes('1/1')) ? true : undefined;
    });
  }

  async remove(): Promise<void> {
    await this.#kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
  }

  async logs(): Promise<string> {
    return await this.#kubectl([
      '-n',
      NAMESPACE,
      'logs',
      'deployment/argocd-mtls-rotator',
      '--tail=-1',
    ]).catch((error: unknown) => String(error));
  }

  /** What the agent wrote about an instance; undefined while there is nothing. */
  async journal(namespace: string, instance: string): Promise<JournalRecord | undefined> {
    const found = await this.#cluster.api.find<{ data?: { journal?: string } }>(
      `/api/v1/namespaces/${namespace}/configmaps/argocd-mtls-rotator-${instance}`,
    );
    const text = found?.data?.journal;
    return text === undefined ? undefined : (JSON.parse(text) as JournalRecord);
  }

  /** What `mtls-rotator plan` finds with this configuration, asked from the host as somebody who may look would. */
  async findings(config: AgentConfig): Promise<readonly Finding[]> {
    const folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-plan-'));
    const file = join(folder, 'config.yaml');
    try {
      writeFileSync(file, textOf(config));
      const main = join(folders.repository, 'agent', 'main.ts');
      const kubeconfig = ['--kubeconfig', this.#cluster.kubeconfig];
      const printed = await shell(process.execPath, [main, 'plan', '-c', file, ...kubeconfig, '-o', 'json']);
      const { instances } = JSON.parse(printed) as { instances: { plan?: { findings: Finding[] } }[] };
      return instances.flatMap(({ plan }) => plan?.findings ?? []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** SIGKILL for the agent's process, as the kernel's OOM killer would: on the node, not through the API. */
  async sigkill(): Promise<void> {
    const pids = (await shell('pgrep', ['-f', '^node /app/dist/agent/main.js run']))
      .split('\n')
      .filter((pid) => pid !== '');
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
  }
}
