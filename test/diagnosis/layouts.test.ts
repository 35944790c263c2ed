/** Layouts: what each client's template has to project, and that the printed patches make it do so. */
import { describe, expect, jest, test } from '@jest/globals';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import { targets } from '../../agent/diagnosis/targets.ts';
import type { Finding } from '../../agent/model/plan.ts';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import type { InstanceSettings, LayoutType } from '../../agent/model/settings.ts';
import type { StoredSecret } from '../../agent/model/stored.ts';
import type { Workload } from '../../agent/model/workload.ts';
import { patchedByKubectl, patchedByKustomize } from '../kit/argocd/patched.ts';
import { podOf, podsFor } from '../kit/argocd/pods.ts';
import {
  changed,
  healthyInstall,
  IDENTITIES,
  type InputParts,
  inputOf,
  settings,
  storedSecret,
} from '../kit/argocd/preflight.ts';
import { bySubPath, withContainer, withoutItem, withoutMtls, withVolume } from '../kit/argocd/variants.ts';

/** kubectl is started for each patch. */
jest.setTimeout(60_000);

const MTLS = 'argocd-repo-server-mtls';
const CLIENTS = [
  'argocd-server',
  'argocd-application-controller',
  'argocd-applicationset-controller',
  'argocd-notifications-controller',
];

const layout = (
  type: LayoutType,
  change: Partial<InstanceSettings['layout']> = {},
): Partial<InstanceSettings> => ({
  layout: { type, previous: undefined, keys: {}, names: {}, ...change },
});

/** A Secret whose data the agent applied. */
const ours = (name: string, ...keys: readonly string[]): StoredSecret => {
  const pem = (key: string) => (key.endsWith('.key') ? IDENTITIES.client.keyPem : IDENTITIES.client.pem);
  return storedSecret(name, Object.fromEntries(keys.map((key) => [key, pem(key)])), {
    owners: [
      {
        manager: FIELD_MANAGER,
        operation: 'Apply',
        subresource: undefined,
        time: undefined,
        dataKeys: keys,
        annotations: [],
      },
    ],
  });
};

const SHARED = ours(MTLS, 'client-ca.crt', 'client.crt', 'client.key', 'server-ca.crt');
const found = (parts: InputParts, code: string): readonly Finding[] =>
  preflight(inputOf(parts)).filter((finding) => finding.code === code);
const patches = (findings: readonly Finding[]): ReadonlyMap<string, string> =>
  new Map(findings.map(({ about, patch }) => [about, patch ?? '']));

const applied = (
  workloads: readonly Workload[],
  findings: readonly Finding[],
  apply: (workload: Workload, patch: string) => Workload,
): readonly Workload[] =>
  workloads.map((workload) => {
    const patch = patches(findings).get(
      `${workload.ref.kind} ${workload.ref.namespace}/${workload.ref.name}`,
    );
    return patch === undefined ? workload : apply(workload, patch);
  });

const itemsIn = (workload: Workload) =>
  workload.template.volumes.flatMap(({ name, source }) =>
    name === MTLS && source.type === 'secret'
      ? [{ secret: source.name, items: (source.items ?? []).map(({ key, path }) => `${key}→${path}`) }]
      : [],
  );

const workloadIn = (workloads: readonly Workload[], name: string): Workload => {
  const one = workloads.find(({ ref }) => ref.name === name);
  if (one === undefined) throw new Error(`no ${name}`);
  return one;
};

