/** The ground that Vault's contract stands on: the harness's Vault is Vault, and what the harness does to it happens. */
import { createSign, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LoneVault, startVaultAlone } from '../harness/vault.ts';
import { VaultAdmin, VaultError } from '../harness/vault-admin.ts';
import {
  createAppRole,
  createJwtRole,
  destroySecretId,
  enableJwtLogin,
  newSecretId,
} from '../harness/vault-logins.ts';
import {
  addIntermediate,
  createVaultCa,
  createVaultRole,
  issuer,
  renewDefaultIssuer,
  replaceDefaultIssuer,
} from '../harness/vault-pki.ts';

interface Issued {
  readonly certificate: string;
  readonly private_key: string;
  readonly issuing_ca: string;
  readonly ca_chain: readonly string[];
}

let vault: LoneVault;
let admin: VaultAdmin;

beforeAll(async () => {
  vault = await startVaultAlone();
  admin = vault.admin;
}, 600_000);

afterAll(() => vault.stop());

const as = (token: string): VaultAdmin => new VaultAdmin({ ...admin.connection, token });
const issue = (mount: string): Promise<Issued> =>
  admin.write<Issued>(`${mount}/issue/client`, { common_name: 'argocd-client' });

test('PKI issues a leaf with its key under the default issuer of the mount', async () => {
  const root = await createVaultCa(admin, 'pki');
  await createVaultRole(admin, 'pki', 'client');
  const leaf = await issue('pki');
  const ca = new X509Certificate(root.certificate);
  expect(new X509Certificate(leaf.certificate).verify(ca.publicKey)).toBe(true);
  expect(leaf.private_key).toContain('PRIVATE KEY');
});

test('a renewed issuer keeps its key, a replaced one does not, and the next leaf is of the new default', async () => {
  await createVaultCa(admin, 'pki-rotated', { commonName: 'Rotated, O=Bank' });
  await createVaultRole(admin, 'pki-rotated', 'client');
  const first = await issuer(admin, 'pki-rotated');
  const renewed = await renewDefaultIssuer(admin, 'pki-rotated');
  const [old, same] = [first, renewed].map(({ certificate }) => new X509Certificate(certificate));
  expect(same?.publicKey.equals(old?.publicKey ?? same.publicKey)).toBe(true);
  expect(same?.fingerprint256).not.toBe(old?.fingerprint256);
  expect(same?.subject).toBe(old?.subject);
  expect(renewed.keyId).toBe(first.keyId);
  const replaced = await replaceDefaultIssuer(admin, 'pki-rotated');
  expect(replaced.keyId).not.toBe(first.keyId);
  const leaf = new X509Certificate((await issue('pki-rotated')).certificate);
  expect(leaf.verify(new X509Certificate(replaced.certificate).publicKey)).toBe(true);
  expect(
    (await admin.ask<{ data: { keys: string[] } }>('LIST', 'pki-rotated/issuers')).data.keys,
  ).toHaveLength(3);
});

test('an intermediate is signed by the root of another mount, and its leaf comes with the chain', async () => {
  const root = await createVaultCa(admin, 'pki-root');
  const intermediate = await addIntermediate(admin, 'pki-issuing', 'pki-root');
  await createVaultRole(admin, 'pki-issuing', 'client');
  const leaf = await issue('pki-issuing');
  expect(leaf.issuing_ca.trim()).toBe(intermediate.certificate);
  expect(leaf.ca_chain.map((pem) => pem.trim())).toContain(root.certificate);
});

test('KV counts versions, and a deleted one is gone', async () => {
  await admin.enableKv('kv');
  expect(await admin.writeKv('kv', 'argocd/client', { 'tls.crt': 'one' })).toBe(1);
  expect(await admin.writeKv('kv', 'argocd/client', { 'tls.crt': 'two' })).toBe(2);
  expect(await admin.readKv('kv', 'argocd/client')).toEqual({ version: 2, data: { 'tls.crt': 'two' } });
  await admin.deleteKv('kv', 'argocd/client');
  await expect(admin.readKv('kv', 'argocd/client')).rejects.toMatchObject({ code: 404 });
});

test('an AppRole logs in, may what its policy says and nothing else, and a destroyed secret id is refused', async () => {
  await admin.policy('issue-client', { 'pki/issue/client': ['update'] });
  const { roleId, secretId } = await createAppRole(admin, 'approle', 'rotator', {
    policies: ['issue-client'],
  });
  const login = (id: string) =>
    as('').ask<{ auth: { client_token: string } }>('POST', 'auth/approle/login', {
      role_id: roleId,
      secret_id: id,
    });
  const { auth } = await login(secretId);
  const rotator = as(auth.client_token);
  expect(await rotator.write('pki/issue/client', { common_name: 'x' })).toHaveProperty('certificate');
  await expect(rotator.read('kv/metadata/argocd/client')).rejects.toMatchObject({ code: 403 });
  const other = await newSecretId(admin, 'approle', 'rotator');
  await destroySecretId(admin, 'approle', 'rotator', other);
  await expect(login(other)).rejects.toBeInstanceOf(VaultError);
});

test('a JWT of a known key and the right audience logs in, another audience does not', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await enableJwtLogin(admin, 'jwt', [publicKey.export({ type: 'spki', format: 'pem' }).toString()]);
  const subject = 'system:serviceaccount:argocd:rotator';
  await createJwtRole(admin, 'jwt', 'rotator', { policies: ['issue-client'], audience: 'vault', subject });
  const jwtFor = (aud: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: subject, aud, iat: now, exp: now + 600 })}`;
    return `${text}.${createSign('sha256').update(text).sign(privateKey).toString('base64url')}`;
  };
  const login = (aud: string) =>
    as('').ask<{ auth: { client_token: string } }>('POST', 'auth/jwt/login', {
      role: 'rotator',
      jwt: jwtFor(aud),
    });
  const { auth } = await login('vault');
  expect(await as(auth.client_token).write('pki/issue/client', { common_name: 'x' })).toHaveProperty(
    'certificate',
  );
  await expect(login('somebody-else')).rejects.toMatchObject({ code: 400 });
});

test('a token is worth nothing once it is revoked', async () => {
  const token = await admin.createToken(['issue-client']);
  await as(token).read('auth/token/lookup-self');
  await admin.revokeToken(token);
  await expect(as(token).read('auth/token/lookup-self')).rejects.toMatchObject({ code: 403 });
});

test('a sealed Vault refuses with 503, and answers again once it is unsealed', async () => {
  await admin.seal();
  expect(await admin.isSealed()).toBe(true);
  await expect(issue('pki')).rejects.toMatchObject({ code: 503, errors: ['Vault is sealed'] });
  await admin.unseal();
  expect(await issue('pki')).toHaveProperty('certificate');
});
