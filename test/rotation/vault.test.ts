/**
 * Vault PKI through whole rotations: the agent has its key signed, publishes what came, renews it in time, and follows a new issuer.
 */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createVaultCa, createVaultRole, replaceDefaultIssuer } from '../cluster/harness/vault-pki.ts';
import { Installation } from '../kit/installation/index.ts';
import { VaultBench } from '../kit/vault/bench.ts';
import { VaultStandIn } from '../kit/vault/stand-in/server.ts';
import { endedRotations, expectFinished } from './finished.ts';

const LIMIT = 180_000;
const DAY = 86_400_000;
const MTLS = 'argocd-repo-server-mtls';
const PENDING = 'argocd-mtls-rotator-pending-default';
const SERVING_PENDING = 'argocd-mtls-rotator-pending-serving';

let vault: VaultStandIn;
let bench: VaultBench;
let installation: Installation;

beforeAll(async () => {
  vault = await VaultStandIn.start();
});
afterEach(async () => {
  vault.interrupt = () => 'go on';
  bench.close();
  await installation.close();
});
afterAll(() => vault.stop());

let mounts = 0;

/** An instance whose client certificate, and with `serving` repo-server's, comes from a mount of its own. */
const start = async (what: 'clients' | 'clients and server') => {
  mounts += 1;
  const mount = `pki-${mounts}`;
  bench = new VaultBench(vault);
  await createVaultCa(vault.admin, mount);
  await createVaultRole(vault.admin, mount, 'client');
  await createVaultRole(vault.admin, mount, 'server');
  const auth = bench.withToken(await vault.admin.createToken(['root']));
  const spec = (role: string) => bench.pkiSpec(auth, { mount, role, ttl: 10 * DAY });
  installation = await Installation.start({
    clock: bench.clock,
    connections: bench.connections,
    settings: {
      clients: { default: spec('client'), byComponent: {} },
      ...(what === 'clients' ? {} : { serving: spec('server'), verification: 'on' as const }),
    },
  });
  await installation.agent().run();
  return { mount, spec: spec('client') };
};

const certificates = (): readonly (string | undefined)[] => [
  installation.secret(MTLS)?.['client.crt'],
  installation.secret(MTLS)?.['client-ca.crt'],
];

test(
  'enabling has a key signed that is in no place but the target in the end',
  async () => {
    await start('clients');
    expect(endedRotations(installation).map(({ rotation }) => rotation.changeClass)).toEqual(['enable']);
    expect(installation.secret(PENDING)).toBeUndefined();
    await expectFinished(installation);
  },
  LIMIT,
);

test(
  'a leaf past its fraction of life is renewed: a new key, the same CA, nothing restarted',
  async () => {
    const { spec } = await start('clients');
    const [leaf, ca] = certificates();
    const before = installation.api.writes.length;
    // TLS lives by the real clock, so a leaf can't be made to age: what counts as old is brought to it instead.
    const renewing = { clients: { default: { ...spec, renewAt: 0.0001 }, byComponent: {} } };
    await installation
      .agent(renewing)
      .run({ until: (told) => told.some(({ type }) => type === 'rotation-ended') });
    expect(certificates()[0]).not.toBe(leaf);
    expect(certificates()[1]).toBe(ca);
    expect(installation.restarts(before)).toEqual({});
    expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe('leaf');
    await expectFinished(installation);
  },
  LIMIT,
);

test(
  'another default issuer is a CA replaced: both trusted, then a leaf under the new one, repo-server twice and no client',
  async () => {
    const { mount } = await start('clients');
    const before = installation.api.writes.length;
    await replaceDefaultIssuer(vault.admin, mount);
    await installation.pass(2 * 60_000);
    await installation.agent().run();
    expect(installation.restarts(before)).toEqual({ 'repo-server': 2 });
    expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe('client-ca');
    expect(installation.secret(PENDING)).toBeUndefined();
    await expectFinished(installation);
  },
  LIMIT,
);

test(
  'client and serving certificate of one mount: another default issuer replaces both CAs in one go',
  async () => {
    const { mount } = await start('clients and server');
    await expectFinished(installation);
    const before = installation.api.writes.length;
    await replaceDefaultIssuer(vault.admin, mount);
    await installation.pass(2 * 60_000);
    await installation.agent().run();
    expect(installation.restarts(before)).toEqual({
      'repo-server': 2,
      server: 2,
      'application-controller': 2,
      'applicationset-controller': 2,
      'notifications-controller': 2,
    });
    expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe('both');
    expect(installation.secret(SERVING_PENDING)).toBeUndefined();
    await expectFinished(installation);
  },
  LIMIT,
);

test(
  'a dead Vault leaves everything as it is, and nobody is called bad names for it',
  async () => {
    await start('clients');
    const before = certificates();
    vault.interrupt = (_, response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"errors":["Vault is sealed"]}');
      return 'handled';
    };
    await installation.pass(8 * DAY);
    expect(await installation.agent().run()).toEqual(['held source-unreachable']);
    expect(certificates()).toEqual(before);
    expect(installation.traffic.failed).toEqual([]);
  },
  LIMIT,
);
