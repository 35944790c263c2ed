/** The agent's own pod, and what is laid over somebody's Argo CD. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { type Manifest, render, renderOf } from './render.ts';

const find = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

describe('the agent’s pod', () => {
  const example = render('manifests/overlays/example');
  const deployment = find(example, 'Deployment');

  test('is never there twice', () => {
    expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  test('meets Pod Security "restricted", which its namespace enforces', () => {
    expect(find(example, 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(deployment.spec).toMatchObject({
      template: {
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    });
  });

  test('mounts its configuration as a folder, so that a change is seen', () => {
    expect(JSON.stringify(deployment.spec)).not.toContain('subPath');
    expect(deployment.spec).toMatchObject({
      template: {
        spec: {
          containers: [
            { volumeMounts: [{ name: 'config', mountPath: '/etc/mtls-rotator', readOnly: true }] },
          ],
          volumes: [{ name: 'config', configMap: { name: 'argocd-mtls-rotator-config' } }],
        },
      },
    });
  });

  test('comes with a configuration that is valid and changes nothing', () => {
    const parsed = parseConfig(find(example, 'ConfigMap').data?.['config.yaml'] ?? '');
    expect(parsed).toMatchObject({
      ok: true,
      settings: { instances: [{ mode: 'observe', adopt: 'never' }] },
    });
  });

  test('is given nothing cluster-wide', () => {
    expect(example.map((one) => one.kind).toSorted()).toEqual([
      'ConfigMap',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'Role',
      'RoleBinding',
      'ServiceAccount',
    ]);
  });

  test('may dial repo-server, and only that port', () => {
    expect(find(example, 'NetworkPolicy')).toMatchObject({
      metadata: { namespace: 'argocd' },
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-repo-server' } },
        ingress: [{ ports: [{ protocol: 'TCP', port: 8081 }] }],
      },
    });
  });
});

describe.each<[string, object]>([
  ['files', { secret: { secretName: 'repo-client', defaultMode: 0o440, optional: true } }],
  [
    'files-csi',
    {
      csi: {
        driver: 'csi.cert-manager.io',
        readOnly: true,
        volumeAttributes: expect.objectContaining({
          'csi.cert-manager.io/fs-group': '65532',
          'csi.cert-manager.io/key-usages': 'digital signature,client auth',
        }),
      },
    },
  ],
])('components/%s', (name, volume) => {
  const manifests = renderOf({ resources: ['base'], components: [`components/${name}`] });

  test('mounts the whole volume where the documents say, readable for the agent’s group, beside what is there', () => {
    const config = { name: 'config' };
    expect(find(manifests, 'Deployment').spec).toMatchObject({
      template: {
        spec: {
          securityContext: { fsGroup: 65532 },
          containers: [
            {
              volumeMounts: expect.arrayContaining([
                { name: 'client-certificate', mountPath: '/certificates/client', readOnly: true },
                expect.objectContaining(config),
              ]),
            },
          ],
          volumes: expect.arrayContaining([
            expect.objectContaining({ name: 'client-certificate', ...volume }),
            expect.objectContaining(config),
          ]),
        },
      },
    });
  });

  test('changes nothing else: no right, no other object', () => {
    const kinds = (of: readonly Manifest[]) => of.map(({ kind }) => kind);
    expect(kinds(manifests)).toEqual(kinds(render('manifests/base')));
  });
});

test('the prestop component lets repo-server answer on while its endpoints go away, and changes nothing else', () => {
  const container = { name: 'argocd-repo-server', image: 'x', ports: [{ containerPort: 8081 }] };
  const repoServer = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'argocd-repo-server' },
    spec: {
      replicas: 2,
      template: { spec: { containers: [container], initContainers: [{ name: 'copyutil' }] } },
    },
  };
  const [patched] = renderOf(
    { resources: ['repo-server.yaml'], components: ['components/prestop'] },
    { 'repo-server.yaml': repoServer },
  );
  expect(patched).toEqual({
    ...repoServer,
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [{ ...container, lifecycle: { preStop: { sleep: { seconds: 6 } } } }],
          initContainers: [{ name: 'copyutil' }],
        },
      },
    },
  });
});

describe('the image', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8').split('\n');

  test('runs the program, not as root', () => {
    expect(dockerfile).toContain('USER 65532:65532');
    expect(dockerfile).toContain('ENTRYPOINT ["node", "/app/dist/agent/main.js"]');
    expect(dockerfile).toContain('CMD ["run"]');
  });

  test('can be built where no registry is reachable: its base is an argument and no step runs anything', () => {
    expect(dockerfile).toContainEqual(expect.stringMatching(/^FROM \$\{BASE\}$/));
    expect(dockerfile.filter((line) => line.startsWith('RUN'))).toEqual([]);
  });
});
