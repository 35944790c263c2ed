/** What `migrate plan` makes of each start: how the root stays, what is made, applied, and left. */
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { planFiles } from '../../agent/cli/plan-files.ts';
import { renderMigration } from '../../agent/cli/render-migration.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { RootWay } from '../../agent/model/migration.ts';
import { install } from '../kit/argocd/install.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { optionA } from '../kit/argocd/projections.ts';
import { planFor, VAULT } from '../kit/migration/planned.ts';
import {
  beforeMtls,
  behindProxy,
  handWired,
  plainStaticSecret,
  STARTS,
  staticConfigMap,
  staticSecret,
  storedConfigMap,
  vaultAndExternalSecrets,
} from '../kit/migration/starts.ts';
import { makeCa, makeLeaf, USAGE } from '../kit/pki/index.ts';

const WAYS: Readonly<Record<keyof typeof STARTS, RootWay>> = {
  'a static Secret, in base64 twice': 'issuer',
  'a static Secret': 'issuer',
  'a static ConfigMap': 'trust-only',
  'cert-manager wired by hand, with Reloader': 'issuer',
  'Vault and External Secrets': 'trust-only',
  'Argo CD before 3.5': 'issuer',
  "a mesh's proxy": 'issuer',
};

describe.each(Object.entries(STARTS))('%s', (name, start) => {
  const known = start();
  const plan = planFor(known);

  test('keeps the root that is there', () => {
    expect(plan.root?.fingerprint).toBe(known.root.certificate.fingerprint);
    expect(plan.root?.kept).toBe(WAYS[name as keyof typeof STARTS]);
  });

  test('has a configuration that the agent takes', () => {
    const parsed = parseConfig(stringify(plan.config));
    expect(
      parsed.ok ? parsed.settings.instances.map(({ names }) => names.mtlsSecret) : parsed.problems,
    ).toEqual([plan.instance.mtlsSecret]);
  });

  test('fills no Secret that is there, and makes no object that is there', () => {
    const there = (known.secrets ?? []).map((secret) => `Secret ${secret.name}`);
    const ours = [
      `Secret ${plan.instance.mtlsSecret}`,
      ...(plan.instance.servingSecret === undefined ? [] : [`Secret ${plan.instance.servingSecret}`]),
      ...plan.objects.map(({ kind, name: object }) => `${kind} ${object}`),
    ];
    expect(ours.filter((each) => there.includes(each))).toEqual([]);
  });

  test('says of each step what it does to traffic, how it is taken back and what it waits for', () => {
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.slice(-3)).toEqual(['settle', 'prove', 'hand-over']);
    for (const step of plan.steps)
      expect([step.traffic, step.undo, step.waitsFor].filter((text) => text === '')).toEqual([]);
    for (const { step } of [...plan.objects, ...plan.patches]) expect(ids).toContain(step);
  });

  test('is data that a file can hold, with no private key in any file of it', () => {
    const files = [...planFiles(plan).values()].join('\n');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(files).not.toContain('PRIVATE KEY');
    for (const key of [known.client.keyPem, known.serving?.keyPem ?? '', keyOf(known.root)])
      expect(files).not.toContain(key.split('\n')[1] || 'nothing to find');
  });

  test('is shown in 100 columns, but for what is to be typed', () => {
    const wide = renderMigration(plan)
      .split('\n')
      .filter((line) => line.length > 100 && !line.includes('kubectl') && !line.includes('vault '));
    expect(wide).toEqual([]);
  });
});

