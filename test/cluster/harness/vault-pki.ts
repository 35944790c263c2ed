/** CAs and roles in Vault's PKI engine, and what happens to them in real life: several issuers in a mount, another default. */
import { X509Certificate } from 'node:crypto';
import type { VaultAdmin } from './vault-admin.ts';

export interface VaultIssuer {
  readonly id: string;
  /** Empty where it has none. */
  readonly name: string;
  /** Vault's id of the issuer's key: the same for a renewed CA. */
  readonly keyId: string;
  /** PEM. */
  readonly certificate: string;
}

export interface VaultCaOptions {
  readonly commonName?: string;
  /** As `8760h`. */
  readonly ttl?: string;
  /** Name of the issuer in its mount. */
  readonly name?: string;
  readonly key?: { readonly type: 'ec' | 'rsa' | 'ed25519'; readonly bits?: number };
}

/** Options of `pki/roles/:name`, under Vault's own names. */
export interface VaultRole {
  readonly key_type?: 'ec' | 'rsa' | 'ed25519' | 'any';
  readonly key_bits?: number;
  readonly ttl?: string;
  readonly max_ttl?: string;
  readonly client_flag?: boolean;
  readonly server_flag?: boolean;
  readonly allow_any_name?: boolean;
  readonly allowed_domains?: readonly string[];
  readonly allow_subdomains?: boolean;
  readonly allow_bare_domains?: boolean;
  readonly enforce_hostnames?: boolean;
  readonly issuer_ref?: string;
  readonly no_store?: boolean;
}

/** A mount with a self-signed root as its default issuer. */
export async function createVaultCa(
  admin: VaultAdmin,
  mount: string,
  options: VaultCaOptions = {},
): Promise<VaultIssuer> {
  await admin.enableEngine(mount, 'pki');
  return addRoot(admin, mount, options);
}

/** One more self-signed root in the mount, with a key of its own. The first becomes the default, later ones do not. */
export async function addRoot(
  admin: VaultAdmin,
  mount: string,
  options: VaultCaOptions = {},
): Promise<VaultIssuer> {
  const { commonName = `${mount} root`, ttl = '87600h', name } = options;
  const { issuer_id } = await admin.write<{ issuer_id: string }>(`${mount}/root/generate/internal`, {
    common_name: commonName,
    ttl,
    ...keyOf(options),
    ...(name === undefined ? {} : { issuer_name: name }),
  });
  return issuer(admin, mount, issuer_id);
}

/** One more intermediate in the mount (made where there is none), signed by the default issuer of the mount `root`. */
export async function addIntermediate(
  admin: VaultAdmin,
  mount: string,
  root: string,
  options: VaultCaOptions = {},
): Promise<VaultIssuer> {
  const { commonName = `${mount} intermediate`, ttl = '43800h', name } = options;
  const mounts = await admin.read<Record<string, unknown>>('sys/mounts');
  if (!(`${mount}/` in mounts)) await admin.enableEngine(mount, 'pki');
  const { csr } = await admin.write<{ csr: string }>(`${mount}/intermediate/generate/internal`, {
    common_name: commonName,
    ...keyOf(options),
  });
  const signed = await admin.write<{ certificate: string; issuing_ca: string }>(
    `${root}/root/sign-intermediate`,
    { csr, common_name: commonName, ttl },
  );
  const { mapping } = await admin.write<{ mapping: Record<string, string> }>(
    `${mount}/intermediate/set-signed`,
    { certificate: `${signed.certificate}\n${signed.issuing_ca}` },
  );
  // Of what was imported, the one that Vault has the key of: the root above it has none here.
  const id = Object.entries(mapping).find(([, key]) => key !== '')?.[0];
  if (id === undefined) throw new Error(`Vault has no key for what was signed for ${mount}`);
  if (name !== undefined) await admin.write(`${mount}/issuer/${id}`, { issuer_name: name });
  return issuer(admin, mount, id);
}

/** By id, by name, or `default`. */
export async function issuer(admin: VaultAdmin, mount: string, ref = 'default'): Promise<VaultIssuer> {
  const found = await admin.read<{
    issuer_id: string;
    issuer_name: string;
    key_id: string;
    certificate: string;
  }>(`${mount}/issuer/${ref}`);
  return {
    id: found.issuer_id,
    name: found.issuer_name,
    keyId: found.key_id,
    certificate: found.certificate.trim(),
  };
}

/** What was issued stays valid; what is issued through `default` comes from this one now. */
export async function setDefaultIssuer(admin: VaultAdmin, mount: string, ref: string): Promise<void> {
  await admin.write(`${mount}/config/issuers`, { default: ref });
}

/** Another root with another key takes over as the mount's default; the old issuer stays in the mount. */
export async function replaceDefaultIssuer(
  admin: VaultAdmin,
  mount: string,
  options: VaultCaOptions = {},
): Promise<VaultIssuer> {
  const added = await addRoot(admin, mount, options);
  await setDefaultIssuer(admin, mount, added.id);
  return added;
}

/** A new certificate for the default issuer's own key and name: what the old one has issued verifies under it too. */
export async function renewDefaultIssuer(admin: VaultAdmin, mount: string): Promise<VaultIssuer> {
  const before = await issuer(admin, mount);
  const { subject } = new X509Certificate(before.certificate).toLegacyObject();
  const { issuer_id } = await admin.write<{ issuer_id: string }>(`${mount}/root/generate/existing`, {
    common_name: subject.CN,
    key_ref: before.keyId,
    ttl: '87600h',
  });
  await setDefaultIssuer(admin, mount, issuer_id);
  return issuer(admin, mount);
}

/** Without options: leafs for clients and servers with any name, EC P-256, for an hour unless more is asked for. */
export async function createVaultRole(
  admin: VaultAdmin,
  mount: string,
  name: string,
  options: VaultRole = {},
): Promise<void> {
  await admin.write(`${mount}/roles/${name}`, {
    key_type: 'ec',
    key_bits: 256,
    allow_any_name: true,
    enforce_hostnames: false,
    client_flag: true,
    server_flag: true,
    ttl: '1h',
    max_ttl: '8760h',
    ...options,
  });
}

function keyOf({ key = { type: 'ec', bits: 256 } }: VaultCaOptions): Record<string, unknown> {
  return { key_type: key.type, ...(key.bits === undefined ? {} : { key_bits: key.bits }) };
}
