/** The Roles grant what the agent uses: never more, never less. */
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { flatten, rightsOf } from '../../agent/config/rights.ts';
import { RESOURCES } from '../../agent/kube/resources.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import { type Manifest, type Rule, renderOf } from './render.ts';

const CONNECTIONS =
  'connections: { v: { vault: { address: https://v, auth: { tokenFile: { path: /t } } } } }';

const settings = (options: string): InstanceSettings => {
  const parsed = parseConfig(
    `{ apiVersion: mtls-rotator/v1alpha1, kind: RotatorConfig, ${CONNECTIONS}, instances: [{ name: argocd, namespace: argocd, ${options} }] }`,
  );
  const instance = parsed.ok ? parsed.settings.instances[0] : undefined;
  if (instance === undefined) throw new Error(JSON.stringify(parsed));
  return instance;
};

const rulesOf = (manifests: readonly Manifest[]): readonly Rule[] =>
  manifests.filter((one) => one.kind === 'Role').flatMap((one) => one.rules ?? []);

const granted = (manifests: readonly Manifest[]): readonly string[] =>
  [
    ...new Set(
      rulesOf(manifests).flatMap((rule) =>
        rule.apiGroups.flatMap((group) =>
          rule.resources.flatMap((resource) =>
            flatten([{ group, resource, names: rule.resourceNames ?? 'any', verbs: rule.verbs as never }]),
          ),
        ),
      ),
    ),
  ].toSorted();

const CLIENT = 'clients: { default: { certManager: { certificate: repo-client } } }';
const SERVING = 'serving: { certManager: { certificate: repo-serving } }';
const WITH_CA = (reissue: string) =>
  `clients: { default: { certManager: { certificate: repo-client, issuerCa: { secret: repo-client-ca }, reissue: ${reissue} } } }`;

const WITH = (kind: string, options: string) =>
  `clients: { default: { ${kind}: { name: repo-client${options === '' ? '' : `, ${options}`} } } }`;
const PKI = (role: string) => `{ vaultPki: { connection: v, role: ${role} } }`;
const VAULT = `clients: { default: ${PKI('client')} }, serving: ${PKI('serving')}`;
const KV = 'clients: { default: { vaultKv: { connection: v, path: client } } }';

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [`mode: observe, ${CLIENT}`, 'observe', ['cert-manager']],
  [`mode: observe, ${CLIENT}, ${SERVING}`, 'observe', ['cert-manager', 'serving']],
  [`mode: publish, ${CLIENT}`, 'publish', ['cert-manager']],
  [`mode: publish, ${CLIENT}, ${SERVING}`, 'publish', ['cert-manager', 'serving', 'serving-publish']],
  [`mode: manage, ${CLIENT}`, 'manage', ['cert-manager']],
  [`mode: manage, ${CLIENT}, ${SERVING}`, 'manage', ['cert-manager', 'serving', 'serving-publish']],
  [
    `mode: manage, ${CLIENT}, ${SERVING}, verification: on`,
    'manage',
    ['cert-manager', 'serving', 'serving-publish', 'verification'],
  ],
  [`mode: manage, ${CLIENT}, evictions: allowed`, 'manage', ['cert-manager', 'evictions']],
  [`mode: observe, ${WITH_CA('never')}`, 'observe', ['cert-manager', 'issuer-ca']],
  [`mode: manage, ${WITH_CA('when-ca-replaced')}`, 'manage', ['cert-manager', 'issuer-ca', 'reissue']],
  [
    'mode: observe, clients: { default: { certManager: { labels: { app: repo }, secret: repo-client, ca: { configMap: repo-ca } } } }',
    'observe',
    ['cert-manager-labels', 'ca-config-map'],
  ],
  [`mode: observe, ${WITH('secret', '')}`, 'observe', ['secret']],
  [`mode: manage, ${WITH('configMap', '')}`, 'manage', ['config-map']],
  [`mode: manage, ${WITH('externalSecret', '')}`, 'manage', ['external-secret']],
  [`mode: observe, ${WITH('secret', 'ca: { configMap: repo-ca }')}`, 'observe', ['secret', 'ca-config-map']],
  [
    `mode: manage, ${WITH('secret', 'pkcs12: { password: { secret: repo-client-password } }, ca: { secret: repo-ca }')}`,
    'manage',
    ['secret', 'keystore', 'ca-secret'],
  ],
  [`mode: observe, ${VAULT}`, 'observe', ['vault-pki']],
  [`mode: publish, ${VAULT}`, 'publish', ['vault-pki', 'vault-pki-publish', 'serving-publish']],
  [`mode: manage, ${VAULT}`, 'manage', ['vault-pki', 'vault-pki-publish', 'serving-publish']],
  [`mode: manage, ${KV}`, 'manage', []],
  ['mode: manage, clients: { default: { files: { directory: /certificates/client } } }', 'manage', []],
  [`mode: observe, ${KV}, layout: { type: keys }`, 'observe', []],
  [`mode: observe, ${KV}, layout: { type: secrets }`, 'observe', ['client-secrets']],
  [
    `mode: publish, ${KV}, layout: { type: secrets }`,
    'publish',
    ['client-secrets', 'client-secrets-publish'],
  ],
  [
    `mode: manage, ${KV}, layout: { type: shared, previous: secrets }`,
    'manage',
    ['client-secrets', 'client-secrets-publish'],
  ],
];

