/** cert-manager's own Vault issuer: an Issuer that has Vault's PKI engine sign, by AppRole or as a ServiceAccount of its namespace. */
import type { Api } from './api.ts';
import { issuerReady } from './issuer.ts';
import type { Vault } from './vault.ts';
import type { AppRole } from './vault-logins.ts';

export type VaultIssuerLogin =
  | { readonly appRole: AppRole; readonly mount: string }
  | { readonly serviceAccount: string; readonly mount: string; readonly role: string };

/** The audience of the tokens that cert-manager asks for: bound to the one Issuer. */
export const vaultIssuerAudience = (namespace: string, name: string): string =>
  `vault://${namespace}/${name}`;

export async function createVaultIssuer(
  api: Api,
  options: {
    namespace: string;
    name: string;
    vault: Pick<Vault, 'address' | 'ca'>;
    /** As `pki/sign/client`. */
    path: string;
    login: VaultIssuerLogin;
  },
): Promise<void> {
  const { namespace, name, vault, path, login } = options;
  await api.apply({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { name, namespace },
    spec: {
      vault: {
        server: vault.address,
        caBundle: Buffer.from(vault.ca).toString('base64'),
        path,
        auth: await authOf(api, namespace, name, login),
      },
    },
  });
  await issuerReady(api, namespace, name);
}

async function authOf(
  api: Api,
  namespace: string,
  name: string,
  login: VaultIssuerLogin,
): Promise<Record<string, unknown>> {
  if ('serviceAccount' in login) {
    const { mount, role, serviceAccount } = login;
    return {
      kubernetes: { mountPath: `/v1/auth/${mount}`, role, serviceAccountRef: { name: serviceAccount } },
    };
  }
  const secret = `${name}-approle`;
  await api.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret, namespace },
    stringData: { secretId: login.appRole.secretId },
  });
  return {
    appRole: {
      path: login.mount,
      roleId: login.appRole.roleId,
      secretRef: { name: secret, key: 'secretId' },
    },
  };
}
