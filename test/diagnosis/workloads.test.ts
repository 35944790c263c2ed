import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { install, workloadOf } from '../kit/argocd/install.ts';
import { podOf, podsFor } from '../kit/argocd/pods.ts';
import { changed, healthyInstall, type InputParts, inputOf, storedSecret } from '../kit/argocd/preflight.ts';
import {
  bySubPath,
  controllerAsDeployment,
  withArgs,
  withContainer,
  withoutItem,
  withoutMtls,
  withVolume,
} from '../kit/argocd/variants.ts';

const MTLS = 'argocd-repo-server-mtls';
const look = (parts: InputParts = {}) => preflight(inputOf(parts));
const found = (parts: InputParts, code: string) => look(parts).filter((finding) => finding.code === code);
const brief = (parts: InputParts = {}) =>
  look(parts).map(({ code, severity, about }) => `${severity} ${code} ${about}`);

describe('a default install', () => {
  test('has nothing that stands in the way', () => {
    expect(brief()).toEqual([]);
  });

  test('as upstream ships it: repo-server without preStop, notifications-controller with Recreate, and no more', () => {
    expect(brief({ workloads: install() })).toEqual([
      'warning no-pre-stop Deployment argocd/argocd-repo-server',
      'info recreate Deployment argocd/argocd-notifications-controller',
    ]);
  });

  test('every finding says what, what it means, and what to do, and its patch names the workload', () => {
    const { deployment } = controllerAsDeployment();
    const all = look({ workloads: [...install().slice(0, 2), deployment] });
    expect(all.length).toBeGreaterThan(1);
    for (const { what, effect, next, patch } of all) {
      expect([what, effect, next].every((sentence) => sentence.endsWith('.'))).toBe(true);
      if (patch !== undefined)
        expect(parse(patch)).toMatchObject({ apiVersion: 'apps/v1', metadata: { namespace: 'argocd' } });
    }
  });

  test('the gravest comes first', () => {
    const severities = look({
      workloads: [workloadOf('repo-server', { replicas: 0 }), controllerAsDeployment().deployment],
    });
    expect(severities[0]?.severity).toBe('blocking');
  });
});

