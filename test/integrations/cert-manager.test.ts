/**
 * cert-manager as a source: the contract of all sources, and what its conditions mean.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { NOTHING_PUBLISHED } from '../../agent/model/material.ts';
import type { SourceSpec } from '../../agent/model/settings.ts';
import type { CertManagerCertificate } from '../../agent/ports.ts';
import { createSource } from '../../integrations/registry.ts';
import type { Source } from '../../integrations/source.ts';
import {
  type Authority,
  type Identity,
  makeCa,
  makeLeaf,
  makeSelfSigned,
  renewCaSameKey,
  replaceCa,
} from '../kit/pki/index.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { runSourceContract } from './source-contract.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const NAMESPACE = 'argocd';
const SECRET = 'repo-client-tls';

const SPEC: SourceSpec = {
  type: 'certManager',
  certificate: 'repo-client',
  issuerCa: undefined,
  reissue: 'never',
};

type Condition = CertManagerCertificate['conditions'][number];

const condition = (type: string, status: string, rest: Partial<Condition> = {}): Condition => ({
  type,
  status,
  reason: 'Ready',
  message: 'Certificate is up to date and has not expired',
  observedGeneration: 1,
  lastTransition: NOW,
  ...rest,
});

const READY = condition('Ready', 'True');
const ISSUING = condition('Issuing', 'True', {
  reason: 'Renewing',
  message: 'Renewing certificate as renewal was scheduled',
});

const certificate = (rest: Partial<CertManagerCertificate> = {}): CertManagerCertificate => ({
  namespace: NAMESPACE,
  name: 'repo-client',
  resourceVersion: '1',
  generation: 1,
  secretName: SECRET,
  issuer: { kind: 'Issuer', name: 'repo-ca', group: 'cert-manager.io' },
  conditions: [READY],
  revision: 1,
  notAfter: undefined,
  renewalTime: undefined,
  lastFailure: undefined,
  ...rest,
});

const sourceOf = (
  cluster: MemoryCluster,
  spec: Partial<Extract<SourceSpec, { type: 'certManager' }>> = {},
): Source =>
  createSource(
    { ...SPEC, ...spec },
    {
      cluster,
      namespace: NAMESPACE,
      clock: { now: () => NOW },
      purpose: 'client',
      pendingSecret: 'pending',
    },
  );

const put = (
  cluster: MemoryCluster,
  identity: Identity,
  authority: Authority,
  at: number,
  key?: string,
): void =>
  cluster.putSecret(
    NAMESPACE,
    SECRET,
    { 'tls.crt': identity.chainPem, 'tls.key': key ?? identity.keyPem, 'ca.crt': authority.root.pem },
    at,
  );

const ca = makeCa({ name: 'Repo CA' });
const leaf = makeLeaf(ca);

describe('cert-manager', () => {
  runSourceContract({
    exceptions: {},
    make: () => {
      const cluster = new MemoryCluster();
      const until = (reason: 'forbidden' | 'timeout') => () => {
        cluster.failWith({ reason, resource: 'secrets' });
        return () => cluster.failWith(undefined);
      };
      let revision = 0;
      return {
        source: sourceOf(cluster),
        deliver: (identity, authority, at) => {
          revision += 1;
          cluster.putCertificate(certificate({ revision }));
          put(cluster, identity, authority, at);
        },
        tear: (identity, authority, key) => put(cluster, identity, authority, NOW, key),
        remove: () => {
          cluster.dropCertificate(NAMESPACE, 'repo-client');
          cluster.dropSecret(NAMESPACE, SECRET);
        },
        forbid: until('forbidden'),
        stall: until('timeout'),
        hold: () => cluster.hold(),
        asked: () => cluster.asked,
      };
    },
  });
});

describe('a Certificate is waited for', () => {
  test.each<[string, Partial<CertManagerCertificate>, RegExp]>([
    ['while it has no conditions', { conditions: [] }, /no Ready condition/],
    [
      'while it is issued for the first time',
      { conditions: [condition('Ready', 'False', { reason: 'DoesNotExist' }), ISSUING] },
      /is being issued: Renewing certificate/,
    ],
    [
      'while it is not Ready, with reason and message',
      { conditions: [condition('Ready', 'False', { reason: 'Expired', message: 'expired on Monday' })] },
      /not Ready: Expired: expired on Monday/,
    ],
    ['while Ready speaks of an older generation', { generation: 2 }, /generation 2.*generation 1/],
    [
      'while Ready speaks of no generation',
      { conditions: [condition('Ready', 'True', { observedGeneration: undefined })] },
      /generation unknown/,
    ],
  ])('%s', async (_, state, why) => {
    const cluster = new MemoryCluster();
    put(cluster, leaf, ca, NOW);
    cluster.putCertificate(certificate(state));
    const reading = await sourceOf(cluster).read(NOTHING_PUBLISHED);
    expect(reading).toMatchObject({ state: 'waiting', why: expect.stringMatching(why) });
    expect(reading).toMatchObject({ next: expect.stringContaining('cmctl status certificate repo-client') });
  });

  test('while its Secret is missing', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    expect(await sourceOf(cluster).read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'waiting',
      why: 'Secret argocd/repo-client-tls of the Certificate does not exist.',
    });
  });

  test('but not while it is renewed: until the new pair is written the old one is whole', async () => {
    const cluster = new MemoryCluster();
    put(cluster, leaf, ca, NOW);
    cluster.putCertificate(certificate({ conditions: [READY, ISSUING] }));
    expect((await sourceOf(cluster).read(NOTHING_PUBLISHED)).state).toBe('ready');
  });
});

describe('the Secret of a Certificate', () => {
  test('with missing keys is handed over, for admission to say what is missing', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    cluster.putSecret(NAMESPACE, SECRET, { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem }, NOW);
    const reading = await sourceOf(cluster).read(NOTHING_PUBLISHED);
    expect(reading.state === 'ready' && admit(reading.raw, 'client', NOW)).toMatchObject({
      refusal: { code: 'no-anchor' },
    });
  });

  test('may not be readable: the sentence names the right to grant', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    cluster.failWith({ reason: 'forbidden', resource: 'secrets' });
    expect(await sourceOf(cluster).read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'unreachable',
      why: 'The agent may not get secrets argocd/repo-client-tls.',
      next: 'Grant the verb get on secrets argocd/repo-client-tls in the Role of that namespace.',
    });
  });
});

describe("the issuer's CA", () => {
  const issuerCa = { secret: 'repo-ca', key: 'tls.crt' };

  const worldWith = (issuer: Authority, presented: Identity = leaf, authority: Authority = ca) => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    put(cluster, presented, authority, NOW);
    const chain = [issuer.certificate, ...issuer.path.slice(1)].map((part) => part.pem).join('');
    cluster.putSecret(NAMESPACE, 'repo-ca', { 'tls.crt': chain, 'tls.key': leaf.keyPem }, NOW);
    return { cluster, source: sourceOf(cluster, { issuerCa }) };
  };

  const upcoming = async (source: Source) => {
    const reading = await source.read(NOTHING_PUBLISHED);
    if (reading.state !== 'ready') throw new Error(reading.state);
    const admission = admit(reading.raw, 'client', NOW);
    if ('refusal' in admission) throw new Error(admission.refusal.what);
    return admission.material.upcomingAnchors;
  };

  test('is upcoming where it was replaced and the leaf is still under the old one', async () => {
    const next = replaceCa(ca);
    expect(await upcoming(worldWith(next).source)).toEqual([next.certificate]);
  });

  test('is upcoming where it was renewed with the same key, for it outlives the old one', async () => {
    const next = renewCaSameKey(ca);
    expect(await upcoming(worldWith(next).source)).toEqual([next.certificate]);
  });

  test('is not upcoming where it is the one that is trusted', async () => {
    expect(await upcoming(worldWith(ca).source)).toEqual([]);
  });

  test('is not upcoming where it is a new intermediate under the trusted root', async () => {
    const between = makeCa({ name: 'Issuing CA', issuer: ca });
    expect(await upcoming(worldWith(replaceCa(between, { issuer: ca }), makeLeaf(between)).source)).toEqual(
      [],
    );
  });

  test('changes the version of the material', async () => {
    const { cluster, source } = worldWith(ca);
    const before = await source.read(NOTHING_PUBLISHED);
    cluster.putSecret(NAMESPACE, 'repo-ca', { 'tls.crt': replaceCa(ca).pem }, NOW);
    const after = await source.read(NOTHING_PUBLISHED);
    expect(before.state === 'ready' && after.state === 'ready' && after.raw.version).not.toBe(
      before.state === 'ready' && before.raw.version,
    );
  });

  test('never brings its private key along', async () => {
    const { cluster, source } = worldWith(replaceCa(ca));
    const secretKey = makeLeaf(ca).keyPem;
    cluster.putSecret(NAMESPACE, 'repo-ca', { 'tls.crt': ca.pem, 'tls.key': secretKey }, NOW);
    const reading = await source.read(NOTHING_PUBLISHED);
    if (reading.state !== 'ready') throw new Error(reading.state);
    const held = [reading.raw.key.reveal(), ...Object.values(reading.raw).map(String)].join('\n');
    expect(held).not.toContain(secretKey.split('\n')[1]);
  });

  test('is waited for where its Secret or key is missing: what was asked for is not silently left out', async () => {
    const { cluster, source } = worldWith(ca);
    cluster.putSecret(NAMESPACE, 'repo-ca', { 'ca.crt': ca.pem }, NOW);
    expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'waiting',
      why: expect.stringContaining('argocd/repo-ca has no tls.crt'),
    });
    cluster.dropSecret(NAMESPACE, 'repo-ca');
    expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'waiting',
      why: expect.stringContaining('argocd/repo-ca'),
    });
  });

  test('is part of the rights and watches', () => {
    const { source } = worldWith(ca);
    expect(source.rights).toContainEqual({ verb: 'get', group: '', resource: 'secrets', name: 'repo-ca' });
    expect(source.watches).toContainEqual({ kind: 'Secret', namespace: NAMESPACE, name: 'repo-ca' });
  });
});

describe('by labels', () => {
  const byLabels = { certificate: undefined, labels: { app: 'repo' } } as const;
  const named = (name: string) => certificate({ name });

  test('the one Certificate that carries them is meant', async () => {
    const cluster = new MemoryCluster();
    put(cluster, leaf, ca, NOW);
    cluster.putCertificate(named('ours'), { app: 'repo', tier: 'one' });
    cluster.putCertificate(named('other'), { app: 'other' });
    const source = sourceOf(cluster, byLabels);
    expect(source.describe).toBe('cert-manager Certificate argocd/app=repo');
    expect((await source.read(NOTHING_PUBLISHED)).state).toBe('ready');
    expect(source.watches).toEqual([
      { kind: 'Certificate', namespace: NAMESPACE, labels: { app: 'repo' } },
      { kind: 'Secret', namespace: NAMESPACE, name: SECRET },
    ]);
    const rights = source.rights.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`);
    for (const { verb, resource, name } of cluster.asked)
      expect(rights).toContain(`${verb} ${resource} ${name}`);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['no Certificate carries them', [], /No Certificate in argocd carries app=repo\./],
    [
      'several do: their names are told, none is chosen',
      ['two', 'one'],
      /2 Certificates .*app=repo: one, two\./,
    ],
  ])('is waited for where %s', async (_, names, why) => {
    const cluster = new MemoryCluster();
    put(cluster, leaf, ca, NOW);
    for (const name of names) cluster.putCertificate(named(name), { app: 'repo' });
    expect(await sourceOf(cluster, byLabels).read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'waiting',
      why: expect.stringMatching(why),
      next: expect.stringContaining('certManager.labels'),
    });
  });
});

describe('issuers of every kind', () => {
  const read = async (cluster: MemoryCluster, spec: Parameters<typeof sourceOf>[1] = {}) => {
    const reading = await sourceOf(cluster, spec).read(NOTHING_PUBLISHED);
    if (reading.state !== 'ready') return reading;
    return admit(reading.raw, 'client', NOW);
  };
  const bundle = { kind: 'ConfigMap', name: 'trust', key: 'root.pem' } as const;

  const withoutCa = (): MemoryCluster => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    cluster.putSecret(NAMESPACE, SECRET, { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem }, NOW - 5000);
    return cluster;
  };

  test('ACME and whoever delivers no CA: refused, with where to say it', async () => {
    expect(await read(withoutCa())).toMatchObject({
      refusal: { code: 'no-anchor', next: expect.stringContaining('ca: { configMap: …') },
    });
  });

  test('ACME with the CA that a trust-manager Bundle keeps in a ConfigMap', async () => {
    const cluster = withoutCa();
    cluster.putConfigMap(NAMESPACE, 'trust', { 'root.pem': ca.pem }, NOW);
    const source = sourceOf(cluster, { ca: bundle });
    expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({ state: 'ready', changedAt: NOW });
    expect(await read(cluster, { ca: bundle })).toHaveProperty('material');
    expect(source.watches).toContainEqual({ kind: 'ConfigMap', namespace: NAMESPACE, name: 'trust' });
    expect(source.rights).toContainEqual({ verb: 'get', group: '', resource: 'configmaps', name: 'trust' });
  });

  test('a CA issuer whose own Secret is named: its CA is taken, never its key', async () => {
    const cluster = withoutCa();
    cluster.putSecret(NAMESPACE, 'root', { 'tls.crt': ca.pem, 'tls.key': leaf.keyPem }, NOW);
    const admission = await read(cluster, { ca: { kind: 'Secret', name: 'root', key: 'tls.crt' } });
    expect(admission).toMatchObject({ material: { anchors: [ca.certificate] } });
  });

  test('a CA that is replaced in the Bundle before the leaf: both are trusted, and the version changes', async () => {
    const cluster = withoutCa();
    const next = replaceCa(ca);
    const version = async () => {
      const reading = await sourceOf(cluster, { ca: bundle }).read(NOTHING_PUBLISHED);
      return reading.state === 'ready' ? reading.raw.version : reading.state;
    };
    cluster.putConfigMap(NAMESPACE, 'trust', { 'root.pem': ca.pem }, NOW);
    const before = await version();
    cluster.putConfigMap(NAMESPACE, 'trust', { 'root.pem': ca.pem + next.pem }, NOW);
    expect(await version()).not.toBe(before);
    const admission = await read(cluster, { ca: bundle });
    expect('material' in admission && admission.material.anchors.length).toBe(2);
  });

  test('SelfSigned: the leaf is its own anchor', async () => {
    const { identity, authority } = makeSelfSigned();
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    put(cluster, identity, authority, NOW);
    expect(await read(cluster)).toMatchObject({ material: { anchors: [identity.certificate] } });
  });

  test('SelfSigned with isCA: refused, since its key could issue certificates that everybody accepts', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    put(cluster, { ...leaf, chainPem: ca.pem }, ca, NOW);
    expect(await read(cluster)).toMatchObject({ refusal: { code: 'leaf-is-ca' } });
  });

  test('Vault: the issuing intermediate goes with the leaf, its root is the CA', async () => {
    const between = makeCa({ name: 'Vault issuing', issuer: ca });
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    put(cluster, makeLeaf(between), ca, NOW);
    expect(await read(cluster)).toMatchObject({
      material: { anchors: [ca.certificate], leaf: { intermediates: [between.certificate] } },
    });
  });

  test('additionalOutputFormats and keystores beside the pair change nothing', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    const der = leaf.key.privateKey.export({ type: 'pkcs8', format: 'der' });
    cluster.putSecret(
      NAMESPACE,
      SECRET,
      {
        'tls.crt': leaf.chainPem,
        'tls.key': leaf.keyPem,
        'ca.crt': ca.pem,
        'tls-combined.pem': leaf.keyPem + leaf.chainPem,
        'key.der': der,
      },
      NOW,
    );
    expect(await read(cluster)).toMatchObject({ material: { anchors: [ca.certificate] } });
  });
});

describe('a new leaf', () => {
  test('is never asked for unless the configuration allows it, and then no right is declared for it', () => {
    const source = sourceOf(new MemoryCluster());
    expect(source.issue).toBeUndefined();
    expect(source.rights.map(({ verb }) => verb)).not.toContain('patch');
  });

  test('is asked for once, with the reason and the moment, by a declared right', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    const source = sourceOf(cluster, { reissue: 'when-ca-replaced' });
    await source.issue?.('the CA was replaced', NOTHING_PUBLISHED);
    expect(cluster.issuances).toEqual([{ name: 'repo-client', why: 'the CA was replaced', at: NOW }]);
    expect(source.rights).toContainEqual({
      verb: 'patch',
      group: 'cert-manager.io',
      resource: 'certificates/status',
      name: 'repo-client',
    });
    cluster.putCertificate(certificate({ conditions: [READY, ISSUING] }));
    await source.issue?.('the CA was replaced', NOTHING_PUBLISHED);
    expect(cluster.issuances).toHaveLength(1);
  });

  test('that may not be asked for is an error that the caller sees', async () => {
    const cluster = new MemoryCluster();
    cluster.putCertificate(certificate());
    cluster.failWith({ reason: 'forbidden', resource: 'certificates/status' });
    const source = sourceOf(cluster, { reissue: 'when-ca-replaced' });
    await expect(source.issue?.('x', NOTHING_PUBLISHED)).rejects.toMatchObject({ reason: 'forbidden' });
  });
});