describe.each([
  ['kubectl', patchedByKubectl],
  ['kustomize', patchedByKustomize],
] as const)('applied by %s', (_, apply) => {
  test.each<[LayoutType, readonly string[]]>([
    [
      'keys',
      [
        'argocd-repo-server-mtls server-client.crt→client.crt server-client.key→client.key server-ca.crt→server-ca.crt',
        'argocd-repo-server-mtls controller-client.crt→client.crt controller-client.key→client.key server-ca.crt→server-ca.crt',
        'argocd-repo-server-mtls appsetcontroller-client.crt→client.crt appsetcontroller-client.key→client.key server-ca.crt→server-ca.crt',
        'argocd-repo-server-mtls notifications-client.crt→client.crt notifications-client.key→client.key server-ca.crt→server-ca.crt',
      ],
    ],
    [
      'secrets',
      ['server', 'controller', 'applicationset', 'notifications'].map(
        (name) =>
          `argocd-repo-server-mtls-${name} client.crt→client.crt client.key→client.key server-ca.crt→server-ca.crt`,
      ),
    ],
  ])('the patches from shared to %s move every client, and those back undo it', (type, expected) => {
    const before = healthyInstall();
    const findings = found({ workloads: before, mtls: SHARED, settings: layout(type) }, 'other-layout');
    expect(findings.map(({ severity }) => severity)).toEqual(CLIENTS.map(() => 'warning'));
    const after = applied(before, findings, apply);
    expect(
      CLIENTS.flatMap((name) => itemsIn(workloadIn(after, name))).map(({ secret, items }) =>
        [secret, ...items].join(' '),
      ),
    ).toEqual(expected);
    const moved = { workloads: after, mtls: SHARED, settings: layout(type) };
    expect(found(moved, 'other-layout')).toEqual([]);
    expect(found(moved, 'file-not-mounted')).toEqual([]);
    // The volume of the mount path is changed, never doubled.
    expect(after.map(({ template }) => template.volumes.length)).toEqual(
      before.map(({ template }) => template.volumes.length),
    );

    const filled =
      type === 'keys'
        ? {
            mtls: ours(
              MTLS,
              ...['server', 'controller', 'appsetcontroller', 'notifications'].flatMap((name) => [
                `${name}-client.crt`,
                `${name}-client.key`,
              ]),
              'server-ca.crt',
            ),
          }
        : {
            clients: ['server', 'controller', 'applicationset', 'notifications'].map((name) =>
              ours(`${MTLS}-${name}`, 'client.crt', 'client.key', 'server-ca.crt'),
            ),
          };
    const back = {
      workloads: after,
      ...filled,
      settings: layout('shared', { previous: type }),
    };
    const backwards = found(back, 'other-layout');
    expect(backwards).toHaveLength(CLIENTS.length);
    const returned = applied(after, backwards, apply);
    expect(CLIENTS.flatMap((name) => itemsIn(workloadIn(returned, name)))).toEqual(
      CLIENTS.flatMap((name) => itemsIn(workloadIn(before, name))),
    );
  });

  test("upstream's example of Option A, which drops server-ca.crt, is told and mended", () => {
    const upstream = (workload: Workload) =>
      withVolume(workload, MTLS, {
        type: 'secret',
        name: MTLS,
        optional: true,
        items: [
          { key: 'client-ca.crt', path: 'client-ca.crt' },
          { key: 'server-client.crt', path: 'client.crt' },
          { key: 'server-client.key', path: 'client.key' },
        ],
      });
    const workloads = changed('argocd-server', upstream);
    const parts = { workloads, mtls: SHARED, settings: layout('keys') };
    const findings = found(parts, 'ca-file-not-projected');
    expect(findings).toMatchObject([{ severity: 'warning', about: 'Deployment argocd/argocd-server' }]);
    const after = applied(workloads, findings, apply);
    expect(itemsIn(workloadIn(after, 'argocd-server'))[0]?.items).toContain('server-ca.crt→server-ca.crt');
    expect(itemsIn(workloadIn(after, 'argocd-server'))[0]?.items).toContain('client-ca.crt→client-ca.crt');
    expect(found({ ...parts, workloads: after }, 'ca-file-not-projected')).toEqual([]);
    expect(
      found({ ...parts, settings: { ...layout('keys'), verification: 'keep' } }, 'ca-file-not-projected'),
    ).toEqual([]);
  });

  test.each<[string, string, (workload: Workload) => Workload]>([
    ['a client without any mount', 'file-not-mounted', withoutMtls],
    ['a client whose items leave its key out', 'file-not-mounted', (one) => withoutItem(one, 'client.key')],
    [
      'files mounted one by one, by subPath',
      'other-layout',
      (one) => bySubPath(one, 'client.crt', 'client.key', 'server-ca.crt'),
    ],
  ])('%s is moved to the layout of Secrets by the patch of %s', (_name, code, change) => {
    const workloads = changed('argocd-server', change);
    const parts = { workloads, mtls: SHARED, settings: layout('secrets') };
    const about = (findings: readonly Finding[]) =>
      findings.filter((finding) => finding.about === 'Deployment argocd/argocd-server');
    const findings = about(found(parts, code));
    expect(findings).toHaveLength(1);
    const after = applied(workloads, findings, apply);
    const left = about(preflight(inputOf({ ...parts, workloads: after })));
    expect(left.filter((finding) => ['file-not-mounted', 'other-layout'].includes(finding.code))).toEqual([]);
  });
});