const keyOf = ({ key }: { readonly key: { readonly privateKey: import('node:crypto').KeyObject } }): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe('the way', () => {
  test("an Issuer is made of the root's key, and the leafs have the right usages and every dialled name", () => {
    const plan = planFor({
      ...plainStaticSecret(),
      configMaps: [storedConfigMap('argocd-cmd-params-cm', { 'repo.server': 'repo.argocd.svc:8081' })],
    });
    expect(plan.objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'Secret argocd-mtls-root',
      'Issuer argocd-mtls-root',
      'Certificate argocd-mtls-client',
      'Certificate argocd-mtls-serving',
    ]);
    expect(plan.objects[0]?.copies.map(({ to, from }) => [to, from.name, from.key])).toEqual([
      ['tls.crt', 'corp-root', 'ca.pem'],
      ['tls.key', 'corp-root', 'ca-key.pem'],
      ['ca.crt', 'corp-root', 'ca.pem'],
    ]);
    expect(plan.objects[2]?.manifest).toMatchObject({
      spec: { usages: ['digital signature', 'client auth'] },
    });
    expect(plan.objects[3]?.manifest).toMatchObject({
      spec: {
        usages: ['digital signature', 'server auth'],
        dnsNames: ['repo.argocd.svc', 'argocd-repo-server'],
      },
    });
  });

  test('the issuer that is there goes on issuing, and no CA is copied', () => {
    const plan = planFor(handWired());
    expect(plan.objects.map(({ kind }) => kind)).toEqual(['Certificate', 'Certificate']);
    expect(plan.objects[0]?.manifest).toMatchObject({
      spec: { issuerRef: { kind: 'Issuer', name: 'corp-issuer' } },
    });
  });

  test('a CA below the root issues, with its chain, where the key of the root is kept elsewhere', () => {
    const root = makeCa({ name: 'Offline Root' });
    const between = makeCa({ name: 'Issuing CA', issuer: root });
    const leaf = makeLeaf(between, { usages: [USAGE.client] });
    const plan = planFor({
      secrets: [
        storedSecret('pki', { root: root.pem, ca: between.pem, key: keyOf(between) }),
        storedSecret('argocd-repo-server-mtls', {
          'client-ca.crt': root.pem,
          'client.crt': leaf.chainPem,
          'client.key': leaf.keyPem,
        }),
      ],
    });
    expect(plan.root?.issuing).toBe(between.certificate.fingerprint);
    expect(
      plan.objects[0]?.copies.map(({ to, part }) => [to, 'fingerprint' in part ? part.fingerprint : 'key']),
    ).toEqual([
      ['tls.crt', between.certificate.fingerprint],
      ['tls.crt', root.certificate.fingerprint],
      ['tls.key', 'key'],
      ['ca.crt', root.certificate.fingerprint],
    ]);
  });

  test('Vault, where it is named, gets the root through a pipe, and roles for clients and server', () => {
    const plan = planFor(staticSecret(), { vault: VAULT });
    expect(plan.root?.kept).toBe('vault');
    expect(plan.steps[0]?.id).toBe('import-root');
    expect(plan.instructions.join('\n')).toContain('| vault write pki/issuers/import/bundle pem_bundle=-');
    expect(plan.instructions.join('\n')).toContain('server_flag=false');
    expect(plan.config).toMatchObject({
      connections: { vault: { vault: { address: VAULT.address } } },
      instances: [{ clients: { default: { vaultPki: { role: 'argocd-client' } } } }],
    });
    const parsed = parseConfig(stringify(plan.config));
    expect(parsed.ok).toBe(true);
  });

  test('what Vault holds already is not imported', () => {
    const plan = planFor(vaultAndExternalSecrets(), { vault: VAULT });
    expect(plan.instructions.join('\n')).not.toContain('import/bundle');
    expect(plan.root?.kept).toBe('vault');
  });

  test('a pair that somebody renews is kept as the source that renews it', () => {
    expect(planFor(vaultAndExternalSecrets()).config).toMatchObject({
      instances: [{ clients: { default: { externalSecret: { name: 'repo-mtls' } } } }],
    });
    expect(planFor(handWired(), { keep: 'trust-only' }).config).toMatchObject({
      instances: [{ clients: { default: { certManager: { certificate: 'repo-client-tls' } } } }],
    });
    expect(planFor(staticConfigMap()).config).toMatchObject({
      instances: [{ clients: { default: { configMap: { name: 'repo-certs' } } } }],
    });
  });

  test('clients that show certificates of their own keep them, each its own', () => {
    const root = makeCa();
    const one = makeLeaf(root, { name: 'one' });
    const other = makeLeaf(root, { name: 'other' });
    const names = ['server-client', 'controller-client', 'appsetcontroller-client', 'notifications-client'];
    const data = Object.fromEntries(
      names.flatMap((name, index) => {
        const leaf = index === 0 ? one : other;
        return [
          [`${name}.crt`, leaf.chainPem],
          [`${name}.key`, leaf.keyPem],
        ];
      }),
    );
    const plan = planFor({
      workloads: install().map(optionA),
      secrets: [storedSecret('argocd-repo-server-mtls', { ...data, 'client-ca.crt': root.pem })],
    });
    expect(plan.config).toMatchObject({
      instances: [
        {
          layout: { type: 'keys' },
          clients: {
            default: { secret: { fields: { certificate: 'server-client.crt' } } },
            controller: { secret: { fields: { certificate: 'controller-client.crt' } } },
          },
        },
      ],
    });
    expect(parseConfig(stringify(plan.config)).ok).toBe(true);
  });

  test('a root that stands in another namespace is copied, without its key, where only it is trusted', () => {
    const root = makeCa();
    const leaf = makeLeaf(root);
    const plan = planFor(
      {
        secrets: [
          storedSecret('pair', { c: leaf.pem, k: leaf.keyPem }),
          storedSecret('root', { ca: root.pem }, { namespace: 'security' }),
        ],
      },
      { keep: 'trust-only' },
    );
    expect(
      plan.objects.map(({ name, copies }) => [name, copies.map(({ to, part }) => [to, part.kind])]),
    ).toEqual([['argocd-mtls-ca', [['ca.crt', 'certificate']]]]);
    expect(plan.config).toMatchObject({
      instances: [{ clients: { default: { secret: { ca: { secret: 'argocd-mtls-ca', key: 'ca.crt' } } } } }],
    });
  });
});

