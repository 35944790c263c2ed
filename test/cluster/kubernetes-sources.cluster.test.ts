/** The sources that read Kubernetes objects, on what cert-manager and External Secrets really write: issuers of every kind, keystores, stores that break. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { admit } from '../../agent/admission/admit.ts';
import { createCluster } from '../../agent/kube/cluster.ts';
import { NOTHING_PUBLISHED } from '../../agent/model/material.ts';
import type { PairPlace } from '../../agent/model/object-spec.ts';
import type { CertManagerSpec, SourceSpec } from '../../agent/model/settings.ts';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createSource } from '../../integrations/registry.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';
import { clusterUnderTest } from './harness/cluster-under-test.ts';
import { createExternalSecret, createVaultStore, refreshExternalSecret } from './harness/external-secrets.ts';
import { foreignGroup, signForeignRequests } from './harness/foreign-issuer.ts';
import { createSelfSignedIssuer } from './harness/issuer.ts';
import { certificatePath, createCa, createClientCertificate, renewCertificate } from './harness/issuers.ts';
import { createVaultIssuer, vaultIssuerAudience } from './harness/vault-issuer.ts';
import { kubernetesLogin } from './harness/vault-kubernetes.ts';
import { createKubernetesRole } from './harness/vault-logins.ts';
import { createVaultCa, createVaultRole, issuer } from './harness/vault-pki.ts';
import { until } from './harness/wait.ts';

const { api, kubeconfig, node } = clusterUnderTest();
const { admin, address, ca: vaultCa } = node.vault();
const namespace = 'kubernetes-sources';
const account = 'team';
const mount = 'kubernetes-sources-pki';
const kv = 'kubernetes-sources-kv';
const policies = ['kubernetes-sources'];
const PLACE: PairPlace = { fields: {}, pkcs12: undefined, ca: undefined };

const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const cluster = createCluster({
  kubeConfig: config,
  clock: systemClock,
  random: systemRandom,
  reporter: 'kubernetes-sources',
});

const certManager = (rest: Partial<CertManagerSpec>): CertManagerSpec => ({
  type: 'certManager',
  certificate: undefined,
  issuerCa: undefined,
  reissue: 'never',
  ...rest,
});

const read = (spec: SourceSpec) =>
  createSource(spec, {
    cluster,
    namespace,
    clock: systemClock,
    purpose: 'client',
    pendingSecret: 'pending',
  }).read(NOTHING_PUBLISHED);

/** What admission makes of it: the material, or what keeps it from being any. */
const outcome = async (spec: SourceSpec) => {
  const reading = await read(spec);
  if (reading.state !== 'ready') return reading;
  const admission = admit(reading.raw, 'client', systemClock.now());
  return 'refusal' in admission ? admission.refusal : { ...admission.material, changedAt: reading.changedAt };
};

const material = async (spec: SourceSpec) => {
  const found = await outcome(spec);
  if (!('leaf' in found)) throw new Error(JSON.stringify(found));
  return found;
};

beforeAll(async () => {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } });
  await createCa(api, { namespace, name: 'team-ca' });
  await createVaultCa(admin, mount);
  await createVaultRole(admin, mount, 'client');
  await admin.enableKv(kv);
  await admin.policy('kubernetes-sources', {
    [`${mount}/sign/client`]: ['create', 'update'],
    [`${kv}/data/*`]: ['read'],
  });
});

afterAll(async () => {
  for (const engine of [mount, kv]) await admin.disableEngine(engine);
  await api.remove(`/api/v1/namespaces/${namespace}`);
});

