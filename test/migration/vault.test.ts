/**
 * A root that was imported into Vault, which issues from then on: the new Secrets are filled with what Vault signed before anybody is asked to move.
 */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { MigrationPlan } from '../../agent/model/migration.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { createVaultCa, createVaultRole } from '../cluster/harness/vault-pki.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { Migrating } from '../kit/migration/migrating.ts';
import { issuerPlan, movedTo, NEW } from '../kit/migration/plans.ts';
import { plainStaticSecret } from '../kit/migration/starts.ts';
import { VaultBench } from '../kit/vault/bench.ts';
import { VaultStandIn } from '../kit/vault/stand-in/server.ts';

const LIMIT = 120_000;

let vault: VaultStandIn;
let bench: VaultBench;
let migrating: Migrating;

beforeAll(async () => {
  vault = await VaultStandIn.start();
});
afterEach(async () => {
  bench.close();
  await migrating.close();
});
afterAll(() => vault.stop());

let mounts = 0;

/** mTLS was off; the workloads are moved to new Secrets all the same, so that what is filled beside can be seen. */
const begun = async (): Promise<MigrationPlan> => {
  mounts += 1;
  const mount = `pki-${mounts}`;
  bench = new VaultBench(vault);
  const { certificate } = await createVaultCa(vault.admin, mount);
  await createVaultRole(vault.admin, mount, 'argocd-client');
  await createVaultRole(vault.admin, mount, 'argocd-serving');
  const token = bench.withToken(await vault.admin.createToken(['root']));
  const [root] = parseCertificates(certificate);
  if (root === undefined || token.method !== 'tokenFile') throw new Error('the bench has both');
  const known = plainStaticSecret();
  const secret = storedSecret('corp-root', { 'ca.crt': certificate });
  const { workloads: _, ...start } = {
    ...known,
    secrets: [secret],
    root: { ...known.root, certificate: root },
  };
  migrating = await Migrating.begin(start, [NEW.mtls, NEW.serving], {
    clock: bench.clock,
    connections: bench.connections,
  });
  const from = { namespace: 'argocd', name: 'corp-root' };
  const plan = issuerPlan(start, from, { certificate: 'ca.crt', key: 'ca.key' }, 'moves');
  const pki = (role: string) => ({ vaultPki: { connection: 'bank', mount, role, ttl: '240h' } });
  return {
    ...plan,
    root: plan.root && { ...plan.root, kept: 'vault', keyFrom: undefined },
    objects: [],
    instructions: ['vault write pki/issuers/import/bundle pem_bundle=-'],
    steps: [
      ...plan.steps.slice(0, 1).map((step) => ({ ...step, id: 'import-root' as const })),
      ...plan.steps.slice(1),
    ],
    config: {
      apiVersion: 'mtls-rotator/v1alpha1',
      kind: 'RotatorConfig',
      connections: {
        bank: {
          vault: { address: vault.address, caFile: vault.caFile, auth: { tokenFile: { path: token.path } } },
        },
      },
      instances: [
        {
          name: 'test',
          namespace: 'argocd',
          mode: 'manage',
          names: { mtlsSecret: NEW.mtls, servingSecret: NEW.serving },
          clients: { default: pki('argocd-client') },
          serving: {
            vaultPki: {
              connection: 'bank',
              mount,
              role: 'argocd-serving',
              ttl: '240h',
              commonName: 'argocd-repo-server',
            },
          },
        },
      ],
    },
  };
};

test(
  'Vault is asked before anybody moves, mTLS is switched on after everybody has, and no call fails',
  async () => {
    const plan = await begun();
    migrating.patching(movedTo);
    expect(await migrating.run(plan, { until: 'publish' })).toEqual({ end: 'reached', step: 'publish' });
    const filled = Object.keys(migrating.installation.secret(NEW.mtls) ?? {});
    // What repo-server trusts comes when every client has its pair.
    expect(filled.filter((key) => key.startsWith('client'))).toEqual(['client.crt', 'client.key']);
    expect(await migrating.run(plan)).toEqual({ end: 'done' });
    expect(migrating.told.some((telling) => telling.type === 'instructions')).toBe(true);
    expect(migrating.installation.secret(NEW.mtls)?.['client-ca.crt']).toBeDefined();
    expect(migrating.installation.traffic.failed).toEqual([]);
    expect(migrating.installation.api.violations).toEqual([]);
  },
  LIMIT,
);
