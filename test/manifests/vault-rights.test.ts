/** With certificates from Vault, the shipped engine works under the shipped Role: nothing is forbidden, nothing on its pending Secrets goes unused. */
import { expect, test } from '@jest/globals';
import { createVaultCa, createVaultRole } from '../cluster/harness/vault-pki.ts';
import { Installation, testSettings } from '../kit/installation/index.ts';
import { VaultBench } from '../kit/vault/bench.ts';
import { VaultStandIn } from '../kit/vault/stand-in/server.ts';
import { renderOf } from './render.ts';

test('mode manage: a pair is kept, published and erased under the Role', async () => {
  const vault = await VaultStandIn.start();
  const bench = new VaultBench(vault);
  await createVaultCa(vault.admin, 'pki');
  await createVaultRole(vault.admin, 'pki', 'client');
  const auth = bench.withToken(await vault.admin.createToken(['root']));
  const rules = renderOf({
    namespace: 'argocd',
    resources: ['instance/manage'],
    components: ['vault-pki', 'vault-pki-publish', 'serving-publish', 'verification'].map(
      (name) => `components/${name}`,
    ),
  })
    .flatMap((one) => (one.kind === 'Role' ? (one.rules ?? []) : []))
    .map((rule) => ({ ...rule, namespaces: ['argocd'] }));
  const spec = bench.pkiSpec(auth, { ttl: 10 * 86_400_000 });
  const installation = await Installation.start({
    rules,
    clock: bench.clock,
    connections: bench.connections,
    settings: {
      names: {
        ...testSettings().names,
        journalConfigMap: 'argocd-mtls-rotator-argocd',
        ordersConfigMap: 'argocd-mtls-rotator-argocd-orders',
      },
      clients: { default: spec, byComponent: {} },
      serving: spec,
      verification: 'on',
    },
  });
  const steps = await installation.agent().run();
  const { api } = installation;
  const used = new Set([
    ...api.calls.map((call) => call.replace('argocd/', '')),
    ...api.writes.flatMap(({ status, resource, name }) =>
      status === 201 ? [`create ${resource} ${name}`] : [],
    ),
  ]);
  await installation.close();
  bench.close();
  await vault.stop();
  expect(steps.length).toBeGreaterThan(5);
  expect(api.violations).toEqual([]);
  expect(api.writes.filter(({ status }) => status === 403)).toEqual([]);
  for (const role of ['default', 'serving'])
    for (const verb of ['get', 'create', 'patch', 'delete'])
      expect([...used]).toContain(`${verb} secrets argocd-mtls-rotator-pending-${role}`);
}, 60_000);