describe.each(CASES)('an instance with %s', (options, mode, components) => {
  const manifests = renderOf({
    namespace: 'argocd',
    resources: [`instance/${mode}`],
    components: components.map((name) => `components/${name}`),
  });

  test(`has exactly its rights from instance/${mode} and ${components.join(', ') || 'no component'}`, () => {
    expect(granted(manifests)).toEqual(flatten(rightsOf(settings(options))));
  });

  test('has no right outside its namespace', () => {
    expect(manifests.map((one) => one.kind).toSorted()).toEqual(['Role', 'RoleBinding']);
    expect(new Set(manifests.map((one) => one.metadata.namespace))).toEqual(new Set(['argocd']));
  });

  test('reads, watches and writes Secrets and ConfigMaps by name only', () => {
    for (const rule of rulesOf(manifests)) {
      if (rule.resources.some((resource) => resource === 'secrets' || resource === 'configmaps')) {
        expect(rule.resourceNames?.length).toBeGreaterThan(0);
        expect(rule.verbs).not.toContain('list');
      }
      expect([...rule.verbs, ...rule.resources, ...rule.apiGroups]).not.toContain('*');
    }
  });
});

test('mode observe has no verb that changes a Secret or a workload', () => {
  const writes = granted(
    renderOf({
      namespace: 'argocd',
      resources: ['instance/observe'],
      components: ['components/cert-manager', 'components/serving', 'components/issuer-ca'],
    }),
  ).filter((right) => !/ (get|list|watch) /.test(right));
  expect(writes).toEqual([
    'core/configmaps create argocd-mtls-rotator-argocd',
    'core/configmaps patch argocd-mtls-rotator-argocd',
    'events.k8s.io/events create *',
  ]);
});

test('only the agent’s own Secrets may ever be deleted', () => {
  const manifests = renderOf({
    resources: ['instance/manage'],
    components: ['components/vault-pki-publish'],
  });
  expect(granted(manifests).filter((right) => right.includes(' delete '))).toEqual([
    'core/secrets delete argocd-mtls-rotator-pending-default',
    'core/secrets delete argocd-mtls-rotator-pending-serving',
    'core/secrets delete argocd-mtls-rotator-previous',
  ]);
});

test('two instances have a Role each, in their own namespace, for the one agent', () => {
  const manifests = renderOf(
    { resources: ['a', 'b'] },
    {
      'a/kustomization.yaml': { namespace: 'argocd-a', resources: ['../../../manifests/instance/manage'] },
      'b/kustomization.yaml': { namespace: 'argocd-b', resources: ['../../../manifests/instance/observe'] },
    },
  );
  const bindings = manifests.filter((one) => one.kind === 'RoleBinding');
  expect(bindings.map((one) => one.metadata.namespace)).toEqual(['argocd-a', 'argocd-b']);
  for (const binding of bindings) {
    expect(binding.subjects).toEqual([
      { kind: 'ServiceAccount', name: 'argocd-mtls-rotator', namespace: 'argocd-mtls-rotator' },
    ]);
  }
});

/** What only sidecars ask for: their Roles are held in sidecar.test.ts. */
const OF_SIDECARS = ['coordination.k8s.io/leases'];

test('every kind that the client knows appears in the rights, and no other does', () => {
  const everything = rightsOf(
    settings(
      `mode: manage, evictions: allowed, verification: on, serving: { externalSecret: { name: repo-serving } }, ${WITH_CA('when-ca-replaced')}`,
    ),
  );
  const used = new Set(everything.map(({ group, resource }) => `${group}/${resource.replace(/\/.*/, '')}`));
  expect(new Set([...used, ...OF_SIDECARS])).toEqual(
    new Set(Object.values(RESOURCES).map(({ group, plural }) => `${group}/${plural}`)),
  );
});
