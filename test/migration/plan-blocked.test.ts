/** What keeps a plan from being made: each named, with what decides it, and nothing half-done. */
import { describe, expect, test } from '@jest/globals';
import type { PlanChoice } from '../../agent/migration/planning/choice.ts';
import { install } from '../kit/argocd/install.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { withArgs, withVolume } from '../kit/argocd/variants.ts';
import { blockingCodes, planFor } from '../kit/migration/planned.ts';
import { AT, type Start } from '../kit/migration/sight.ts';
import { beforeMtls, behindProxy, plainStaticSecret, storedConfigMap } from '../kit/migration/starts.ts';
import { keyPem, makeCa, makeKey, makeLeaf, USAGE } from '../kit/pki/index.ts';

const DAY = 24 * 60 * 60 * 1000;
const VOLUME = 'argocd-repo-server-mtls';

const root = makeCa({ name: 'Corp Root' });
const other = makeCa({ name: 'Other Root' });
const client = makeLeaf(root, { name: 'client', usages: [USAGE.client] });

const pki = (name: string, ca = root) => storedSecret(name, { 'ca.pem': ca.pem, 'ca.key': keyPem(ca.key) });
const mtls = (data: Readonly<Record<string, string>>) => storedSecret(VOLUME, data);
const pair = { 'client.crt': client.pem, 'client.key': client.keyPem };

/** argocd-server verifies repo-server by `server-ca.crt` of the mtls Secret. */
const verifyingServer = storedConfigMap('argocd-cmd-params-cm', {
  'server.repo.server.ca.cert.path': '/app/config/reposerver/mtls/server-ca.crt',
});

/** Code, start, choice, and words that the finding has to have. */
const CASES: Readonly<Record<string, readonly [string, Start, Partial<PlanChoice>, readonly string[]]>> = {
  'no root at all': ['no-root', {}, {}, ['--search-namespace']],
  'two roots, none in use': [
    'root-ambiguous',
    { secrets: [pki('one'), pki('two', other)] },
    {},
    ['Secret/argocd/one/ca.pem', 'Secret/argocd/two/ca.pem', '--root one/ca.pem'],
  ],
  'two CAs that repo-server trusts': [
    'root-ambiguous',
    { secrets: [mtls({ ...pair, 'client-ca.crt': root.pem + other.pem }), pki('one'), pki('two', other)] },
    {},
    ['--root'],
  ],
  'an expired root': [
    'root-expired',
    { secrets: [pki('one', makeCa({ name: 'Gone', notAfter: AT - DAY }))] },
    {},
    ['2026-11-24'],
  ],
  'an expired root that is named': [
    'root-expired',
    { secrets: [pki('one', makeCa({ name: 'Gone', notAfter: AT - DAY })), pki('two')] },
    { root: 'one/ca.pem' },
    ['--root'],
  ],
  'a root that is named and is not there': [
    'root-not-found',
    { secrets: [pki('one')] },
    { root: 'two/ca.pem' },
    ['two/ca.pem'],
  ],
  'a place that only ends like a name': [
    'root-not-found',
    { secrets: [pki('one')] },
    { root: 'a.pem' },
    ['a.pem'],
  ],
  'a leaf that is named as root': [
    'root-not-found',
    { secrets: [mtls(pair), pki('one')] },
    { root: `${VOLUME}/client.crt` },
    ['no CA but a leaf'],
  ],
  'another root than repo-server trusts': [
    'root-not-in-use',
    { secrets: [mtls({ 'client-ca.crt': root.pem }), pki('one'), pki('two', other)] },
    { root: 'two/ca.pem' },
    ['Corp Root', 'Other Root'],
  ],
  'a root without key, and no leaf to keep': [
    'root-without-key',
    { secrets: [storedSecret('one', { c: root.pem })] },
    {},
    ['--keep'],
  ],
  'a root without key that is to issue': [
    'root-without-key',
    { secrets: [mtls({ ...pair, 'client-ca.crt': root.pem })] },
    { keep: 'issuer' },
    ['--search-namespace', '--vault', '--keep trust-only'],
  ],
  'a key that fits nothing, beside the root': [
    'key-fits-nothing',
    { secrets: [storedSecret('one', { 'ca.pem': root.pem, 'ca.key': keyPem(makeKey('p256')) })] },
    {},
    ['ca.key', 'is not its key'],
  ],
  'a leaf of another root that a client shows': [
    'leaf-of-another-root',
    {
      secrets: [
        mtls({ 'client-ca.crt': other.pem, 'client.crt': client.pem, 'client.key': client.keyPem }),
        pki('two', other),
      ],
    },
    {},
    ['Other Root'],
  ],
  'two leafs that could be kept': [
    'leaf-ambiguous',
    {
      secrets: [
        storedSecret('root', { ca: root.pem }),
        storedSecret('one', { c: client.pem, k: client.keyPem }),
        storedSecret('two', { c: makeLeaf(root, { name: 'second' }).pem, k: keyPem(makeKey('p256')) }),
        ...(() => {
          const third = makeLeaf(root, { name: 'third' });
          return [storedSecret('three', { c: third.pem, k: third.keyPem })];
        })(),
      ],
    },
    {},
    ['Secret/argocd/one/c', 'Secret/argocd/three/c', '--client'],
  ],
  'a kept leaf that may not be used by clients': [
    'client-auth-missing',
    (() => {
      const server = makeLeaf(root, { usages: [USAGE.server], dns: ['x'] });
      return {
        secrets: [mtls({ 'client-ca.crt': root.pem, 'client.crt': server.pem, 'client.key': server.keyPem })],
      };
    })(),
    {},
    ['clientAuth'],
  ],
  'a kept leaf whose key lies elsewhere': [
    'pair-apart',
    {
      secrets: [
        storedSecret('root', { ca: root.pem }),
        storedSecret('cert', { c: client.pem }),
        storedSecret('key', { k: client.keyPem }),
      ],
    },
    { client: 'cert/c' },
    ['one Secret'],
  ],
  'two CAs below a root without key': [
    'issuing-ambiguous',
    {
      secrets: [
        storedSecret('root', { ca: root.pem }),
        pki('one', makeCa({ name: 'Issuing 1', issuer: root })),
        pki('two', makeCa({ name: 'Issuing 2', issuer: root })),
      ],
    },
    {},
    ['--issuing'],
  ],
  'a key, and no cert-manager to issue with it': [
    'cert-manager-absent',
    { secrets: [pki('one')], certManager: 'absent' },
    {},
    ['--vault', '--keep trust-only'],
  ],
  'Vault, and it is not said which': [
    'vault-not-named',
    { secrets: [pki('one')] },
    { keep: 'vault' },
    ['--vault'],
  ],
  'a mounted Secret that may not be read': [
    'unreadable',
    { secrets: [pki('one')], unreadable: [{ kind: 'Secret', namespace: 'argocd', name: VOLUME }] },
    {},
    ['RBAC: get secrets argocd-repo-server-mtls in argocd is forbidden'],
  ],
  'a trust that can not be looked into': [
    'trust-unknown',
    {
      workloads: install().map((workload) => withVolume(workload, VOLUME, { type: 'other', kind: 'csi' })),
      secrets: [pki('one')],
    },
    {},
    ['volume argocd-repo-server-mtls (csi)', '--root'],
  ],
  'a client that verifies by what can not be moved with it': [
    'serving-apart',
    {
      configMaps: [verifyingServer],
      secrets: [mtls({ ...pair, 'client-ca.crt': root.pem, 'server-ca.crt': other.pem })],
    },
    {},
    ['server', 'no CA that'],
  ],
  'a Secret of the name before the upgrade': [
    'name-taken',
    { ...beforeMtls(), secrets: [...(beforeMtls().secrets ?? []).slice(0, 0), pki('one'), mtls(pair)] },
    {},
    ['kubectl -n argocd delete secret argocd-repo-server-mtls'],
  ],
};

