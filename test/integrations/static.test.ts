/**
 * Secrets and ConfigMaps that somebody else writes: the contract of all sources, and what the places of CA and password add to it.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { NOTHING_PUBLISHED, type SourceReading } from '../../agent/model/material.ts';
import type { ConfigMapSpec, PairPlace, SecretSpec } from '../../agent/model/object-spec.ts';
import { createSource } from '../../integrations/registry.ts';
import type { Source } from '../../integrations/source.ts';
import { keyPem, makeCa, makeKey, makeLeaf } from '../kit/pki/index.ts';
import { writePkcs12 } from '../kit/pki/pkcs12.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { runSourceContract } from './source-contract.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const NAMESPACE = 'argocd';
const NAME = 'repo-client';
const PLACE: PairPlace = { fields: {}, pkcs12: undefined, ca: undefined };

const sourceOf = (
  cluster: MemoryCluster,
  place: Partial<PairPlace> = {},
  type: 'secret' | 'configMap' = 'secret',
): Source => {
  const spec: SecretSpec | ConfigMapSpec = { type, name: NAME, ...PLACE, ...place };
  return createSource(spec, {
    cluster,
    namespace: NAMESPACE,
    clock: { now: () => NOW },
    purpose: 'client',
    pendingSecret: 'pending',
  });
};

const ca = makeCa({ name: 'Repo CA' });
const leaf = makeLeaf(ca);
const pair = { 'tls.crt': leaf.chainPem, 'tls.key': leaf.keyPem };
const WHOLE = { ...pair, 'ca.crt': ca.pem };

const codeOf = (reading: SourceReading): string => {
  if (reading.state === 'refused') return reading.refusal.code;
  if (reading.state !== 'ready') return reading.state;
  const admission = admit(reading.raw, 'client', NOW);
  return 'refusal' in admission ? admission.refusal.code : 'admitted';
};

describe.each(['secret', 'configMap'] as const)('a %s', (type) => {
  const resource = type === 'secret' ? 'secrets' : 'configmaps';
  runSourceContract({
    exceptions: {},
    make: () => {
      const cluster = new MemoryCluster();
      const put = (data: Readonly<Record<string, string>>, at: number): void =>
        type === 'secret'
          ? cluster.putSecret(NAMESPACE, NAME, data, at, 'kubectl')
          : cluster.putConfigMap(NAMESPACE, NAME, data, at);
      const until = (reason: 'forbidden' | 'timeout') => () => {
        cluster.failWith({ reason, resource });
        return () => cluster.failWith(undefined);
      };
      return {
        source: sourceOf(cluster, {}, type),
        deliver: ({ chainPem, keyPem: key }, authority, at) =>
          put({ 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': authority.root.pem }, at),
        tear: ({ chainPem }, authority, key) =>
          put({ 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': authority.root.pem }, NOW),
        remove: () =>
          type === 'secret' ? cluster.dropSecret(NAMESPACE, NAME) : cluster.dropConfigMap(NAMESPACE, NAME),
        forbid: until('forbidden'),
        stall: until('timeout'),
        hold: () => cluster.hold(),
        asked: () => cluster.asked,
      };
    },
  });
});

describe('a key in a ConfigMap', () => {
  test('is used, and flagged as exposed', async () => {
    const cluster = new MemoryCluster();
    cluster.putConfigMap(NAMESPACE, NAME, WHOLE, NOW);
    const reading = await sourceOf(cluster, {}, 'configMap').read(NOTHING_PUBLISHED);
    expect(codeOf(reading)).toBe('admitted');
    expect(reading).toMatchObject({
      warnings: [{ code: 'exposed-key', what: expect.stringContaining('ConfigMap argocd/repo-client') }],
    });
  });

  test('is not flagged where it stands in a Secret, or in a PKCS#12 whose password does', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, WHOLE, NOW);
    cluster.putSecret(NAMESPACE, 'pass', { password: 'x' }, NOW);
    const store = writePkcs12([leaf.key], [leaf.der, ca.der], { password: 'x' });
    cluster.putConfigMap(NAMESPACE, NAME, { 'keystore.p12': store }, NOW);
    const pkcs12 = { key: 'keystore.p12', password: { secret: 'pass', key: 'password' } };
    for (const source of [sourceOf(cluster), sourceOf(cluster, { pkcs12 }, 'configMap')]) {
      const reading = await source.read(NOTHING_PUBLISHED);
      expect(codeOf(reading)).toBe('admitted');
      expect(reading).not.toHaveProperty('warnings');
    }
  });
});

describe('a CA in an object of its own', () => {
  const inConfigMap = { kind: 'ConfigMap', name: 'bundle', key: 'root.pem' } as const;

  test('is the anchor, whatever stands beside the pair', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, { ...pair, 'ca.crt': makeCa({ name: 'Elsewhere' }).pem }, NOW - 5000);
    cluster.putConfigMap(NAMESPACE, 'bundle', { 'root.pem': ca.pem }, NOW);
    const reading = await sourceOf(cluster, { ca: inConfigMap }).read(NOTHING_PUBLISHED);
    expect(codeOf(reading)).toBe('admitted');
    expect(reading).toMatchObject({ changedAt: NOW });
  });

  test('changes the version of the material, and is part of rights and watches', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, pair, NOW);
    cluster.putConfigMap(NAMESPACE, 'bundle', { 'root.pem': ca.pem }, NOW);
    const source = sourceOf(cluster, { ca: inConfigMap });
    const before = await source.read(NOTHING_PUBLISHED);
    cluster.putConfigMap(NAMESPACE, 'bundle', { 'root.pem': ca.pem + makeCa({ name: 'Next' }).pem }, NOW);
    const after = await source.read(NOTHING_PUBLISHED);
    if (before.state !== 'ready' || after.state !== 'ready') throw new Error('not ready');
    expect(after.raw.version).not.toBe(before.raw.version);
    expect(source.watches).toContainEqual({ kind: 'ConfigMap', namespace: NAMESPACE, name: 'bundle' });
    expect(source.rights).toContainEqual({ verb: 'get', group: '', resource: 'configmaps', name: 'bundle' });
  });

  test('never brings a private key along, wherever it was put', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, pair, NOW);
    cluster.putSecret(NAMESPACE, 'ca', { 'ca.crt': keyPem(ca.key) + ca.pem, 'tls.key': keyPem(ca.key) }, NOW);
    const place = { ca: { kind: 'Secret', name: 'ca', key: 'ca.crt' } } as const;
    const reading = await sourceOf(cluster, place).read(NOTHING_PUBLISHED);
    expect(codeOf(reading)).toBe('admitted');
    expect(reading.state === 'ready' && reading.raw.anchorsPem).not.toContain('PRIVATE KEY');
  });

  test('that is not there is waited for; a key of it that is not there is refused, with those that are', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, pair, NOW);
    const source = sourceOf(cluster, { ca: inConfigMap });
    expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'waiting',
      why: expect.stringContaining('ConfigMap argocd/bundle'),
    });
    cluster.putConfigMap(NAMESPACE, 'bundle', { 'ca.pem': ca.pem }, NOW);
    expect(await source.read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'refused',
      refusal: { code: 'field-missing', what: expect.stringContaining('found: ca.pem') },
    });
  });

  test('that may not be read is unreachable by its own name', async () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, pair, NOW);
    cluster.failWith({ reason: 'forbidden', resource: 'configmaps' });
    expect(await sourceOf(cluster, { ca: inConfigMap }).read(NOTHING_PUBLISHED)).toMatchObject({
      state: 'unreachable',
      next: 'Grant the verb get on configmaps argocd/bundle in the Role of that namespace.',
    });
  });
});

describe('a PKCS#12', () => {
  const pkcs12 = { key: 'store.p12', password: { secret: 'pass', key: 'password' } };
  const store = writePkcs12([leaf.key], [leaf.der, ca.der], { password: 'secret' });

  const world = () => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, { 'store.p12': store }, NOW - 5000);
    return { cluster, source: sourceOf(cluster, { pkcs12 }) };
  };

  test('is opened by the password in another Secret, whose change counts too', async () => {
    const { cluster, source } = world();
    cluster.putSecret(NAMESPACE, 'pass', { password: 'secret\n' }, NOW);
    const reading = await source.read(NOTHING_PUBLISHED);
    expect(codeOf(reading)).toBe('admitted');
    expect(reading).toMatchObject({ changedAt: NOW });
    expect(source.rights).toContainEqual({ verb: 'get', group: '', resource: 'secrets', name: 'pass' });
    expect(source.watches).toContainEqual({ kind: 'Secret', namespace: NAMESPACE, name: 'pass' });
  });

  test.each<[string, (cluster: MemoryCluster) => void, string]>([
    ['waits for its password', () => undefined, 'waiting'],
    [
      'is refused where the password has another name',
      (cluster) => cluster.putSecret(NAMESPACE, 'pass', { pwd: 'secret' }, NOW),
      'field-missing',
    ],
    [
      'is refused where the password is wrong',
      (cluster) => cluster.putSecret(NAMESPACE, 'pass', { password: 'wrong' }, NOW),
      'pkcs12-password',
    ],
    [
      'is refused where it is not there',
      (cluster) => cluster.putSecret(NAMESPACE, NAME, WHOLE, NOW),
      'field-missing',
    ],
  ])('%s', async (_, change, code) => {
    const { cluster, source } = world();
    change(cluster);
    expect(codeOf(await source.read(NOTHING_PUBLISHED))).toBe(code);
  });
});

describe('whatever is put there is refused by name, with what to do next', () => {
  const page = '<html><body>503 Service Unavailable</body></html>';
  test.each<[string, Readonly<Record<string, string>>, Partial<PairPlace>, string]>([
    ['a wrong field', WHOLE, { fields: { certificate: 'cert.pem' } }, 'field-missing'],
    ['names that nobody knows', { cert: leaf.pem, key: leaf.keyPem }, {}, 'shape-unknown'],
    ['a half-written pair', { 'tls.crt': leaf.chainPem, 'ca.crt': ca.pem }, {}, 'no-key'],
    ['an empty half', { ...WHOLE, 'tls.crt': '' }, {}, 'no-certificate'],
    ["another pair's key", { ...WHOLE, 'tls.key': keyPem(makeKey('p256')) }, {}, 'key-mismatch'],
    ['a foreign CA', { ...WHOLE, 'ca.crt': makeCa({ name: 'Repo CA' }).pem }, {}, 'chain-broken'],
    ['no CA at all', pair, {}, 'no-anchor'],
    [
      'an expired leaf',
      { ...WHOLE, 'tls.crt': makeLeaf(ca, { key: leaf.key, notAfter: NOW - 1 }).pem },
      {},
      'expired',
    ],
    ['a bundle of public CAs', { ...WHOLE, 'ca.crt': ca.pem.repeat(700) }, {}, 'too-large'],
    ['more than a Secret holds', { ...WHOLE, other: 'x'.repeat(1024 * 1024) }, {}, 'too-large'],
    ['no PEM', { ...WHOLE, 'tls.crt': 'hunter2' }, {}, 'unreadable'],
    ['an HTML error page as certificate', { ...WHOLE, 'tls.crt': page }, {}, 'unreadable'],
    ['an HTML error page as key', { ...WHOLE, 'tls.key': page }, {}, 'key-unreadable'],
    ['an HTML error page as CA', { ...WHOLE, 'ca.crt': page }, {}, 'unreadable'],
  ])('%s', async (_, data, place, code) => {
    const cluster = new MemoryCluster();
    cluster.putSecret(NAMESPACE, NAME, data, NOW);
    const reading = await sourceOf(cluster, place).read(NOTHING_PUBLISHED);
    expect(codeOf(reading)).toBe(code);
    const admission = reading.state === 'ready' ? admit(reading.raw, 'client', NOW) : undefined;
    const refusal =
      reading.state === 'refused'
        ? reading.refusal
        : admission !== undefined && 'refusal' in admission
          ? admission.refusal
          : undefined;
    expect(refusal?.next).toMatch(/\w{4,}.*\.$/);
    expect(refusal?.effect).toContain('what is published stays in use');
  });
});
