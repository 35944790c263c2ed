/**
 * Every way that a client certificate comes from, as a team would have it: what is configured for it, and how it is renewed and its CA replaced.
 * Adding a source: one function here, one line in its lane.
 */
import type { Api } from '../harness/api.ts';
import {
  createExternalSecret,
  createVaultStore,
  refreshExternalSecret,
} from '../harness/external-secrets.ts';
import { createClientCertificate, renewCertificate } from '../harness/issuers.ts';
import type { Vault } from '../harness/vault.ts';
import { createVaultIssuer } from '../harness/vault-issuer.ts';
import { kubernetesLogin } from '../harness/vault-kubernetes.ts';
import { createAppRole, createKubernetesRole } from '../harness/vault-logins.ts';
import { createVaultCa, createVaultRole, replaceDefaultIssuer } from '../harness/vault-pki.ts';
import { KeptPair, type KeptText } from './kept-pair.ts';

export interface SourceKind {
  /** As it stands in the table of results. */
  readonly name: string;
  /** What must be there before the agent is told of the source. */
  readonly prepare: () => Promise<void>;
  /** The instance's `clients.default`. */
  readonly source: Readonly<Record<string, unknown>>;
  readonly renew: () => Promise<unknown>;
  readonly replaceCa: () => Promise<unknown>;
}

export interface Place {
  readonly api: Api;
  readonly vault: Vault;
  readonly namespace: string;
}

/**
 * The agent asks for its leafs itself: a CA change is another default issuer of the mount, a renewal falls due by the clock.
 * That is 136 to 156 s after the issue: later than a CA change takes, and soon enough to be waited for.
 */
export const vaultPki = (place: Place, name: string, connection: string, mount: string): SourceKind => ({
  name,
  prepare: async () => {
    await createVaultCa(place.vault.admin, mount);
    await createVaultRole(place.vault.admin, mount, 'client', { ttl: '6m', max_ttl: '1h' });
  },
  source: { vaultPki: { connection, mount, role: 'client', renewAt: 0.4, poll: '2s' } },
  renew: () => Promise.resolve(),
  replaceCa: () => replaceDefaultIssuer(place.vault.admin, mount),
});

/** Somebody keeps the pair in KV, under field names of their own. */
export const vaultKv = (place: Place, connection: string, mount: string): SourceKind => {
  const pair = new KeptPair('kept-in-kv');
  const path = 'argocd/repo-client';
  const write = ({ certificate, key, ca }: KeptText) =>
    place.vault.admin.writeKv(mount, path, { chain: certificate, private: key, trust: ca });
  return {
    name: 'Vault KV v2',
    prepare: async () => {
      await place.vault.admin.enableKv(mount);
      await write(pair.text);
    },
    source: {
      vaultKv: {
        connection,
        mount,
        path,
        fields: { certificate: 'chain', key: 'private', ca: 'trust' },
        poll: '2s',
      },
    },
    renew: () => write(pair.renew()),
    replaceCa: () => write(pair.replace()),
  };
};

/** The pair is kept in Vault's KV, and External Secrets brings it: the agent sees the Secret and its ExternalSecret. */
export const externalSecret = (place: Place, mount: string, role: string): SourceKind => {
  const { api, namespace, vault } = place;
  const pair = new KeptPair('brought-by-eso');
  const name = 'repo-client-external';
  const write = ({ certificate, key, ca }: KeptText) =>
    vault.admin.writeKv(mount, name, { certificate, key, ca });
  const change = async (text: KeptText): Promise<void> => {
    await write(text);
    await refreshExternalSecret(api, namespace, name);
  };
  return {
    name: 'External Secrets',
    prepare: async () => {
      await vault.admin.enableKv(mount);
      await vault.admin.policy(role, { [`${mount}/data/*`]: ['read'] });
      const serviceAccount = 'secret-store';
      await api.apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: serviceAccount, namespace },
      });
      await createKubernetesRole(vault.admin, kubernetesLogin, role, {
        policies: [role],
        namespace,
        serviceAccount,
      });
      await write(pair.text);
      await createVaultStore(api, {
        namespace,
        name: 'vault',
        address: vault.address,
        ca: vault.ca,
        mount,
        login: { mount: kubernetesLogin, role, serviceAccount },
      });
      await createExternalSecret(api, {
        namespace,
        name,
        store: 'vault',
        remote: name,
        keys: { 'tls.crt': 'certificate', 'tls.key': 'key', 'ca.crt': 'ca' },
      });
    },
    source: { externalSecret: { name } },
    renew: () => change(pair.renew()),
    replaceCa: () => change(pair.replace()),
  };
};

/** A Secret that somebody applies by hand. */
export const staticSecret = ({ api, namespace }: Place, name = 'repo-client-by-hand'): SourceKind => {
  const pair = new KeptPair('kept-by-hand');
  const write = ({ certificate, key, ca }: KeptText) =>
    api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      stringData: { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca },
    });
  return {
    name: 'static Secret',
    prepare: async () => void (await write(pair.text)),
    source: { secret: { name } },
    renew: () => write(pair.renew()),
    replaceCa: () => write(pair.replace()),
  };
};

/** The same in a ConfigMap, as some keep it: base64 in its data. */
export const configMap = ({ api, namespace }: Place): SourceKind => {
  const pair = new KeptPair('kept-in-the-open');
  const name = 'repo-client-in-the-open';
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const write = ({ certificate, key, ca }: KeptText) =>
    api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: { 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(ca) },
    });
  return {
    name: 'ConfigMap',
    prepare: async () => void (await write(pair.text)),
    source: { configMap: { name } },
    renew: () => write(pair.renew()),
    replaceCa: () => write(pair.replace()),
  };
};

/** cert-manager asks Vault: the agent sees a Certificate like any other. */
export const certManagerWithVault = (place: Place, mount: string): SourceKind => {
  const { api, namespace, vault } = place;
  const name = 'repo-client-of-vault';
  const policy = `${mount}-signs`;
  return {
    name: 'cert-manager, Vault issuer',
    prepare: async () => {
      await createVaultCa(vault.admin, mount);
      await createVaultRole(vault.admin, mount, 'client', { max_ttl: '2160h' });
      await vault.admin.policy(policy, { [`${mount}/sign/client`]: ['create', 'update'] });
      const appRole = await createAppRole(vault.admin, 'approle', policy, { policies: [policy] });
      await createVaultIssuer(api, {
        namespace,
        name: 'vault',
        vault,
        path: `${mount}/sign/client`,
        login: { appRole, mount: 'approle' },
      });
      await createClientCertificate(api, { namespace, name, issuer: 'vault', duration: '720h' });
    },
    source: { certManager: { certificate: name } },
    renew: () => renewCertificate(api, namespace, name),
    replaceCa: async () => {
      await replaceDefaultIssuer(vault.admin, mount);
      await renewCertificate(api, namespace, name);
    },
  };
};
