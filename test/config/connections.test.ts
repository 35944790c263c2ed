/** Connections in a configuration file: what they become, how sources name them, and how they are refused. */
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { renderProblem } from '../../agent/config/problem.ts';
import type { InstanceSettings } from '../../agent/model/settings.ts';

/** As the manual shows it. */
const EXAMPLE = `
apiVersion: mtls-rotator/v1alpha1
kind: RotatorConfig
connections:
  bank-vault:
    vault:
      address: https://vault.bank:8200
      namespace: platform
      caFile: /etc/vault-ca/ca.crt
      auth: { kubernetes: { mount: k8s-prod, role: rotator } }
instances:
  - name: core
    namespace: argocd-core
    layout: { type: secrets }
    clients:
      default: { vaultPki: { connection: bank-vault, mount: pki, role: client } }
      controller: { vaultPki: { connection: bank-vault, mount: pki, role: controller, ttl: 30d, key: rsa-3072 } }
      server: { vaultKv: { connection: bank-vault, path: argocd/server, fields: { certificate: cert } } }
    serving: { vaultPki: { connection: bank-vault, mount: pki, role: repo-server } }
`;

const HEAD = 'apiVersion: mtls-rotator/v1alpha1\nkind: RotatorConfig\n';
const INSTANCE = `instances: [{ name: a, namespace: a, clients: { default: { vaultPki: { connection: v, role: client } } } }]\n`;
const vault = (options: string): string =>
  `${HEAD}connections: { v: { vault: { ${options} } } }\n${INSTANCE}`;
const AUTH = 'auth: { tokenFile: { path: /token } }';

const settings = (text: string): InstanceSettings => {
  const parsed = parseConfig(text);
  const instance = parsed.ok ? parsed.settings.instances[0] : undefined;
  if (!parsed.ok || instance === undefined) throw new Error(JSON.stringify(parsed));
  return instance;
};
const problems = (text: string): readonly string[] => {
  const parsed = parseConfig(text);
  return parsed.ok ? [] : parsed.problems.map(renderProblem);
};

describe('a connection', () => {
  test('is what each source that names it works from, as a whole', () => {
    const { clients, serving } = settings(EXAMPLE.replace('30d', '20d'));
    const connection = {
      name: 'bank-vault',
      address: 'https://vault.bank:8200',
      namespace: 'platform',
      caFile: '/etc/vault-ca/ca.crt',
      timeout: 10_000,
      auth: {
        method: 'kubernetes',
        mount: 'k8s-prod',
        role: 'rotator',
        tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      },
    };
    expect(clients.default).toEqual({
      type: 'vaultPki',
      connection,
      mount: 'pki',
      role: 'client',
      issuer: undefined,
      commonName: 'argocd-client',
      altNames: [],
      ttl: undefined,
      method: 'sign',
      key: 'ec-p256',
      renewAt: 0.66,
      poll: 60_000,
    });
    expect(clients.byComponent).toMatchObject({
      'application-controller': { role: 'controller', commonName: 'argocd-controller', key: 'rsa-3072' },
      server: { type: 'vaultKv', connection, mount: 'secret', path: 'argocd/server', poll: 30_000 },
    });
    expect(serving).toMatchObject({ role: 'repo-server', commonName: undefined });
  });

  test.each([
    ['auth: { jwt: { role: r } }', { method: 'jwt', mount: 'jwt', role: 'r' }],
    [
      'auth: { appRole: { roleId: 0b5d, secretIdFile: /s } }',
      { method: 'appRole', mount: 'approle', roleId: { value: '0b5d' }, secretIdFile: '/s' },
    ],
    [
      'auth: { appRole: { roleIdFile: /r, secretIdFile: /s } }',
      { method: 'appRole', roleId: { file: '/r' } },
    ],
    [AUTH, { method: 'tokenFile', path: '/token' }],
  ])('logs in as it is told: %s', (auth, expected) => {
    expect(settings(vault(`address: https://v:8200/, ${auth}`)).clients.default).toMatchObject({
      connection: { address: 'https://v:8200', auth: expected },
    });
  });

  test('to an agent in the same pod may go without TLS', () => {
    expect(problems(vault(`address: "http://127.0.0.1:8100", ${AUTH}`))).toEqual([]);
  });
});