describe('the steps', () => {
  test('before 3.5 the Secret is prepared, without what repo-server trusts, then comes the upgrade', () => {
    const plan = planFor(beforeMtls());
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'make',
      'publish',
      'upgrade',
      'settle',
      'prove',
      'hand-over',
    ]);
    expect(plan.steps[1]?.does).toContain('what repo-server trusts and serves with comes after the upgrade');
    expect(plan.patches).toEqual([]);
  });

  test('where the workloads mount the new Secret already, nobody patches anything', () => {
    const plan = planFor(behindProxy());
    expect(plan.steps.map(({ id, by }) => [id, by])).toEqual([
      ['make', 'migrate'],
      ['publish', 'migrate'],
      ['settle', 'migrate'],
      ['prove', 'migrate'],
      ['hand-over', 'operator'],
    ]);
    expect(plan.removable.map(({ what }) => what)).toContain(
      'Injection of Linkerd into Deployment argocd/argocd-server',
    );
  });

  test('clients are moved before repo-server', () => {
    const ids = planFor(plainStaticSecret()).steps.map(({ id }) => id);
    expect(ids).toEqual(['make', 'publish', 'clients', 'repo-server', 'settle', 'prove', 'hand-over']);
  });
});

describe('what can go', () => {
  test("are the old Secrets with what makes them, and Reloader's annotations; never what holds the key of a CA", () => {
    const removable = planFor(handWired()).removable;
    expect(removable.map(({ what }) => what).slice(0, 2)).toEqual([
      'Secret argocd/repo-client-tls',
      'Secret argocd/argocd-repo-server-tls',
    ]);
    expect(removable[0]?.command).toBe(
      'kubectl -n argocd delete certificate repo-client-tls && kubectl -n argocd delete secret repo-client-tls',
    );
    expect(removable.filter(({ what }) => what.includes('reloader')).length).toBe(5);
    expect(removable.map(({ what }) => what)).not.toContain('Secret argocd/platform-ca');
  });

  test('is nothing that the agent goes on reading', () => {
    expect(planFor(vaultAndExternalSecrets()).removable).toEqual([]);
    expect(planFor(staticConfigMap()).removable).toEqual([]);
  });
});