describe('a projected volume', () => {
  const source = (name: string, ...keys: readonly string[]) =>
    ({ type: 'secret', name, optional: true, items: keys.map((key) => ({ key, path: key })) }) as const;
  const projecting = (...sources: readonly (ReturnType<typeof source> | { type: 'other'; kind: string })[]) =>
    changed('argocd-server', (workload) => withVolume(workload, MTLS, { type: 'projected', sources }));
  const about = (findings: readonly Finding[]) =>
    findings.filter(({ about: whom }) => whom === 'Deployment argocd/argocd-server');

  test.each([
    ['kubectl', patchedByKubectl],
    ['kustomize', patchedByKustomize],
  ] as const)('goes on showing what else it shows, applied by %s', (_, apply) => {
    const workloads = projecting(
      source(MTLS, 'client.crt', 'client.key'),
      source('corporate', 'root.pem'),
      source(MTLS, 'server-ca.crt'),
    );
    const parts = { workloads, mtls: SHARED, settings: layout('secrets') };
    const findings = about(found(parts, 'other-layout'));
    const after = applied(workloads, findings, apply);
    const volume = workloadIn(after, 'argocd-server').template.volumes.find(({ name }) => name === MTLS);
    expect(volume?.source).toEqual({
      type: 'projected',
      sources: [
        source('corporate', 'root.pem'),
        source(`${MTLS}-server`, 'client.crt', 'client.key', 'server-ca.crt'),
      ],
    });
    expect(about(found({ ...parts, workloads: after }, 'other-layout'))).toEqual([]);
  });

  test('with a source that a patch could not write down again is left to people', () => {
    const workloads = projecting(source(MTLS, 'client.crt', 'client.key'), {
      type: 'other',
      kind: 'serviceAccountToken',
    });
    const [finding] = about(found({ workloads, mtls: SHARED, settings: layout('keys') }, 'other-layout'));
    expect(finding?.patch).toBeUndefined();
    expect(finding?.next).toContain(
      'mount server-client.crt of Secret argocd-repo-server-mtls as /app/config',
    );
  });
});

describe('a client that reads what another layout fills', () => {
  test('warns and does not block: that place is kept up to date', () => {
    const all = preflight(inputOf({ mtls: SHARED, settings: layout('keys') }));
    expect(all.filter(({ severity }) => severity === 'blocking')).toEqual([]);
    const [finding] = all.filter(({ code }) => code === 'other-layout');
    expect(finding?.what).toBe(
      'The layout is keys, but client.crt comes from key client.crt of Secret argocd-repo-server-mtls, not from server-client.crt; client.key comes from key client.key of Secret argocd-repo-server-mtls, not from server-client.key.',
    );
    expect(finding?.next).toContain('published server-client.crt to Secret argocd-repo-server-mtls');
  });

  test('is told to move at once where its own place is filled', () => {
    const both = ours(MTLS, 'client.crt', 'client.key', 'server-client.crt', 'server-client.key');
    const [finding] = found({ mtls: both, settings: layout('keys') }, 'other-layout');
    expect(finding?.next).toMatch(/^When the plan has no step left, apply the patch/);
  });

  test('blocks where nobody keeps that place, until what exists is adopted', () => {
    const handMade = storedSecret(MTLS, { 'client.crt': IDENTITIES.client.pem });
    const parts = { mtls: handMade, settings: layout('keys') };
    expect(found(parts, 'other-layout')).toEqual([]);
    expect(found(parts, 'file-not-mounted').map(({ severity }) => severity)).toEqual(
      CLIENTS.map(() => 'blocking'),
    );
    const adopting = { mtls: handMade, settings: { ...layout('keys'), adopt: 'existing' } } as const;
    expect(found(adopting, 'file-not-mounted')).toEqual([]);
    expect(found(adopting, 'other-layout')).toHaveLength(CLIENTS.length);
  });

  test("is told of another client's place as well", () => {
    const crossed = changed('argocd-server', (workload) =>
      withVolume(workload, MTLS, {
        type: 'secret',
        name: `${MTLS}-controller`,
        optional: true,
        items: undefined,
      }),
    );
    const [finding] = found({ workloads: crossed, settings: layout('secrets') }, 'other-layout');
    expect(finding).toMatchObject({
      about: 'Deployment argocd/argocd-server',
      what: expect.stringContaining(`comes from Secret ${MTLS}-controller, not ${MTLS}-server`),
    });
  });

  test('is only remarked where the template has moved and pods have not', () => {
    const before = healthyInstall();
    const findings = found({ workloads: before, mtls: SHARED, settings: layout('keys') }, 'other-layout');
    const after = applied(before, findings, patchedByKubectl);
    const server = workloadIn(before, 'argocd-server');
    const pods = [
      ...after.filter(({ ref }) => ref.name !== 'argocd-server').flatMap(podsFor),
      podOf(server, 7),
    ];
    expect(
      found({ workloads: after, pods, mtls: SHARED, settings: layout('keys') }, 'other-layout'),
    ).toMatchObject([
      {
        severity: 'info',
        what: expect.stringContaining('argocd-server-5d8f-7 still reads'),
        patch: undefined,
      },
    ]);
  });

  test('where mTLS is to be off nothing is asked', () => {
    expect(
      found({ mtls: SHARED, settings: { ...layout('keys'), state: 'disabled' } }, 'other-layout'),
    ).toEqual([]);
  });
});

