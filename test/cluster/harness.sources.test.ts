/** The ground that the sources' scenarios stand on: Vault trusts the cluster, cert-manager has Vault sign, External Secrets brings what Vault keeps. */
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Secret } from './harness/api.ts';
import { clusterUnderTest } from './harness/cluster-under-test.ts';
import {
  createExternalSecret,
  createKubernetesStore,
  createVaultStore,
  refreshExternalSecret,
} from './harness/external-secrets.ts';
import { foreignGroup, signForeignRequests } from './harness/foreign-issuer.ts';
import { createSelfSignedIssuer } from './harness/issuer.ts';
import { createClientCertificate, issuedMaterial, renewCertificate } from './harness/issuers.ts';
import { VaultAdmin } from './harness/vault-admin.ts';
import { createVaultIssuer, vaultIssuerAudience } from './harness/vault-issuer.ts';
import { kubernetesLogin, tokenOf } from './harness/vault-kubernetes.ts';
import { createAppRole, createKubernetesRole } from './harness/vault-logins.ts';
import { createVaultCa, createVaultRole, issuer, replaceDefaultIssuer } from './harness/vault-pki.ts';

const { api, node } = clusterUnderTest();
const { admin, address, ca } = node.vault();
const namespace = 'harness-sources';
const account = 'team';
const policies = ['harness-sources'];
const mount = 'harness-pki';

beforeAll(async () => {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } });
  await createVaultCa(admin, mount);
  await createVaultRole(admin, mount, 'client');
  await admin.enableKv('harness-kv');
  await admin.policy('harness-sources', {
    [`${mount}/sign/client`]: ['create', 'update'],
    'harness-kv/data/*': ['read'],
  });
});

afterAll(async () => {
  for (const engine of [mount, 'harness-kv']) await admin.disableEngine(engine);
  await admin.disableLogin('harness-approle');
  await api.remove(`/api/v1/namespaces/${namespace}`);
});

test("Vault logs in a ServiceAccount of the cluster by TokenReview, and no other namespace's", async () => {
  await createKubernetesRole(admin, kubernetesLogin, 'harness-team', {
    policies,
    namespace,
    serviceAccount: account,
    audience: 'vault',
  });
  const login = async (jwt: string): Promise<string> => {
    const { auth } = await admin.ask<{ auth: { client_token: string } }>(
      'POST',
      `auth/${kubernetesLogin}/login`,
      { role: 'harness-team', jwt },
    );
    return auth.client_token;
  };
  const token = await login(await tokenOf(api, namespace, account, 'vault'));
  const team = new VaultAdmin({ ...admin.connection, token });
  await expect(team.readKv('harness-kv', 'nothing')).rejects.toMatchObject({ code: 404 });
  await expect(login(await tokenOf(api, 'default', 'default', 'vault'))).rejects.toMatchObject({ code: 403 });
});