describe('files that are not mounted', () => {
  test("upstream's controller-as-Deployment blocks, and the patch mounts the Secret and the CA path's variable", () => {
    const { deployment } = controllerAsDeployment();
    const rest = healthyInstall().filter(({ ref }) => ref.name !== 'argocd-application-controller');
    const [finding] = found({ workloads: [...rest, deployment] }, 'file-not-mounted');
    expect(finding).toMatchObject({
      severity: 'blocking',
      about: 'Deployment argocd/argocd-application-controller',
    });
    expect(parse(finding?.patch ?? '')).toMatchObject({
      kind: 'Deployment',
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'argocd-application-controller',
                env: [
                  {
                    name: 'ARGOCD_APPLICATION_CONTROLLER_REPO_SERVER_CA_CERT_PATH',
                    valueFrom: {
                      configMapKeyRef: { key: 'controller.repo.server.ca.cert.path', optional: true },
                    },
                  },
                ],
                volumeMounts: [{ name: MTLS, mountPath: '/app/config/reposerver/mtls' }],
              },
            ],
            volumes: [{ name: MTLS, secret: { secretName: MTLS, optional: true } }],
          },
        },
      },
    });
  });

  test('items that leave a file out are given as a whole, since a merge replaces the list', () => {
    const workloads = changed('argocd-server', (workload) => withoutItem(workload, 'client.key'));
    const [finding] = found({ workloads }, 'file-not-mounted');
    expect(finding?.what).toContain('leave client.key out');
    expect(
      parse(finding?.patch ?? '').spec.template.spec.volumes[0].secret.items.map(
        (item: { key: string }) => item.key,
      ),
    ).toEqual(['client.crt', 'client.key', 'server-ca.crt']);
  });

  test('a repo-server that does not open client-ca.crt blocks: mTLS would stay off without a word', () => {
    const workloads = changed('argocd-repo-server', withoutMtls);
    expect(found({ workloads }, 'file-not-mounted')).toMatchObject([
      {
        severity: 'blocking',
        about: 'Deployment argocd/argocd-repo-server',
        effect: expect.stringContaining('stays off'),
      },
    ]);
  });

  test('a client that reads another Secret blocks and is told which', () => {
    const workloads = changed('argocd-server', (workload) =>
      withVolume(workload, MTLS, {
        type: 'secret',
        name: `${MTLS}-server`,
        optional: true,
        items: undefined,
      }),
    );
    const [finding] = found({ workloads }, 'file-not-mounted');
    expect(finding?.what).toContain(`comes from Secret ${MTLS}-server, not ${MTLS}`);
    expect(finding?.next).toContain('Name what it uses in the configuration');
    expect(parse(finding?.patch ?? '').spec.template.spec.volumes[0].secret.secretName).toBe(MTLS);
  });

  test('a CSI volume blocks without a patch: nothing can be published into it', () => {
    const workloads = changed('argocd-server', (workload) =>
      withVolume(workload, MTLS, { type: 'other', kind: 'csi' }),
    );
    expect(found({ workloads }, 'file-not-mounted')).toMatchObject([
      { severity: 'blocking', patch: undefined },
    ]);
  });

  test('a repo-server that does not open its serving pair blocks where a source is configured, and only there', () => {
    const workloads = changed('argocd-repo-server', (workload) =>
      withVolume(workload, 'argocd-repo-server-tls', { type: 'other', kind: 'emptyDir' }),
    );
    expect(found({ workloads }, 'file-not-mounted')).toHaveLength(1);
    expect(
      found({ workloads, serving: null, settings: { verification: 'keep' } }, 'file-not-mounted'),
    ).toEqual([]);
  });

  test('a component scaled to zero only warns', () => {
    const idle = withoutMtls(workloadOf('applicationset-controller', { replicas: 0 }));
    const workloads = changed('argocd-applicationset-controller', () => idle);
    expect(found({ workloads }, 'file-not-mounted')).toMatchObject([{ severity: 'warning' }]);
  });

  test('nothing is asked of mounts where mTLS is to be off', () => {
    const workloads = changed('argocd-server', withoutMtls);
    expect(found({ workloads, settings: { state: 'disabled' } }, 'file-not-mounted')).toEqual([]);
  });

  test('subPath mounts warn of restarts for renewals, with a patch that mounts the directory', () => {
    const workloads = changed('argocd-server', (workload) =>
      bySubPath(workload, 'client.crt', 'client.key', 'server-ca.crt'),
    );
    const [finding] = found({ workloads }, 'sub-path');
    expect(finding?.severity).toBe('warning');
    expect(parse(finding?.patch ?? '').spec.template.spec.containers[0].volumeMounts).toEqual([
      { mountPath: '/app/config/reposerver/mtls/client.crt', $patch: 'delete' },
      { mountPath: '/app/config/reposerver/mtls/client.key', $patch: 'delete' },
      { mountPath: '/app/config/reposerver/mtls/server-ca.crt', $patch: 'delete' },
      { name: MTLS, mountPath: '/app/config/reposerver/mtls' },
    ]);
  });
});

describe('versions', () => {
  const old = install({ image: 'quay.io/argoproj/argocd:v3.4.2' }).map(withoutMtls);

  test('before 3.5 every component blocks for that reason, and for no other', () => {
    const blocking = brief({ workloads: old, settings: { verification: 'keep' } }).filter((line) =>
      line.startsWith('blocking'),
    );
    expect(blocking).toHaveLength(5);
    expect(blocking.every((line) => line.includes('version-too-old'))).toBe(true);
  });

  test('an unknown version is no more than a remark', () => {
    const workloads = healthyInstall().map((workload) =>
      withContainer(workload, () => ({ image: 'quay.io/argoproj/argocd@sha256:00' })),
    );
    expect(new Set(look({ workloads }).map(({ code, severity }) => `${severity} ${code}`))).toEqual(
      new Set(['info version-unknown']),
    );
  });
});

describe('TLS switched off', () => {
  test.each([['--disable-tls'], ['--disable-tls=true']])('a repo-server with %s blocks', (flag) => {
    const workloads = changed('argocd-repo-server', (workload) => withArgs(workload, flag));
    expect(found({ workloads }, 'tls-disabled')).toMatchObject([{ severity: 'blocking' }]);
    expect(found({ workloads, settings: { state: 'disabled' } }, 'tls-disabled')).toEqual([]);
  });

  test('a plaintext client blocks', () => {
    const workloads = changed('argocd-server', (workload) => withArgs(workload, '--repo-server-plaintext'));
    expect(found({ workloads }, 'plaintext-client')).toMatchObject([{ severity: 'blocking' }]);
  });
});

