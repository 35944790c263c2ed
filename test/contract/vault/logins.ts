import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { VaultAuth } from '../../../agent/model/vault-spec.ts';
import {
  createAppRole,
  createJwtRole,
  createKubernetesRole,
  destroySecretId,
  enableJwtLogin,
  enableKubernetesLogin,
  newSecretId,
} from '../../cluster/harness/vault-logins.ts';
import { VaultBench, wanting } from '../../kit/vault/bench.ts';
import { TokenReviews } from '../../kit/vault/token-reviews.ts';
import { KV_POLICY, type WorldOf } from './world.ts';

const SECOND = 1_000;
const PATH = 'argocd/logins';

export const loginSentences = (worldOf: WorldOf): void => {
  let bench: VaultBench;
  let reviews: TokenReviews;
  let roles = 0;

  beforeAll(async () => {
    reviews = await TokenReviews.start();
    const { admin } = worldOf();
    await admin.enableKv('kv-logins');
    await admin.policy('kv-logins', KV_POLICY('kv-logins', PATH));
    await admin.writeKv('kv-logins', PATH, { certificate: 'x', key: 'y' });
  });
  afterEach(() => bench.close());
  afterAll(() => reviews.close());

  const open = () => {
    bench = new VaultBench(worldOf());
    roles += 1;
    return { admin: worldOf().admin, name: `rotator-${roles}` };
  };
  /** Whether Vault lets a source of that login see the secret, now. */
  const sees = async (source: ReturnType<VaultBench['kv']>) => {
    bench.clock.advance(30 * SECOND);
    const reading = await source.read(wanting());
    return reading.state === 'ready' ? 'ready' : 'why' in reading ? reading.why : reading.refusal.what;
  };
  const kv = (auth: VaultAuth) => bench.kv(auth, { mount: 'kv-logins', path: PATH });

  test('AppRole, with the RoleID in the configuration or in a file', async () => {
    const { admin, name } = open();
    const { roleId, secretId } = await createAppRole(admin, 'approle', name, { policies: ['kv-logins'] });
    const secretIdFile = bench.file('secret-id', secretId);
    const base = { method: 'appRole', mount: 'approle', secretIdFile } as const;
    expect(await sees(kv({ ...base, roleId: { value: roleId } }))).toBe('ready');
    expect(await sees(kv({ ...base, roleId: { file: bench.file('role-id', roleId) } }))).toBe('ready');
  });

  test('a SecretID that is refused is named; the new one in the same file is used at once', async () => {
    const { admin, name } = open();
    const role = await createAppRole(admin, 'approle', name, { policies: ['kv-logins'] });
    await destroySecretId(admin, 'approle', name, role.secretId);
    const secretIdFile = bench.file('secret-id', role.secretId);
    const source = kv({ method: 'appRole', mount: 'approle', roleId: { value: role.roleId }, secretIdFile });
    expect(await sees(source)).toMatch(/refuses the login auth\/approle\/login \(appRole\)/);
    bench.file('secret-id', await newSecretId(admin, 'approle', name));
    expect(await source.read(wanting())).toMatchObject({ state: 'ready' });
  });

  test('a JWT that Vault verifies by itself', async () => {
    const { admin, name } = open();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await enableJwtLogin(admin, `jwt-${name}`, [
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    ]);
    await createJwtRole(admin, `jwt-${name}`, name, {
      policies: ['kv-logins'],
      subject: 'system:serviceaccount:argocd-mtls-rotator:argocd-mtls-rotator',
      audience: 'vault',
    });
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const seconds = Math.floor(bench.clock.now() / 1000);
    const claims = {
      sub: 'system:serviceaccount:argocd-mtls-rotator:argocd-mtls-rotator',
      aud: 'vault',
      iat: seconds - 60,
      exp: seconds + 600,
    };
    const body = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}`;
    const signature = createSign('sha256').update(body).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
    const tokenFile = bench.file('jwt', `${body}.${signature.toString('base64url')}`);
    const auth = { method: 'jwt', mount: `jwt-${name}`, role: name } as const;
    expect(await sees(kv({ ...auth, tokenFile }))).toBe('ready');
    const forged = bench.file('forged', `${body}.${Buffer.alloc(64).toString('base64url')}`);
    expect(
      await sees(
        bench.kv(bench.connection({ ...auth, tokenFile: forged }, { name: 'forged' }), {
          mount: 'kv-logins',
          path: PATH,
        }),
      ),
    ).toMatch(/refuses the login/);
  });

  test('the ServiceAccount’s own token, which Vault has reviewed by the API server; a renewed one in its file is used at the next login', async () => {
    const { admin, name } = open();
    const [mount, namespace, serviceAccount] = [`k8s-${name}`, 'argocd-mtls-rotator', 'rotator'];
    await enableKubernetesLogin(admin, mount, reviews);
    const role = { policies: ['kv-logins'], namespace, serviceAccount };
    await createKubernetesRole(admin, mount, name, role);
    const token = reviews.tokenOf(namespace, serviceAccount, bench.clock.now());
    const auth = {
      method: 'kubernetes',
      mount,
      role: name,
      tokenFile: bench.file('service-account', token),
    } as const;
    const source = kv(auth);
    expect(await sees(source)).toBe('ready');
    const stranger = bench.file('stranger', reviews.tokenOf('default', 'stranger', bench.clock.now()));
    const other = bench.connection({ ...auth, tokenFile: stranger }, { name: 'stranger' });
    expect(await sees(bench.kv(other, { mount: 'kv-logins', path: PATH }))).toMatch(
      new RegExp(`refuses the login auth/${mount}/login \\(kubernetes\\)`),
    );
    reviews.forget(token);
    bench.file('service-account', reviews.tokenOf(namespace, serviceAccount, bench.clock.now()));
    await revokeAll(admin, mount);
    expect(await sees(source)).toBe('ready');
  });

  test('a token in a file is read anew, so that a new one is used as soon as it is there', async () => {
    const { admin } = open();
    const first = await admin.createToken(['kv-logins']);
    const source = kv(bench.withToken(first));
    expect(await sees(source)).toBe('ready');
    await admin.revokeToken(first);
    expect(await sees(source)).toMatch(/permits no read on kv-logins\/metadata/);
    bench.file('token', await admin.createToken(['kv-logins']));
    expect(await sees(source)).toBe('ready');
  });

  test('a token that was revoked is replaced by another login, and no reading fails', async () => {
    const { admin, name } = open();
    const role = await createAppRole(admin, 'approle', name, { policies: ['kv-logins'] });
    const secretIdFile = bench.file('secret-id', role.secretId);
    const source = kv({ method: 'appRole', mount: 'approle', roleId: { value: role.roleId }, secretIdFile });
    expect(await sees(source)).toBe('ready');
    await revokeAll(admin, 'approle');
    expect(await sees(source)).toBe('ready');
  });

  test('a token is renewed before it ends, and a login follows where it can not be', async () => {
    const { admin, name } = open();
    const role = await createAppRole(admin, 'approle', name, {
      policies: ['kv-logins'],
      ttl: '60s',
      maxTtl: '120s',
    });
    const secretIdFile = bench.file('secret-id', role.secretId);
    const source = kv({ method: 'appRole', mount: 'approle', roleId: { value: role.roleId }, secretIdFile });
    for (let look = 0; look < 12; look += 1) expect(await sees(source)).toBe('ready');
  });

  test('a file that is missing or empty is named', async () => {
    open();
    expect(await sees(kv({ method: 'tokenFile', path: '/nowhere/token' }))).toMatch(
      /\/nowhere\/token.*ENOENT/,
    );
    expect(await sees(kv(bench.withToken('')))).toMatch(/is empty/);
    expect(await sees(kv(bench.withToken('hvs.one\nhvs.two')))).toMatch(/more than one word/);
  });

  test('a sealed Vault is unreachable, is left alone for a while, and serves again once it is unsealed', async () => {
    const { admin } = open();
    const token = await admin.createToken(['kv-logins']);
    const source = kv(bench.withToken(token));
    expect(await sees(source)).toBe('ready');
    await admin.seal();
    expect(await sees(source)).toMatch(/sealed/);
    await admin.unseal();
    expect(await source.read(wanting())).toMatchObject({ state: 'unreachable' });
    await settled(async () => (await sees(source)) === 'ready');
  });
};

/** Everything that was logged in there. */
const revokeAll = (admin: { ask(method: string, path: string): Promise<unknown> }, mount: string) =>
  admin.ask('PUT', `sys/leases/revoke-prefix/auth/${mount}`);

/** An unsealed core takes a moment until it is active. */
const settled = async (isSo: () => Promise<boolean>): Promise<void> => {
  for (let look = 0; look < 200; look += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it never became so');
};