describe('cert-manager', () => {
  test("its Vault issuer signs through AppRole, and after the mount's issuer was replaced under the new one", async () => {
    const appRole = await createAppRole(admin, 'harness-approle', 'cert-manager', { policies });
    await createVaultIssuer(api, {
      namespace,
      name: 'by-approle',
      vault: { address, ca },
      path: `${mount}/sign/client`,
      login: { appRole, mount: 'harness-approle' },
    });
    await createClientCertificate(api, { namespace, name: 'client', issuer: 'by-approle', duration: '24h' });
    const first = await issuedMaterial(api, namespace, 'client');
    expect(isUnder(first.certificate, first.ca)).toBe(true);
    const replaced = await replaceDefaultIssuer(admin, mount);
    await renewCertificate(api, namespace, 'client');
    const second = await issuedMaterial(api, namespace, 'client');
    expect(second.ca.trim()).toBe(replaced.certificate);
    expect(isUnder(second.certificate, second.ca)).toBe(true);
  });

  test('its Vault issuer signs as a ServiceAccount of the namespace', async () => {
    await createKubernetesRole(admin, kubernetesLogin, 'harness-issuer', {
      policies,
      namespace,
      serviceAccount: account,
      audience: vaultIssuerAudience(namespace, 'by-account'),
    });
    await createVaultIssuer(api, {
      namespace,
      name: 'by-account',
      vault: { address, ca },
      path: `${mount}/sign/client`,
      login: { serviceAccount: account, mount: kubernetesLogin, role: 'harness-issuer' },
    });
    await createClientCertificate(api, { namespace, name: 'other', issuer: 'by-account', duration: '24h' });
    const issued = await issuedMaterial(api, namespace, 'other');
    expect(isUnder(issued.certificate, issued.ca)).toBe(true);
  });

  test('its self-signed issuer makes a leaf that is its own root', async () => {
    await createSelfSignedIssuer(api, namespace);
    await createClientCertificate(api, { namespace, name: 'alone', issuer: 'self-signed' });
    const { certificate, ca: root } = await issuedMaterial(api, namespace, 'alone');
    expect(root).toBe(certificate);
  });
});

test('an issuer of somebody else leaves the Secret without a CA', async () => {
  const foreign = signForeignRequests(api, admin, { namespace, mount, role: 'client' });
  try {
    const options = { namespace, name: 'foreign', issuer: 'foreign', issuerGroup: foreignGroup };
    await createClientCertificate(api, { ...options, duration: '24h' });
    const issued = await issuedMaterial(api, namespace, 'foreign');
    expect(issued.ca).toBe('');
    expect(isUnder(issued.certificate, (await issuer(admin, mount)).certificate)).toBe(true);
  } finally {
    await foreign.stop();
  }
});

describe('External Secrets', () => {
  test('brings what Vault keeps, and what it keeps by then when a refresh is asked for', async () => {
    await admin.writeKv('harness-kv', 'client', { cert: 'first' });
    await createKubernetesRole(admin, kubernetesLogin, 'harness-store', {
      policies,
      namespace,
      serviceAccount: account,
    });
    await createVaultStore(api, {
      namespace,
      name: 'vault',
      address,
      ca,
      mount: 'harness-kv',
      login: { mount: kubernetesLogin, role: 'harness-store', serviceAccount: account },
    });
    await createExternalSecret(api, {
      namespace,
      name: 'from-vault',
      store: 'vault',
      remote: 'client',
      keys: { 'tls.crt': 'cert' },
    });
    expect(await textOf('from-vault', 'tls.crt')).toBe('first');
    await admin.writeKv('harness-kv', 'client', { cert: 'second' });
    await refreshExternalSecret(api, namespace, 'from-vault');
    expect(await textOf('from-vault', 'tls.crt')).toBe('second');
  });

  test('brings what another namespace keeps', async () => {
    await api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'kept', namespace: 'default' },
      stringData: { certificate: 'kept' },
    });
    await api.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'harness-sources-reads' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    });
    try {
      await createKubernetesStore(api, {
        namespace,
        name: 'cluster',
        remoteNamespace: 'default',
        serviceAccount: account,
      });
      await createExternalSecret(api, {
        namespace,
        name: 'from-cluster',
        store: 'cluster',
        remote: 'kept',
        keys: { 'tls.crt': 'certificate' },
      });
      expect(await textOf('from-cluster', 'tls.crt')).toBe('kept');
    } finally {
      await api.remove('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/harness-sources-reads');
      await api.remove('/api/v1/namespaces/default/secrets/kept');
    }
  });
});

async function textOf(secret: string, key: string): Promise<string> {
  const { data = {} } = await api.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${secret}`);
  return Buffer.from(data[key] ?? '', 'base64').toString();
}

function isUnder(leaf: string, root: string): boolean {
  return new X509Certificate(leaf).verify(new X509Certificate(root).publicKey);
}