describe('how pods are replaced', () => {
  const controller = 'argocd-application-controller';

  test.each([
    ['on-delete', { type: 'OnDelete' }],
    ['partition', { type: 'RollingUpdate', partition: 2 }],
  ] as const)(
    '%s warns of a named state, or says that pods are evicted where that is allowed',
    (code, strategy) => {
      const workloads = changed(controller, (workload) => ({ ...workload, strategy }));
      expect(found({ workloads }, code)).toMatchObject([
        { severity: 'warning', patch: expect.stringContaining('partition: 0') },
      ]);
      expect(found({ workloads, settings: { evictions: 'allowed' } }, code)).toMatchObject([
        { severity: 'info' },
      ]);
    },
  );

  test('Recreate warns for repo-server and is a remark elsewhere', () => {
    const workloads = healthyInstall().map((workload) => ({
      ...workload,
      strategy: { type: 'Recreate' } as const,
    }));
    expect(found({ workloads }, 'recreate').map(({ severity }) => severity)).toEqual([
      'warning',
      'info',
      'info',
      'info',
      'info',
    ]);
  });

  test('a paused Deployment blocks where a plan may have to restart it', () => {
    const paused = healthyInstall().map((workload) => ({
      ...workload,
      paused: workload.ref.kind === 'Deployment',
    }));
    const unverified = { workloads: paused, serving: null, settings: { verification: 'keep' } } as const;
    expect(
      found(unverified, 'paused').map(({ about, severity }) => `${severity} ${about.split('/')[1]}`),
    ).toEqual([
      'blocking argocd-repo-server',
      'blocking argocd-notifications-controller',
      'warning argocd-server',
      'warning argocd-applicationset-controller',
    ]);
    expect(found({ workloads: paused }, 'paused').every(({ severity }) => severity === 'blocking')).toBe(
      true,
    );
  });

  test.each([
    [undefined, 1],
    [2, 1],
    [5, 0],
    [6, 0],
    ['exec', 0],
  ] as const)('a preStop of %p for repo-server makes %i warning', (hook, count) => {
    const workloads = changed('argocd-repo-server', (workload) =>
      withContainer(workload, () => ({ preStop: hook })),
    );
    const findings = found({ workloads }, 'no-pre-stop');
    expect(findings).toHaveLength(count);
    for (const { patch } of findings) {
      expect(parse(patch ?? '').spec.template.spec.containers).toEqual([
        { name: 'argocd-repo-server', lifecycle: { preStop: { sleep: { seconds: 6 } } } },
      ]);
    }
  });
});

