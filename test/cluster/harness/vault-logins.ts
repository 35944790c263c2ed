/** The ways to log in to Vault: AppRole, a pod's own ServiceAccount (by TokenReview), and any JWT of a known key. */
import { type VaultAdmin, VaultError } from './vault-admin.ts';

export interface LoginRole {
  readonly policies: readonly string[];
  /** Of the tokens it gives, as `20m`. */
  readonly ttl?: string;
  readonly maxTtl?: string;
}

export interface AppRole {
  readonly roleId: string;
  readonly secretId: string;
}

/** Makes the mount where there is none. */
export async function createAppRole(
  admin: VaultAdmin,
  mount: string,
  name: string,
  role: LoginRole,
): Promise<AppRole> {
  await enabled(admin, mount, 'approle');
  await admin.write(`auth/${mount}/role/${name}`, tokenOptions(role));
  const { role_id } = await admin.read<{ role_id: string }>(`auth/${mount}/role/${name}/role-id`);
  return { roleId: role_id, secretId: await newSecretId(admin, mount, name) };
}

export async function newSecretId(admin: VaultAdmin, mount: string, name: string): Promise<string> {
  return (await admin.write<{ secret_id: string }>(`auth/${mount}/role/${name}/secret-id`)).secret_id;
}

/** What has been logged in with it stays; the next login with it is refused. */
export async function destroySecretId(
  admin: VaultAdmin,
  mount: string,
  name: string,
  secretId: string,
): Promise<void> {
  await admin.write(`auth/${mount}/role/${name}/secret-id/destroy`, { secret_id: secretId });
}

export interface Kubernetes {
  /** `https://host:port` of the API server. */
  readonly host: string;
  readonly ca: string;
  /** A token that may ask for TokenReviews. */
  readonly reviewer: string;
}

export async function enableKubernetesLogin(
  admin: VaultAdmin,
  mount: string,
  kubernetes: Kubernetes,
): Promise<void> {
  await enabled(admin, mount, 'kubernetes');
  await admin.write(`auth/${mount}/config`, {
    kubernetes_host: kubernetes.host,
    kubernetes_ca_cert: kubernetes.ca,
    token_reviewer_jwt: kubernetes.reviewer,
    disable_local_ca_jwt: true,
  });
}

/** `audience` as the token must have it; without one any is taken. */
export async function createKubernetesRole(
  admin: VaultAdmin,
  mount: string,
  name: string,
  role: LoginRole & {
    readonly serviceAccount: string;
    readonly namespace: string;
    readonly audience?: string;
  },
): Promise<void> {
  await admin.write(`auth/${mount}/role/${name}`, {
    bound_service_account_names: [role.serviceAccount],
    bound_service_account_namespaces: [role.namespace],
    ...(role.audience === undefined ? {} : { audience: role.audience }),
    ...tokenOptions(role),
  });
}

/** Tokens signed by one of `publicKeys` (PEM) are looked at without asking anybody. */
export async function enableJwtLogin(
  admin: VaultAdmin,
  mount: string,
  publicKeys: readonly string[],
): Promise<void> {
  await enabled(admin, mount, 'jwt');
  await admin.write(`auth/${mount}/config`, { jwt_validation_pubkeys: publicKeys });
}

export async function createJwtRole(
  admin: VaultAdmin,
  mount: string,
  name: string,
  role: LoginRole & { readonly audience: string; readonly subject: string },
): Promise<void> {
  await admin.write(`auth/${mount}/role/${name}`, {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: [role.audience],
    bound_subject: role.subject,
    ...tokenOptions(role),
  });
}

async function enabled(
  admin: VaultAdmin,
  mount: string,
  type: 'approle' | 'kubernetes' | 'jwt',
): Promise<void> {
  const there = async () => `${mount}/` in (await admin.read<Record<string, unknown>>('sys/auth'));
  if (await there()) return;
  try {
    await admin.enableLogin(mount, type);
  } catch (error) {
    // Vault has no "make if absent", and lanes that start side by side ask at the same moment.
    if (!(error instanceof VaultError && error.code === 400 && (await there()))) throw error;
  }
}

function tokenOptions({ policies, ttl = '20m', maxTtl = '24h' }: LoginRole): Record<string, unknown> {
  return { token_policies: policies, token_ttl: ttl, token_max_ttl: maxTtl };
}