describe('cert-manager', () => {
  test('under a CA issuer, found by a label; a renewal is another version, later', async () => {
    await createClientCertificate(api, { namespace, name: 'by-ca', issuer: 'team-ca' });
    await api.merge(certificatePath(namespace, 'by-ca'), { metadata: { labels: { team: 'repo' } } });
    const spec = certManager({ labels: { team: 'repo' } });
    const before = await until('the label to count', 30, async () => await material(spec));
    await renewCertificate(api, namespace, 'by-ca');
    const after = await material(spec);
    expect(after.version).not.toBe(before.version);
    expect(after.leaf.certificate.fingerprint).not.toBe(before.leaf.certificate.fingerprint);
    expect(after.anchors).toEqual(before.anchors);
    expect(after.changedAt ?? 0).toBeGreaterThanOrEqual(before.changedAt ?? 0);
  });

  test('under a SelfSigned issuer: the leaf is its own anchor', async () => {
    await createSelfSignedIssuer(api, namespace);
    await createClientCertificate(api, { namespace, name: 'alone', issuer: 'self-signed' });
    const { leaf, anchors } = await material(certManager({ certificate: 'alone' }));
    expect(anchors).toEqual([leaf.certificate]);
  });

  test("under Vault's issuer: the CA is the mount's", async () => {
    await createKubernetesRole(admin, kubernetesLogin, 'kubernetes-sources-issuer', {
      policies,
      namespace,
      serviceAccount: account,
      audience: vaultIssuerAudience(namespace, 'vault'),
    });
    await createVaultIssuer(api, {
      namespace,
      name: 'vault',
      vault: { address, ca: vaultCa },
      path: `${mount}/sign/client`,
      login: { serviceAccount: account, mount: kubernetesLogin, role: 'kubernetes-sources-issuer' },
    });
    await createClientCertificate(api, { namespace, name: 'by-vault', issuer: 'vault', duration: '24h' });
    const { anchors } = await material(certManager({ certificate: 'by-vault' }));
    expect(anchors.map(({ pem }) => pem.trim())).toEqual([(await issuer(admin, mount)).certificate.trim()]);
  });

  test("under an issuer without a CA: refused with where to say it, and whole with a Bundle's ConfigMap", async () => {
    const foreign = signForeignRequests(api, admin, { namespace, mount, role: 'client' });
    try {
      const options = { namespace, name: 'foreign', issuer: 'foreign', issuerGroup: foreignGroup };
      await createClientCertificate(api, { ...options, duration: '24h' });
      expect(await outcome(certManager({ certificate: 'foreign' }))).toMatchObject({
        code: 'no-anchor',
        next: expect.stringContaining('`ca: {'),
      });
      const data = { 'root.pem': (await issuer(admin, mount)).certificate };
      await api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trust', namespace }, data });
      const ca = { kind: 'ConfigMap', name: 'trust', key: 'root.pem' } as const;
      expect((await material(certManager({ certificate: 'foreign', ca }))).anchors).toHaveLength(1);
    } finally {
      await foreign.stop();
    }
  });

  test('its additionalOutputFormats change nothing, and its own PKCS#12 holds the same pair and CA', async () => {
    const password = { name: 'store-password', key: 'password' };
    await api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: password.name, namespace },
      stringData: { password: 'correct horse' },
    });
    await createClientCertificate(api, { namespace, name: 'stored', issuer: 'team-ca' });
    await api.merge(certificatePath(namespace, 'stored'), {
      spec: {
        additionalOutputFormats: [{ type: 'CombinedPEM' }, { type: 'DER' }],
        keystores: { pkcs12: { create: true, profile: 'Modern2023', passwordSecretRef: password } },
      },
    });
    const pkcs12 = { key: 'keystore.p12', password: { secret: password.name, key: password.key } };
    const opened = await until('the keystore', 60, async () =>
      material({ type: 'secret', name: 'stored', ...PLACE, pkcs12 }),
    );
    const pair = await material(certManager({ certificate: 'stored' }));
    const plain = await material({ type: 'secret', name: 'stored', ...PLACE });
    for (const one of [pair, plain]) {
      expect(one.leaf.certificate.fingerprint).toBe(opened.leaf.certificate.fingerprint);
      expect(one.anchors).toEqual(opened.anchors);
    }
    const held = await cluster.readSecret(namespace, 'stored');
    expect([...(held?.data.keys() ?? [])]).toEqual(
      expect.arrayContaining(['tls-combined.pem', 'key.der', 'keystore.p12']),
    );
  });
});

describe('External Secrets', () => {
  const ca = makeCa({ name: 'kept in Vault' });
  const spec: SourceSpec = { type: 'externalSecret', name: 'synced', target: undefined, ...PLACE };
  const keep = async () => {
    const leaf = makeLeaf(ca);
    await admin.writeKv(kv, 'client', {
      certificate: leaf.pem,
      private_key: leaf.keyPem,
      issuing_ca: ca.pem,
    });
    return leaf.certificate.fingerprint;
  };

  test('is read while it is Ready, follows the store, and is waited for with its own words while the store is gone', async () => {
    const first = await keep();
    await createKubernetesRole(admin, kubernetesLogin, 'kubernetes-sources-store', {
      policies,
      namespace,
      serviceAccount: account,
    });
    await createVaultStore(api, {
      namespace,
      name: 'vault',
      address,
      ca: vaultCa,
      mount: kv,
      login: { mount: kubernetesLogin, role: 'kubernetes-sources-store', serviceAccount: account },
    });
    const names = ['certificate', 'private_key', 'issuing_ca'];
    await createExternalSecret(api, {
      namespace,
      name: 'synced',
      store: 'vault',
      remote: 'client',
      secretName: 'synced-tls',
      keys: Object.fromEntries(names.map((name) => [name, name])),
    });
    expect((await material(spec)).leaf.certificate.fingerprint).toBe(first);
    const second = await keep();
    await refreshExternalSecret(api, namespace, 'synced');
    expect((await material(spec)).leaf.certificate.fingerprint).toBe(second);
    await api.remove(`/apis/external-secrets.io/v1/namespaces/${namespace}/secretstores/vault`);
    await api.merge(`/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/synced`, {
      metadata: { annotations: { 'force-sync': 'now' } },
    });
    const waiting = await until('the store to be missed', 60, async () => {
      const reading = await read(spec);
      return reading.state === 'waiting' ? reading : undefined;
    });
    expect(waiting.why).toMatch(/not Ready: SecretSyncedError: \S/);
  });
});