describe('what runs at all', () => {
  test('two candidates block, both named', () => {
    const canary = {
      ...workloadOf('server'),
      ref: { kind: 'Deployment', namespace: 'argocd', name: 'canary' },
    } as const;
    const [finding] = found({ workloads: [...healthyInstall(), canary] }, 'component-ambiguous');
    expect(finding).toMatchObject({
      severity: 'blocking',
      what: expect.stringContaining('Deployment argocd/canary'),
    });
    expect(finding?.what).toContain('Deployment argocd/argocd-server');
  });

  test('a missing repo-server blocks, a missing client is normal, a configured one that is missing blocks', () => {
    const names = inputOf().settings.names;
    const without = (name: string) => healthyInstall().filter(({ ref }) => ref.name !== name);
    expect(found({ workloads: without('argocd-repo-server') }, 'component-missing')).toHaveLength(1);
    expect(brief({ workloads: without('argocd-server') })).toEqual([]);
    const configured = { names: { ...names, workloads: { server: 'api' } } };
    expect(found({ settings: configured }, 'component-missing')).toMatchObject([
      { what: expect.stringContaining('api') },
    ]);
  });

  test('a component without a running pod is a warning; scaled to zero, a remark', () => {
    const workloads = healthyInstall();
    const pods = workloads
      .flatMap(podsFor)
      .map((pod) => ({ ...pod, phase: pod.name.includes('-server-') ? 'Pending' : 'Running' }));
    expect(found({ workloads, pods }, 'no-running-pod').map(({ severity }) => severity)).toEqual([
      'warning',
      'warning',
    ]);
    const scaled = changed('argocd-server', (workload) => ({ ...workload, replicas: 0 }));
    expect(found({ workloads: scaled }, 'no-running-pod')).toMatchObject([{ severity: 'info' }]);
  });

  test('a bare pod that runs a component is a warning', () => {
    const workloads = healthyInstall();
    const bare = { ...podOf(workloadOf('application-controller'), 7), labels: {} };
    expect(found({ workloads, pods: [...workloads.flatMap(podsFor), bare] }, 'stray-pod')).toMatchObject([
      { severity: 'warning', about: `Pod argocd/${bare.name}` },
    ]);
  });

  test('a start by a shell is a warning: its arguments cannot be read', () => {
    const workloads = changed('argocd-server', (workload) =>
      withContainer(workload, () => ({
        command: ['/bin/sh'],
        args: ['-c', 'exec argocd-server --repo-server-plaintext'],
      })),
    );
    expect(found({ workloads }, 'settings-unreadable')).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('other restarters', () => {
  const annotated = (
    annotations: Readonly<Record<string, string>>,
    where: 'workload' | 'template' = 'workload',
  ) =>
    changed('argocd-server', (workload) =>
      where === 'workload'
        ? { ...workload, annotations }
        : { ...workload, template: { ...workload.template, annotations } },
    );

  test.each([
    ['reloader.stakater.com/auto', 'true'],
    ['secret.reloader.stakater.com/auto', 'true'],
    ['secret.reloader.stakater.com/reload', `other, ${MTLS}`],
    ['secret.reloader.stakater.com/reload', 'argocd-.*'],
    ['configmap.reloader.stakater.com/reload', 'argocd-cmd-params-cm'],
    ['vso.secrets.hashicorp.com/restartedAt', '2026-01-01T00:00:00Z'],
    ['wave.pusher.com/update-on-config-change', 'true'],
  ])('%s: %s is a warning', (name, value) => {
    for (const where of ['workload', 'template'] as const) {
      expect(found({ workloads: annotated({ [name]: value }, where) }, 'other-restarter')).toMatchObject([
        { severity: 'warning', what: expect.stringContaining(`${name}: ${value}`) },
      ]);
    }
  });

  test.each([
    ['reloader.stakater.com/auto', 'false'],
    ['secret.reloader.stakater.com/reload', 'other-secret'],
    ['secret.reloader.stakater.com/reload', '(unclosed'],
    ['reloader.stakater.com/search', 'true'],
    ['checksum/secret', 'abc'],
  ])('%s: %s is none', (name, value) => {
    expect(found({ workloads: annotated({ [name]: value }) }, 'other-restarter')).toEqual([]);
  });

  test('the patch takes the annotation off', () => {
    const [finding] = found(
      { workloads: annotated({ 'reloader.stakater.com/auto': 'true' }) },
      'other-restarter',
    );
    expect(parse(finding?.patch ?? '').metadata.annotations).toEqual({ 'reloader.stakater.com/auto': null });
  });
});

describe('argocd-operator', () => {
  const owned = healthyInstall().map((workload) => ({
    ...workload,
    ownerReferences: [{ kind: 'ArgoCD', name: 'platform' }],
  }));

  test('is one warning, with the restarts that it makes by itself', () => {
    expect(found({ workloads: owned }, 'operator-managed')).toMatchObject([
      {
        severity: 'warning',
        about: 'ArgoCD argocd/platform',
        effect: expect.stringContaining('restarts server, repo-server and application-controller at once'),
      },
    ]);
  });

  test('restarts for a serving Secret of type kubernetes.io/tls only, and where the agent writes one', () => {
    const opaque = storedSecret('argocd-repo-server-tls');
    for (const parts of [
      { workloads: owned, servingSecret: opaque },
      { workloads: owned, serving: null, settings: { verification: 'keep' } } as const,
    ]) {
      expect(found(parts, 'operator-managed')[0]?.effect).not.toContain('at once');
    }
  });

  test('shows by the label of its last restart as well; somebody else’s owner reference is none of it', () => {
    const rolled = changed('argocd-server', (workload) => ({
      ...workload,
      template: {
        ...workload.template,
        labels: { ...workload.template.labels, 'repo.tls.cert.changed': '1' },
      },
    }));
    expect(found({ workloads: rolled }, 'operator-managed')).toHaveLength(1);
    const other = changed('argocd-server', (workload) => ({
      ...workload,
      ownerReferences: [{ kind: 'HelmRelease', name: 'cd' }],
    }));
    expect(found({ workloads: other }, 'operator-managed')).toEqual([]);
  });
});
