/** A default install with the components `sidecar-…`: the same sidecar in every pod, before Argo CD's container, and nothing else changed. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseSidecarConfig } from '../../agent/config/sidecar-parse.ts';
import { COMPONENTS, type Component } from '../../agent/model/terms.ts';
import { install } from '../kit/argocd/install.ts';
import { manifestOf } from '../kit/argocd/manifest.ts';
import { type Manifest, renderOf } from './render.ts';

/** kubectl renders the components. */
jest.setTimeout(60_000);

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly args: readonly string[];
  readonly volumeMounts: readonly Mount[];
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[];
}

const workloads = install();
const original = Object.fromEntries(
  workloads.map((workload) => [`${workload.ref.name}.yaml`, manifestOf(workload)]),
);

const built = (components: readonly string[]) =>
  renderOf(
    {
      namespace: 'argocd',
      resources: Object.keys(original),
      components: components.map((name) => `components/${name}`),
    },
    original,
  );

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name.startsWith(name));
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};

const workloadIn = (manifests: readonly Manifest[], component: Component): Manifest => {
  const kind = component === 'application-controller' ? 'StatefulSet' : 'Deployment';
  return named(manifests, kind, `argocd-${component}`);
};

const podOf = (workload: Manifest): PodSpec =>
  (workload.spec as unknown as { readonly template: { readonly spec: PodSpec } }).template.spec;

const sidecarOf = (workload: Manifest): Container => {
  const [first] = podOf(workload).initContainers ?? [];
  if (first?.name !== 'mtls-rotator') throw new Error(`${workload.metadata.name} has no sidecar`);
  return first;
};

let all: readonly Manifest[];

beforeAll(() => {
  all = built(COMPONENTS.map((component) => `sidecar-${component}`));
});