describe('mapped names', () => {
  const names = {
    ...settings().names,
    mtlsSecret: 'fork-mtls',
    keys: {
      clientCa: 'trust.pem',
      clientCertificate: 'tls.crt',
      clientKey: 'tls.key',
      serverCa: 'server.pem',
    },
  };

  test('are what is asked for and what the patches give', () => {
    const workloads = healthyInstall();
    const parts = { settings: { ...layout('secrets', { names: { server: 'own-secret' } }), names } };
    const findings = found({ workloads, ...parts }, 'file-not-mounted');
    const after = applied(workloads, findings, patchedByKubectl);
    expect(itemsIn(workloadIn(after, 'argocd-repo-server'))).toEqual([
      { secret: 'fork-mtls', items: ['trust.pem→client-ca.crt'] },
    ]);
    expect(itemsIn(workloadIn(after, 'argocd-server'))).toEqual([
      {
        secret: 'own-secret',
        items: ['tls.crt→client.crt', 'tls.key→client.key', 'server.pem→server-ca.crt'],
      },
    ]);
    expect(found({ workloads: after, ...parts }, 'file-not-mounted')).toEqual([]);
  });

  test('paths that the container is told are followed', () => {
    const workloads = changed('argocd-server', (workload) =>
      withContainer(workload, ({ args, mounts }) => ({
        args: [
          ...args,
          '--repo-server-client-cert-path=/certs/mine.pem',
          '--repo-server-client-cert-key-path=/certs/mine.key',
          '--repo-server-ca-cert-path=/certs/ca.pem',
        ],
        mounts: mounts.map((mount) => (mount.volume === MTLS ? { ...mount, path: '/certs' } : mount)),
      })),
    );
    const parts = { workloads, settings: { ...layout('keys', { keys: { server: 'api' } }), names } };
    const findings = found(parts, 'file-not-mounted').filter(({ about }) => about.endsWith('argocd-server'));
    expect(itemsIn(workloadIn(applied(workloads, findings, patchedByKubectl), 'argocd-server'))).toEqual([
      { secret: 'fork-mtls', items: ['api.crt→mine.pem', 'api.key→mine.key', 'server.pem→ca.pem'] },
    ]);
  });
});

describe('what the agent writes', () => {
  const written = (parts: InputParts) =>
    targets(inputOf({ ...parts, serving: null })).flatMap(({ kind, name, keys }) =>
      kind === 'Secret' ? [`${name}: ${keys.join(' ')}`] : [],
    );

  test.each<[LayoutType, readonly string[]]>([
    ['shared', [`${MTLS}: client-ca.crt client.crt client.key server-ca.crt`]],
    [
      'keys',
      [
        `${MTLS}: client-ca.crt server-client.crt server-client.key controller-client.crt controller-client.key appsetcontroller-client.crt appsetcontroller-client.key notifications-client.crt notifications-client.key server-ca.crt`,
      ],
    ],
    [
      'secrets',
      [
        `${MTLS}: client-ca.crt`,
        ...['server', 'controller', 'applicationset', 'notifications'].map(
          (name) => `${MTLS}-${name}: client.crt client.key server-ca.crt`,
        ),
      ],
    ],
  ])('under layout %s is every key of it', (type, expected) => {
    expect(written({ settings: layout(type) })).toEqual(expected);
  });

  test('on the way includes the keys that are to be taken away', () => {
    expect(written({ mtls: SHARED, settings: layout('secrets') })[0]).toBe(
      `${MTLS}: client-ca.crt client.crt client.key server-ca.crt`,
    );
  });

  test('is looked at in every Secret: another owner, immutable, the settings label', () => {
    const marked = storedSecret(
      `${MTLS}-server`,
      {},
      {
        immutable: true,
        labels: { 'app.kubernetes.io/part-of': 'argocd' },
        annotations: { 'cert-manager.io/certificate-name': 'server' },
      },
    );
    const parts = { clients: [marked], settings: layout('secrets') };
    for (const code of ['immutable', 'foreign-owner', 'settings-label']) {
      expect(found(parts, code)).toMatchObject([{ about: `Secret argocd/${MTLS}-server` }]);
    }
  });

  test('may be what somebody else restarts for, whichever Secret it is', () => {
    const workloads = changed('argocd-server', (workload) => ({
      ...workload,
      annotations: { 'secret.reloader.stakater.com/reload': `${MTLS}-server` },
    }));
    expect(found({ workloads, settings: layout('secrets') }, 'other-restarter')).toHaveLength(1);
    expect(found({ workloads }, 'other-restarter')).toEqual([]);
  });
});
