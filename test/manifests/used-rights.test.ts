/** The shipped engine works under the shipped Role: nothing it asks for is forbidden, and nothing it is granted goes unused. */
import { afterEach, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { Instance } from '../../agent/instance.ts';
import { NOTHING_PUBLISHED } from '../../agent/model/material.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import { createEventReporter } from '../../agent/telemetry/events.ts';
import { createSources } from '../../integrations/registry.ts';
import type { JsonObject } from '../kit/api-server/index.ts';
import { Installation, isIssuing, issue, publishCa } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { renderOf } from './render.ts';

const LIMIT = 120_000;

const rulesFrom = (mode: string, components: readonly string[]) =>
  renderOf({
    namespace: 'argocd',
    resources: [`instance/${mode}`],
    components: components.map((name) => `components/${name}`),
  })
    .filter((one) => one.kind === 'Role')
    .flatMap((one) => one.rules ?? [])
    .map((rule) => ({ ...rule, namespaces: ['argocd'] }));

const settingsFrom = (options: string): InstanceSettings => {
  const parsed = parseConfig(
    `{ apiVersion: mtls-rotator/v1alpha1, kind: RotatorConfig, instances: [{ name: argocd, namespace: argocd, propagationWait: 90s, mountMargin: 5s, settle: 5s, ${options} }] }`,
  );
  const settings = parsed.ok ? parsed.settings.instances[0] : undefined;
  if (settings === undefined) throw new Error(JSON.stringify(parsed));
  return settings;
};

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

/** `verb resource name`, once each; `*` where a call has no name. */
const used = (): readonly string[] => [
  ...new Set([
    ...installation.api.calls.map((call) => {
      const [verb, resource, object = ''] = call.split(' ');
      return `${verb} ${resource} ${object.split('/')[1]}`;
    }),
    // An apply that creates asks for `create` as well.
    ...installation.api.writes
      .filter((write) => write.status === 201 && write.name !== undefined)
      .map((write) => `create ${write.resource} ${write.name}`),
  ]),
];

const granted = (rules: ReturnType<typeof rulesFrom>): readonly string[] => [
  ...new Set(
    rules.flatMap((rule) =>
      rule.resources.flatMap((resource) =>
        rule.verbs.flatMap((verb) =>
          (rule.resourceNames ?? ['*']).map((name) => `${verb} ${resource} ${name}`),
        ),
      ),
    ),
  ),
];

/** Two Secrets and a ConfigMap of Argo CD's, three kinds, and two Certificates with three Secrets. */
const WATCHES = 11;

const watchEverything = async (settings: InstanceSettings, watches = WATCHES): Promise<void> => {
  const { services } = installation.agent(settings);
  const sources = createSources(settings, services);
  for (const { source } of sources) await source.read(NOTHING_PUBLISHED);
  const instance = new Instance(
    { ...services, sources },
    sources.map(({ source }) => source),
  );
  const watched = () => used().filter((call) => call.startsWith('watch '));
  instance.start();
  // A watch is asked for at once; one that never is shows as a right that goes unused.
  for (let turn = 0; turn < 50_000 && watched().length < watches; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await instance.stop();
};

/** What was told becomes Events. */
const tellEverything = async (settings: InstanceSettings): Promise<void> => {
  const events = createEventReporter({
    cluster: installation.agent().services.cluster,
    targetsOf: () => settings.names,
    onTrouble: (error) => {
      throw error;
    },
  });
  for (const happening of installation.happenings) events.tell(happening);
  await events.flush();
};

test(
  'mode manage: a whole life under the Role, from enabling to a replaced CA and a re-issue that was asked for',
  async () => {
    const components = ['cert-manager', 'serving', 'serving-publish', 'verification', 'issuer-ca', 'reissue'];
    const rules = rulesFrom('manage', components);
    const settings = settingsFrom(
      'mode: manage, verification: on, clients: { default: { certManager: { certificate: repo-client, issuerCa: { secret: repo-client-ca, key: ca.crt }, reissue: when-ca-replaced } } }, serving: { certManager: { certificate: repo-serving } }',
    );
    installation = await Installation.start({ rules, settings });
    const { api } = installation;
    const clientCa = makeCa();
    const servingCa = makeCa();
    publishCa(api, 'argocd', 'repo-client-ca', clientCa);
    issue(api, 'argocd', 'repo-client', clientCa, 'client');
    issue(api, 'argocd', 'repo-serving', servingCa, 'serving');
    await installation.agent().run();
    const next = replaceCa(clientCa);
    publishCa(api, 'argocd', 'repo-client-ca', next);
    let asked = false;
    await installation.agent().run({
      beforeTurn: () => {
        if (asked || !isIssuing(api, 'argocd', 'repo-client')) return;
        asked = true;
        issue(api, 'argocd', 'repo-client', next, 'client');
      },
    });
    await tellEverything(settings);
    await watchEverything(settings);

    expect(api.violations).toEqual([]);
    expect(api.writes.filter((write) => write.status === 403)).toEqual([]);
    expect(granted(rules).filter((right) => !used().includes(right))).toEqual([]);
    expect(used().filter((call) => !granted(rules).includes(call))).toEqual([]);
  },
  LIMIT,
);

test(
  'each kind of source that reads Kubernetes objects uses what its component grants, and asks for nothing else',
  async () => {
    const components = [
      'cert-manager-labels',
      'ca-config-map',
      'secret',
      'ca-secret',
      'external-secret',
      'keystore',
      'config-map',
    ];
    const rules = rulesFrom('observe', components);
    const settings = settingsFrom(`mode: observe, layout: { type: keys }, clients: {
      default: { certManager: { labels: { app: repo }, secret: repo-client, ca: { configMap: repo-ca } } },
      server: { secret: { name: repo-client, ca: { secret: repo-ca } } },
      controller: { externalSecret: { name: repo-client } },
      notifications: { secret: { name: repo-client, pkcs12: { password: { secret: repo-client-password } } } } },
      serving: { configMap: { name: repo-client } }`);
    installation = await Installation.start({ rules, settings });
    const { api } = installation;
    const ca = makeCa();
    issue(api, 'argocd', 'repo-client', ca, 'client');
    publishCa(api, 'argocd', 'repo-ca', ca);
    const put = (apiVersion: string, kind: string, name: string, content: JsonObject): unknown =>
      api.objects.apply(
        { apiVersion, kind, metadata: { name, namespace: 'argocd', labels: { app: 'repo' } }, ...content },
        'somebody',
        true,
      );
    const encoded = Buffer.from('a password').toString('base64');
    put('v1', 'Secret', 'repo-client', { type: 'kubernetes.io/tls', data: { 'keystore.p12': encoded } });
    put('v1', 'Secret', 'repo-client-password', { type: 'Opaque', data: { password: encoded } });
    put('v1', 'ConfigMap', 'repo-ca', { data: { 'ca.crt': ca.pem } });
    put('v1', 'ConfigMap', 'repo-client', { data: { 'tls.crt': ca.pem } });
    put('cert-manager.io/v1', 'Certificate', 'repo-client', {});
    api.objects.put({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: 'repo-client', namespace: 'argocd' },
      spec: {},
      status: { conditions: [{ type: 'Ready', status: 'True', reason: 'SecretSynced' }] },
    });
    // Two Secrets and a ConfigMap of Argo CD's, three kinds; three Secrets, two ConfigMaps, an ExternalSecret, Certificates.
    await watchEverything(settings, 13);

    expect(api.violations).toEqual([]);
    const base = granted(rulesFrom('observe', []));
    const ofSources = granted(rules).filter((right) => !base.includes(right));
    expect(ofSources.filter((right) => !used().includes(right))).toEqual([]);
    expect(used().filter((call) => !granted(rules).includes(call))).toEqual([]);
  },
  LIMIT,
);

test.each([
  ['observe', ['cert-manager', 'serving'], 'held mode-observe'],
  ['publish', ['cert-manager', 'serving', 'serving-publish'], 'held mode-publish'],
] as const)(
  'mode %s does all it may under its Role and is never forbidden anything',
  async (mode, components, last) => {
    const rules = rulesFrom(mode, components);
    const settings = settingsFrom(
      `mode: ${mode}, clients: { default: { certManager: { certificate: repo-client } } }, serving: { certManager: { certificate: repo-serving } }`,
    );
    installation = await Installation.start({ rules, settings });
    const { api } = installation;
    issue(api, 'argocd', 'repo-client', makeCa(), 'client');
    issue(api, 'argocd', 'repo-serving', makeCa(), 'serving');
    const steps = await installation.agent().run();
    await tellEverything(settings);

    expect(steps.at(-1)).toBe(last);
    expect(api.violations).toEqual([]);
    expect(used().filter((call) => !granted(rules).includes(call))).toEqual([]);
    expect(installation.restarts()).toEqual({});
    expect(used().filter((call) => /^(patch|create|delete) secrets/.test(call)).length > 0).toBe(
      mode === 'publish',
    );
  },
  LIMIT,
);