describe.each(Object.entries(CASES))('%s', (_what, [code, start, choice, words]) => {
  const plan = planFor(start, choice);

  test(`is told as ${code}, with what decides it`, () => {
    expect(blockingCodes(plan)).toContain(code);
    const finding = plan.problems.find((problem) => problem.code === code && problem.severity === 'blocking');
    const text = [finding?.about, finding?.what, finding?.effect, finding?.next].join(' ');
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  });

  test('leaves nothing half-done', () => {
    expect([plan.root, plan.config]).toEqual([undefined, undefined]);
    expect([plan.objects, plan.patches, plan.steps, plan.removable, plan.instructions].flat()).toEqual([]);
  });
});

describe('it goes on', () => {
  test('where a trust that can not be looked into is named', () => {
    const workloads = install().map((workload) =>
      withVolume(workload, VOLUME, { type: 'other', kind: 'csi' }),
    );
    const plan = planFor({ workloads, secrets: [pki('one')] }, { root: 'one/ca.pem' });
    expect(blockingCodes(plan)).toEqual([]);
    expect(plan.problems.filter(({ code }) => code === 'patch-by-hand')).toHaveLength(5);
  });

  test('once the root is named', () => {
    const plan = planFor({ secrets: [pki('one'), pki('two', other)] }, { root: 'two/ca.pem' });
    expect(plan.root?.fingerprint).toBe(other.certificate.fingerprint);
  });

  test('with the newest certificate of a CA that was renewed with its key', () => {
    const renewed = makeCa({ name: 'Corp Root', key: root.key, notAfter: AT + 5000 * DAY });
    const plan = planFor({ secrets: [pki('one'), storedSecret('new', { ca: renewed.pem })] });
    expect(blockingCodes(plan)).toEqual([]);
    expect(plan.root?.notAfter).toBe(
      root.certificate.notAfter > renewed.certificate.notAfter
        ? new Date(root.certificate.notAfter).toISOString()
        : new Date(renewed.certificate.notAfter).toISOString(),
    );
  });

  test("without the mesh's and the cluster's roots, which are nobody's candidates", () => {
    expect(blockingCodes(planFor(behindProxy()))).toEqual([]);
  });

  test('with a warning of each CA that repo-server will no longer trust', () => {
    const both = mtls({ ...pair, 'client-ca.crt': root.pem + other.pem });
    const plan = planFor({ secrets: [both, pki('one')] }, { root: 'one/ca.pem' });
    expect(blockingCodes(plan)).toEqual([]);
    expect(plan.problems.filter(({ code }) => code === 'trust-narrowed').map(({ what }) => what)).toEqual([
      expect.stringContaining('Other Root'),
    ]);
  });

  test('with the serving certificate as it is, where a client verifies by something else', () => {
    const start = plainStaticSecret();
    const strict = install().map((workload) =>
      workload.ref.name === 'argocd-server' ? withArgs(workload, '--repo-server-strict-tls') : workload,
    );
    const plan = planFor({ ...start, workloads: strict });
    expect(plan.instance.servingSecret).toBeUndefined();
    expect(plan.problems.map(({ code }) => code)).toContain('serving-left');
    expect(plan.objects.map(({ name }) => name)).not.toContain('argocd-mtls-serving');
    expect(planFor(start, { serving: 'keep' }).instance.servingSecret).toBeUndefined();
  });
});