describe('a connection is refused', () => {
  test.each([
    ['without TLS to another host', `address: http://vault:8200, ${AUTH}`, /v\.vault\.address/],
    ['with a path', `address: https://vault/ui, ${AUTH}`, /v\.vault\.address/],
    ['with a credential in its address', `address: "https://me:secret@vault", ${AUTH}`, /v\.vault\.address/],
    ['without a login', 'address: https://v', /v\.vault\.auth .*found nothing/],
    [
      'with an empty login',
      'address: https://v, auth: {}',
      /v\.vault\.auth .*found none of them; allowed: exactly one of kubernetes/,
    ],
    [
      'with two logins',
      'address: https://v, auth: { tokenFile: { path: /t }, jwt: { role: r } }',
      /found jwt and tokenFile at once/,
    ],
    [
      'with a token in place of its file',
      'address: https://v, auth: { tokenFile: { path: hvs.abc } }',
      /tokenFile\.path .*an absolute path/,
    ],
    [
      'without a RoleID',
      'address: https://v, auth: { appRole: { secretIdFile: /s } }',
      /appRole .*neither roleId nor roleIdFile/,
    ],
    [
      'with a path that leads out of its mount',
      'address: https://v, auth: { jwt: { mount: ../sys, role: r } }',
      /jwt\.mount/,
    ],
    [
      'with a secret in it',
      `address: https://v, ${AUTH}, token: hvs.abc`,
      /v\.vault\.token .*unknown option/,
    ],
  ])('%s', (_, options, problem) => {
    const found = problems(vault(options));
    expect(found).toEqual([expect.stringMatching(problem)]);
    expect(found.join()).not.toContain('secret@');
  });
});

describe('a source is refused', () => {
  const source = (kinds: string) =>
    `${HEAD}connections: { v: { vault: { address: https://v, ${AUTH} } } }\ninstances: [{ name: a, namespace: a, clients: { default: { ${kinds} } } }]\n`;

  test.each([
    [
      'whose connection is not there',
      'vaultPki: { connection: w, role: r }',
      /clients\.default\.vaultPki\.connection .*the name of no connection; allowed: v$/,
    ],
    ['without a role', 'vaultPki: { connection: v }', /vaultPki\.role .*found nothing/],
    [
      'of two kinds',
      'vaultPki: { connection: v, role: r }, certManager: { certificate: c }',
      /clients\.default .*certManager and vaultPki at once; allowed: exactly one of certManager/,
    ],
    [
      'that renews too late',
      'vaultPki: { connection: v, role: r, renewAt: 0.95 }',
      /renewAt .*from 0\.1 to 0\.9/,
    ],
    ['with a path out of its mount', 'vaultKv: { connection: v, path: a/../../sys }', /vaultKv\.path/],
    ['with a query in its path', 'vaultKv: { connection: v, path: "a?list=true" }', /vaultKv\.path/],
  ])('%s', (_, kinds, problem) => {
    expect(problems(source(kinds))).toEqual([expect.stringMatching(problem)]);
  });

  test('where there are no connections at all', () => {
    expect(problems(`${HEAD}${INSTANCE}`)).toEqual([expect.stringMatching(/there is none yet/)]);
  });

  test('once, where its connection is not valid: the connection is what is told', () => {
    expect(problems(vault('address: nowhere'))).toHaveLength(2);
  });

  test('whose pending Secret would be one that is published', () => {
    const text = vault(`address: https://v, ${AUTH}`).replace(
      'namespace: a, ',
      'namespace: a, names: { pendingSecret: x, mtlsSecret: x-default }, ',
    );
    expect(problems(text)).toEqual([expect.stringMatching(/names\.pendingSecret .*names\.mtlsSecret/)]);
  });
});
