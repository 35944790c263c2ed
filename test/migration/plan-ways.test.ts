/** How `migrate plan` keeps the root, who issues, and what becomes of repo-server's certificate. */
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../agent/config/parse.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { install } from '../kit/argocd/install.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { optionA } from '../kit/argocd/projections.ts';
import { planFor, VAULT } from '../kit/migration/planned.ts';
import {
  handWired,
  plainStaticSecret,
  staticConfigMap,
  staticSecret,
  storedConfigMap,
  vaultAndExternalSecrets,
} from '../kit/migration/starts.ts';
import { makeCa, makeLeaf, USAGE } from '../kit/pki/index.ts';

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

describe('repo-server as clients verify it', () => {
  const params = storedConfigMap('argocd-cmd-params-cm', {
    'server.repo.server.ca.cert.path': '/app/config/reposerver/mtls/server-ca.crt',
  });
  const served = (serverCa: string, identity: ReturnType<typeof makeLeaf>) => {
    const start = vaultAndExternalSecrets();
    return {
      ...start,
      configMaps: [params],
      secrets: [
        ...(start.secrets ?? []).map((secret) => ({
          ...secret,
          data: new Map([...secret.data, ['server-ca.crt', SecretBytes.of(serverCa)] as const]),
        })),
        storedSecret('argocd-repo-server-tls', { 'tls.crt': identity.chainPem, 'tls.key': identity.keyPem }),
      ],
    };
  };

  test('keeps its certificate, with the CA that they verify it by, where nothing new can be issued', () => {
    const ca = makeCa({ name: 'Serving CA' });
    const plan = planFor(served(ca.pem, makeLeaf(ca, { dns: ['argocd-repo-server'] })));
    expect(plan.config).toMatchObject({
      instances: [
        {
          names: { servingSecret: 'argocd-repo-server-tls-rotator' },
          serving: {
            secret: {
              name: 'argocd-repo-server-tls',
              fields: { certificate: 'tls.crt', key: 'tls.key' },
              ca: { secret: 'argocd-repo-server-mtls', key: 'server-ca.crt' },
            },
          },
        },
      ],
    });
    expect(parseConfig(stringify(plan.config)).ok).toBe(true);
    expect(plan.patches.find(({ component }) => component === 'server')?.patch).toContain('server-ca.crt');
    expect(plan.removable).toEqual([]);
  });

  test('gets a new certificate where they verify it by the root that stays', () => {
    const start = plainStaticSecret();
    const plan = planFor({ ...start, configMaps: [params] });
    expect(plan.objects.map(({ name }) => name)).toContain('argocd-mtls-serving');
    expect(planFor({ ...start, configMaps: [params] }, { serving: 'keep' }).config).toMatchObject({
      instances: [{ serving: { secret: { name: 'argocd-repo-server-tls' } } }],
    });
  });
});
