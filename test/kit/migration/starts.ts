/**
 * The installations that people come from: each as it is met, with the PKI that is in it.
 *
 * **Invariant:** every one of them works today; what is odd about one is in its name.
 */
import type { StoredConfigMap, StoredSecret } from '../../../agent/model/stored.ts';
import type { Workload } from '../../../agent/model/workload.ts';
import type { CertManagerCertificate } from '../../../agent/ports.ts';
import { install } from '../argocd/install.ts';
import { storedSecret } from '../argocd/preflight.ts';
import { withContainer, withoutMtls, withTemplate, withVolume } from '../argocd/variants.ts';
import { type Authority, type Identity, makeCa, makeLeaf, USAGE } from '../pki/index.ts';
import type { Start } from './sight.ts';

export interface KnownStart extends Start {
  readonly root: Authority;
  readonly client: Identity;
  readonly serving: Identity | undefined;
}

export const storedConfigMap = (
  name: string,
  data: Readonly<Record<string, string>>,
  change: Partial<StoredConfigMap> = {},
): StoredConfigMap => {
  const { type: _type, data: _data, ...object } = storedSecret(name);
  return { ...object, data, ...change };
};

const VOLUME = 'argocd-repo-server-mtls';

/** A chain of CAs and leafs as the announcement's openssl recipe makes them, but with SANs. */
const pki = (name: string) => {
  const root = makeCa({ name });
  return {
    root,
    client: makeLeaf(root, { name: 'argocd-client', usages: [USAGE.client] }),
    serving: makeLeaf(root, {
      name: 'argocd-repo-server',
      dns: ['argocd-repo-server'],
      usages: [USAGE.server],
    }),
  };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const rootSecret = (root: Authority, change: Partial<StoredSecret> = {}): StoredSecret =>
  storedSecret(
    'corp-root',
    { 'ca.pem': root.pem, 'ca-key.pem': keyOf(root) },
    { namespace: 'security', ...change },
  );

const keyOf = (authority: Authority): string =>
  authority.key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** One Secret by hand, its values put into base64 before they went through `data`; the root lies in another namespace. */
export const staticSecret = (): KnownStart => {
  const { root, client, serving } = pki('Corp Root');
  return {
    root,
    client,
    serving,
    searched: ['security'],
    secrets: [
      storedSecret(VOLUME, {
        'client-ca.crt': base64(root.pem),
        'client.crt': base64(client.chainPem),
        'client.key': base64(client.keyPem),
        'server-ca.crt': base64(root.pem),
      }),
      storedSecret('argocd-repo-server-tls', { 'tls.crt': serving.chainPem, 'tls.key': serving.keyPem }),
      rootSecret(root),
    ],
  };
};

/** As {@link staticSecret}, in plain PEM: the form that works on a running Argo CD. */
export const plainStaticSecret = (): KnownStart => {
  const start = staticSecret();
  const { root, client } = start;
  return {
    ...start,
    secrets: (start.secrets ?? []).map((secret) =>
      secret.name !== VOLUME
        ? secret
        : storedSecret(VOLUME, {
            'client-ca.crt': root.pem,
            'client.crt': client.chainPem,
            'client.key': client.keyPem,
            'server-ca.crt': root.pem,
          }),
    ),
  };
};

/** Certificate and key in a ConfigMap that the workloads mount in the usual volume's place; nobody has the root's key. */
export const staticConfigMap = (): KnownStart => {
  const { root, client } = pki('Corp Root');
  return {
    root,
    client,
    serving: undefined,
    workloads: install().map((workload) =>
      withVolume(workload, VOLUME, {
        type: 'configMap',
        name: 'repo-certs',
        optional: false,
        items:
          workload.ref.name === 'argocd-repo-server'
            ? [{ key: 'ca.pem', path: 'client-ca.crt' }]
            : [
                { key: 'cert.pem', path: 'client.crt' },
                { key: 'key.pem', path: 'client.key' },
              ],
      }),
    ),
    configMaps: [
      storedConfigMap('repo-certs', {
        'ca.pem': root.pem,
        'cert.pem': client.chainPem,
        'key.pem': client.keyPem,
      }),
    ],
  };
};

export const certificateObject = (
  name: string,
  over: Partial<CertManagerCertificate> = {},
): CertManagerCertificate => ({
  namespace: 'argocd',
  name,
  resourceVersion: '1',
  generation: 1,
  secretName: name,
  issuer: { kind: 'Issuer', name: 'corp-issuer', group: 'cert-manager.io' },
  conditions: [],
  revision: 1,
  notAfter: undefined,
  renewalTime: undefined,
  lastFailure: undefined,
  ...over,
});

const issued = (name: string, identity: Identity, root: Authority): StoredSecret =>
  storedSecret(
    name,
    { 'tls.crt': identity.chainPem, 'tls.key': identity.keyPem, 'ca.crt': root.pem },
    { type: 'kubernetes.io/tls', annotations: { 'cert-manager.io/certificate-name': name } },
  );

const restartedByReloader = (workload: Workload): Workload => ({
  ...workload,
  annotations: { ...workload.annotations, 'reloader.stakater.com/auto': 'true' },
});

/** cert-manager wired by hand: volumes of their own that show `tls.crt` as `client.crt`, and Reloader that restarts all of it at once. */
export const handWired = (): KnownStart => {
  const { root, client, serving } = pki('Platform CA');
  return {
    root,
    client,
    serving,
    workloads: install().map((workload) =>
      restartedByReloader(
        withVolume(workload, VOLUME, {
          type: 'secret',
          name: 'repo-client-tls',
          optional: false,
          items:
            workload.ref.name === 'argocd-repo-server'
              ? [{ key: 'ca.crt', path: 'client-ca.crt' }]
              : [
                  { key: 'tls.crt', path: 'client.crt' },
                  { key: 'tls.key', path: 'client.key' },
                  { key: 'ca.crt', path: 'server-ca.crt' },
                ],
        }),
      ),
    ),
    secrets: [
      issued('repo-client-tls', client, root),
      issued('argocd-repo-server-tls', serving, root),
      storedSecret(
        'platform-ca',
        { 'tls.crt': root.pem, 'tls.key': keyOf(root), 'ca.crt': root.pem },
        { type: 'kubernetes.io/tls', annotations: { 'cert-manager.io/certificate-name': 'platform-ca' } },
      ),
    ],
    certificates: [
      certificateObject('repo-client-tls'),
      certificateObject('argocd-repo-server-tls'),
      certificateObject('platform-ca', {
        issuer: { kind: 'Issuer', name: 'selfsigned', group: 'cert-manager.io' },
      }),
    ],
  };
};

/** External Secrets fills the very Secret that Argo CD mounts; the CA's key never leaves Vault. */
export const vaultAndExternalSecrets = (): KnownStart => {
  const { root, client } = pki('Vault Root');
  return {
    root,
    client,
    serving: undefined,
    certManager: 'absent',
    secrets: [
      storedSecret(
        VOLUME,
        { 'client-ca.crt': root.pem, 'client.crt': client.chainPem, 'client.key': client.keyPem },
        {
          labels: { 'reconcile.external-secrets.io/managed': 'true' },
          ownerReferences: [{ kind: 'ExternalSecret', name: 'repo-mtls' }],
        },
      ),
    ],
  };
};

export const OLD_IMAGE = 'quay.io/argoproj/argocd:v3.4.3';

/** Argo CD before 3.5 mounts nothing; the root is there, and the Secret that an upgrade will find is not yet. */
export const beforeMtls = (): KnownStart => {
  const { root, client, serving } = pki('Corp Root');
  return {
    root,
    client,
    serving,
    workloads: install({ image: OLD_IMAGE }).map(withoutMtls),
    secrets: [rootSecret(root, { namespace: 'argocd' })],
  };
};

const withProxy = (workload: Workload): Workload =>
  withTemplate(workload, (template) => ({
    ...template,
    annotations: { ...template.annotations, 'linkerd.io/proxy-version': 'edge-25.1.1' },
    containers: [
      ...template.containers,
      ...template.containers.slice(0, 1).map((first) => ({
        ...first,
        name: 'linkerd-proxy',
        image: 'example.com/proxy:1',
        args: [],
        env: [],
        mounts: [],
      })),
    ],
  }));

/** A mesh encrypts; Argo CD itself has no certificates at all, and the root to start from is there. */
export const behindProxy = (): KnownStart => {
  const { root, client, serving } = pki('Corp Root');
  return {
    root,
    client,
    serving,
    workloads: install().map(withProxy),
    secrets: [rootSecret(root, { namespace: 'argocd' })],
    configMaps: [
      storedConfigMap('linkerd-identity-trust-roots', { 'ca-bundle.crt': makeCa({ name: 'Mesh Root' }).pem }),
    ],
  };
};

/** The container of a component gets a mount and volume more. */
export const withMount = (workload: Workload, secret: string, path: string): Workload =>
  withContainer(
    withTemplate(workload, (template) => ({
      ...template,
      volumes: [
        ...template.volumes,
        { name: secret, source: { type: 'secret', name: secret, items: undefined, optional: false } },
      ],
    })),
    (container) => ({
      mounts: [...container.mounts, { volume: secret, path, subPath: undefined, readOnly: true }],
    }),
  );

export const STARTS = {
  'a static Secret, in base64 twice': staticSecret,
  'a static Secret': plainStaticSecret,
  'a static ConfigMap': staticConfigMap,
  'cert-manager wired by hand, with Reloader': handWired,
  'Vault and External Secrets': vaultAndExternalSecrets,
  'Argo CD before 3.5': beforeMtls,
  "a mesh's proxy": behindProxy,
} as const satisfies Readonly<Record<string, () => KnownStart>>;