describe.each(COMPONENTS)('components/sidecar-%s', (component) => {
  const before = podOf(original[`argocd-${component}.yaml`] as unknown as Manifest);
  const patched = (): PodSpec => podOf(workloadIn(all, component));
  const sidecar = (): Container => sidecarOf(workloadIn(all, component));

  test('puts a native sidecar before Argo CD’s container, which starts once files are written', () => {
    expect(sidecar()).toMatchObject({
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/startupz' } },
      args: ['sidecar', '--config=/etc/mtls-rotator/sidecar.yaml'],
    });
  });

  test('meets Pod Security "restricted"', () => {
    expect(sidecar()).toMatchObject({
      securityContext: {
        runAsNonRoot: true,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
  });

  test('puts memory where the Secret was, which only the sidecar may write', () => {
    const pod = patched();
    expect(pod.volumes.filter(({ name }) => name === 'argocd-repo-server-mtls')).toEqual([
      { name: 'argocd-repo-server-mtls', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
    ]);
    const mounts = (container: Container | undefined) =>
      container?.volumeMounts.filter(({ mountPath }) => mountPath === '/app/config/reposerver/mtls');
    const mount = { name: 'argocd-repo-server-mtls', mountPath: '/app/config/reposerver/mtls' };
    expect(mounts(sidecar())).toEqual([mount]);
    expect(pod.containers.map(mounts)).toEqual([[{ ...mount, readOnly: true }]]);
  });

  test('shows source, configuration and token to the sidecar alone, as whole folders and read-only', () => {
    const pod = patched();
    const own = ({ name }: { readonly name: string }) => name.startsWith('mtls-rotator-');
    expect(pod.containers.flatMap(({ volumeMounts }) => volumeMounts.filter(own))).toEqual([]);
    const mounts = sidecar().volumeMounts.filter(own);
    expect(mounts.map(({ name }) => name).toSorted()).toEqual(
      pod.volumes
        .filter(own)
        .map(({ name }) => name)
        .toSorted(),
    );
    for (const mount of mounts) {
      expect(mount).toEqual({ name: mount.name, mountPath: mount.mountPath, readOnly: true });
    }
  });

  test('leaves every other volume, and all else of Argo CD’s container, as it was', () => {
    const ours = (name: string) => name.startsWith('mtls-rotator-') || name === 'argocd-repo-server-mtls';
    expect(patched().volumes.filter(({ name }) => !ours(name))).toEqual(
      before.volumes.filter(({ name }) => !ours(name)),
    );
    const rest = ({ volumeMounts, ...others }: Container) => ({
      ...others,
      mounts: volumeMounts.map(({ mountPath }) => mountPath).toSorted(),
    });
    expect(patched().containers.map(rest)).toEqual(before.containers.map(rest));
  });

  test('comes with a configuration that is valid, of this component, and finds its sources where they are mounted', () => {
    const text = named(all, 'ConfigMap', `argocd-mtls-rotator-sidecar-${component}-config`).data?.[
      'sidecar.yaml'
    ];
    const parsed = parseSidecarConfig(text ?? '');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { settings } = parsed;
    expect(settings).toMatchObject({ component, api: 'record', restart: 'evict' });
    const { clientCa, serving, client, serverCa } = settings.sources;
    const mounted = sidecar().volumeMounts.map(({ mountPath }) => mountPath);
    const directories = [...clientCa, serving, client, serverCa].flatMap((one) =>
      one === undefined ? [] : [one.directory],
    );
    expect(directories).toHaveLength(1);
    expect(mounted).toEqual(expect.arrayContaining([...directories, settings.output.mtls]));
  });

  test('binds this component’s own account to what it needs, by name but for pods and their eviction', () => {
    const name = `argocd-mtls-rotator-sidecar-${component}`;
    expect(named(all, 'RoleBinding', name)).toMatchObject({
      metadata: { namespace: 'argocd' },
      roleRef: { kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: `argocd-${component}` }],
    });
    const rules = named(all, 'Role', name).rules ?? [];
    expect(
      rules.map(({ resources, resourceNames = ['*'], verbs }) =>
        [resources.join(), resourceNames.join(), verbs.join()].join(' '),
      ),
    ).toEqual([
      'configmaps argocd-mtls-rotator-sidecars get,create,patch',
      'pods * list',
      `leases ${name} get,create,patch`,
      'pods/eviction * create',
    ]);
  });
});

test('every pod gets the same sidecar, but for where its source is mounted', () => {
  const shared = COMPONENTS.map((component) => {
    const { volumeMounts, ...rest } = sidecarOf(workloadIn(all, component));
    return { ...rest, volumeMounts: volumeMounts.filter(({ name }) => name !== 'mtls-rotator-source') };
  });
  for (const sidecar of shared) expect(sidecar).toEqual(shared[0]);
});

test('repo-server’s pod is shown the CA and not the clients’ key', () => {
  const source = podOf(workloadIn(all, 'repo-server')).volumes.find(
    ({ name }) => name === 'mtls-rotator-source',
  );
  expect(source).toMatchObject({ secret: { items: [{ key: 'ca.crt', path: 'ca.crt' }] } });
});

test('one of them alone gives its workload the same, and no other workload anything', () => {
  const alone = built(['sidecar-server']);
  expect(workloadIn(alone, 'server')).toEqual(workloadIn(all, 'server'));
  for (const other of COMPONENTS.filter((component) => component !== 'server')) {
    expect(workloadIn(alone, other).spec).toEqual(original[`argocd-${other}.yaml`]?.spec);
  }
});

test('the patches in docs/sidecar.md give it another configuration, and a CSI volume as its source', () => {
  const text = readFileSync('docs/sidecar.md', 'utf8');
  const shown = (name: string): unknown => {
    const [, body] = new RegExp(`\`\`\`yaml\\n# ${name}\\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
    return parse(body ?? '');
  };
  const files = Object.fromEntries(
    ['server-config.yaml', 'server-source.yaml'].map((name) => [name, shown(name)]),
  );
  const own = shown('kustomization.yaml') as {
    readonly components: unknown;
    readonly patches: readonly object[];
  };
  expect(own.components).toEqual(['…/manifests/components/sidecar-server']);
  const laidOver = renderOf(
    {
      namespace: 'argocd',
      resources: Object.keys(original),
      components: ['components/sidecar-server'],
      patches: own.patches,
    },
    { ...original, ...files },
  );
  const { volumes } = podOf(workloadIn(laidOver, 'server'));
  expect(volumes).toContainEqual({
    name: 'mtls-rotator-source',
    csi: expect.objectContaining({ driver: 'csi.cert-manager.io' }),
  });
  const config = named(laidOver, 'ConfigMap', 'argocd-mtls-rotator-sidecar-server-config-');
  expect(parseSidecarConfig(config.data?.['sidecar.yaml'] ?? '')).toMatchObject({
    ok: true,
    settings: { restart: 'never' },
  });
  expect(volumes).toContainEqual({
    name: 'mtls-rotator-config',
    configMap: { name: config.metadata.name },
  });
  expect(config.metadata.name).not.toBe(
    named(all, 'ConfigMap', 'argocd-mtls-rotator-sidecar-server-config-').metadata.name,
  );
});
