/** What a configuration file becomes, and how it is refused. */
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../agent/config/parse.ts';
import { type ConfigProblem, renderProblem } from '../../agent/config/problem.ts';
import { FILE_KEYS } from '../../agent/layout/files.ts';
import type { RotatorSettings } from '../../agent/model/settings.ts';

const ISSUE_EXAMPLE = `
apiVersion: mtls-rotator/v1alpha1
kind: RotatorConfig
defaults: { propagationWait: 3m }
instances:
  - name: payments
    namespace: argocd-payments
    mode: manage
    labels: { team: payments }
    layout: { type: shared }
    clients: { default: { certManager: { certificate: repo-client } } }
    serving: { certManager: { certificate: repo-serving } }
`;

const HEAD = 'apiVersion: mtls-rotator/v1alpha1\nkind: RotatorConfig\n';
const SOURCE = 'clients: { default: { certManager: { certificate: c } } }';
const instance = (options: string, name = 'a'): string =>
  `  - { name: ${name}, namespace: ${name}, ${SOURCE}, ${options} }\n`;
const file = (instances: string, top = ''): string => `${HEAD}${top}instances:\n${instances}`;

const settings = (text: string): RotatorSettings => {
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(renderProblem).join('\n'));
  return parsed.settings;
};
const problems = (text: string): readonly ConfigProblem[] => {
  const parsed = parseConfig(text);
  if (parsed.ok) throw new Error('accepted');
  return parsed.problems;
};
const first = (text: string) => settings(text).instances[0];
const paths = (text: string): readonly string[] => problems(text).map((one) => one.path);

describe('a valid configuration', () => {
  test('in the shape of the manual is read as it stands', () => {
    expect(settings(ISSUE_EXAMPLE).instances).toMatchObject([
      {
        name: 'payments',
        namespace: 'argocd-payments',
        mode: 'manage',
        labels: { team: 'payments' },
        layout: { type: 'shared' },
        clients: { default: { type: 'certManager', certificate: 'repo-client' } },
        serving: { type: 'certManager', certificate: 'repo-serving' },
        timing: { propagationWait: 180_000 },
      },
    ]);
  });

  test('that says nothing more than it must can change nothing in the cluster, and takes nothing over', () => {
    expect(first(file(instance('')))).toMatchObject({
      mode: 'observe',
      state: 'enabled',
      verification: 'keep',
      adopt: 'never',
      evictions: 'never',
      distrust: 'immediately',
      clients: { default: { reissue: 'never' } },
      serving: undefined,
    });
  });

  test('has a safe default for every time and limit', () => {
    const { sweep, instances } = settings(file(instance('')));
    expect(sweep).toBe('*/5 * * * *');
    expect(instances[0]?.timing).toEqual({
      propagationWait: 180_000,
      mountMargin: 20_000,
      settle: 10_000,
      rolloutDeadline: 600_000,
      callTimeout: 5_000,
      proofInterval: 3_600_000,
      previousLeafMaximum: 86_400_000,
      retry: 10_000,
      retryMaximum: 300_000,
    });
    expect(instances[0]?.budget).toEqual({ restarts: 6, window: 3_600_000 });
  });

  test('names the journal after its instance, and the other objects as Argo CD does', () => {
    expect(first(file(instance('', 'payments')))?.names).toEqual({
      mtlsSecret: 'argocd-repo-server-mtls',
      keys: FILE_KEYS,
      servingSecret: 'argocd-repo-server-tls',
      paramsConfigMap: 'argocd-cmd-params-cm',
      previousSecret: 'argocd-mtls-rotator-previous',
      pendingSecret: 'argocd-mtls-rotator-pending',
      journalConfigMap: 'argocd-mtls-rotator-payments',
      ordersConfigMap: 'argocd-mtls-rotator-payments-orders',
      workloads: {},
    });
  });

  test('lays its defaults under each instance, option by option, and the instance has the last word', () => {
    const text = file(
      instance('labels: { team: x }, budget: { restarts: 2 }, mode: manage') + instance('', 'b'),
      'defaults: { mode: publish, labels: { env: prod, team: y }, budget: { restarts: 9, window: 2h }, names: { workloads: { server: s } } }\n',
    );
    const [a, b] = settings(text).instances;
    expect(a).toMatchObject({
      mode: 'manage',
      labels: { env: 'prod', team: 'x' },
      budget: { restarts: 2, window: 7_200_000 },
      names: { workloads: { server: 's' } },
    });
    expect(b).toMatchObject({ mode: 'publish', labels: { env: 'prod', team: 'y' }, budget: { restarts: 9 } });
  });

  test('may name the Secret that shows a replaced CA, by its usual key or another', () => {
    const text = file(
      `  - { name: a, namespace: a, clients: { default: { certManager: { certificate: c, reissue: when-ca-replaced, issuerCa: { secret: root } } } } }\n`,
    );
    expect(first(text)?.clients.default).toEqual({
      type: 'certManager',
      certificate: 'c',
      reissue: 'when-ca-replaced',
      issuerCa: { secret: 'root', key: 'tls.crt' },
    });
  });

  test('may name Secrets and ConfigMaps as they are, their keys, and where CA and password stand', () => {
    const text = `${HEAD}instances:
  - name: a
    namespace: a
    layout: { type: keys }
    clients:
      default: { secret: { name: mine } }
      server: { secret: { name: mine, fields: { certificate: cert.pem, key: key.pem }, ca: { configMap: bundle, key: root.pem } } }
      controller: { configMap: { name: legacy } }
      notifications: { secret: { name: mine, pkcs12: { password: { secret: pass } }, ca: { secret: root } } }
`;
    const none = { fields: {}, pkcs12: undefined, ca: undefined };
    expect(first(text)?.clients).toEqual({
      default: { type: 'secret', name: 'mine', ...none },
      byComponent: {
        server: {
          type: 'secret',
          name: 'mine',
          fields: { certificate: 'cert.pem', key: 'key.pem' },
          pkcs12: undefined,
          ca: { kind: 'ConfigMap', name: 'bundle', key: 'root.pem' },
        },
        'application-controller': { type: 'configMap', name: 'legacy', ...none },
        'notifications-controller': {
          type: 'secret',
          name: 'mine',
          fields: {},
          pkcs12: { key: 'keystore.p12', password: { secret: 'pass', key: 'password' } },
          ca: { kind: 'Secret', name: 'root', key: 'ca.crt' },
        },
      },
    });
  });
});

describe('a configuration that is wrong', () => {
  test('is told all of it at once, in the order of the file, each with place, what was found and what is allowed', () => {
    const text = [
      'apiVersion: mtls-rotator/v1',
      'kind: RotatorConfig',
      'sweep: often',
      'instances:',
      '  - name: Payments',
      '    namespace: argocd',
      '    mode: mange',
      '    propagationWait: 180',
      '    clients: { default: { vault: {} } }',
      '    lables: {}',
    ].join('\n');
    expect(problems(text).map(renderProblem)).toEqual([
      'apiVersion (line 1): found "mtls-rotator/v1"; allowed: mtls-rotator/v1alpha1',
      'sweep (line 3): found "often"; allowed: a cron expression of five fields (or six, with seconds first)',
      'instances[0].name (line 5): found "Payments"; allowed: lower-case letters, digits and "-", at most 63, starting and ending with a letter or digit',
      'instances[0].mode (line 7): found "mange"; allowed: observe, publish, manage',
      'instances[0].propagationWait (line 8): found the number 180; allowed: a duration with its unit, such as 500ms, 90s, 3m, 1h30m or 1d; at most 24d',
      expect.stringMatching(
        /^instances\[0\]\.clients\.default\.vault \(line 9\): found an unknown option; allowed: certManager, /,
      ),
      expect.stringMatching(
        /^instances\[0\]\.lables \(line 10\): found an unknown option; allowed: name, namespace, mode, /,
      ),
    ]);
  });

  test.each([
    ['an unknown option in the defaults', file(instance(''), 'defaults: { name: x }\n'), ['defaults.name']],
    [
      'a source of no kind',
      `${HEAD}instances:\n  - { name: a, namespace: a, clients: { default: {} } }\n`,
      ['instances[0].clients.default'],
    ],
    ['an unknown option at the top', file(instance(''), 'x: 1\n'), ['x']],
    [
      'a component that does not exist',
      file(instance('names: { workloads: { dex: d } }')),
      ['instances[0].names.workloads.dex'],
    ],
    [
      'a label that metrics could not carry',
      file(instance('labels: { Team-A: x }')),
      ['instances[0].labels.Team-A'],
    ],
    ['a label that is not text', file(instance('labels: { a: 7 }')), ['instances[0].labels.a']],
    ['no instance', `${HEAD}instances: []\n`, ['instances']],
    [
      'two instances of one name',
      file(`${instance('')}  - { name: a, namespace: b, ${SOURCE} }\n`),
      ['instances[1].name'],
    ],
    [
      'two instances in one namespace',
      file(`${instance('')}  - { name: b, namespace: a, ${SOURCE} }\n`),
      ['instances[1].namespace'],
    ],
    [
      'one Secret for two purposes',
      file(instance('names: { previousSecret: argocd-repo-server-mtls }')),
      ['instances[0].names.previousSecret'],
    ],
    [
      'the journal in Argo CD’s own ConfigMap',
      file(instance('names: { journalConfigMap: argocd-cmd-params-cm }')),
      ['instances[0].names.journalConfigMap'],
    ],
    [
      'one workload for two components',
      file(instance('names: { workloads: { server: s, repo-server: s } }')),
      ['instances[0].names.workloads.repo-server'],
    ],
    ['a retry delay above its maximum', file(instance('retry: 10m')), ['instances[0].retryMaximum']],
    [
      'verification without a serving certificate',
      file(instance('verification: on')),
      ['instances[0].verification'],
    ],
    [
      'a duration that a timer could not wait',
      file(instance('retryMaximum: 25d')),
      ['instances[0].retryMaximum'],
    ],
    ['a call timeout of nothing', file(instance('callTimeout: 0s')), ['instances[0].callTimeout']],
    [
      'a restart budget of nothing',
      file(instance('budget: { restarts: 0 }')),
      ['instances[0].budget.restarts'],
    ],
    [
      'a re-issue without a CA to watch',
      file(
        `  - { name: a, namespace: a, clients: { default: { certManager: { certificate: c, reissue: when-ca-replaced } } } }\n`,
      ),
      ['instances[0].clients.default.certManager.reissue'],
    ],
    [
      'a CA read from a Secret that is written',
      file(
        `  - { name: a, namespace: a, clients: { default: { certManager: { certificate: c, issuerCa: { secret: argocd-repo-server-mtls } } } } }\n`,
      ),
      ['instances[0].clients.default.certManager.issuerCa.secret'],
    ],
    ...(
      [
        ['a CA in two places', 'ca: { secret: a, configMap: b }', 'ca'],
        ['a CA in no place', 'ca: { key: a }', 'ca'],
        ['a CA in a Secret that is written', 'ca: { secret: argocd-repo-server-mtls }', 'ca.secret'],
        ['a CA in a ConfigMap that is written', 'ca: { configMap: argocd-cmd-params-cm }', 'ca.configMap'],
        [
          'a password in a Secret that is written',
          'pkcs12: { password: { secret: argocd-mtls-rotator-previous } }',
          'pkcs12.password.secret',
        ],
        ['fields of a PKCS#12', 'fields: { key: k }, pkcs12: { password: { secret: pass } }', 'fields'],
      ] as const
    ).map(([why, options, place]): [string, string, string[]] => [
      why,
      `${HEAD}instances:\n  - { name: a, namespace: a, clients: { default: { secret: { name: mine, ${options} } } } }\n`,
      [`instances[0].clients.default.secret.${place}`],
    ]),
    ...(
      [
        ['a Certificate by name and by labels', 'certificate: c, labels: { app: x }', ''],
        ['a Certificate by nothing', 'reissue: never', ''],
        ['a Certificate by no label', 'labels: {}', '.labels'],
        ['a label that no object can carry', 'labels: { "a b": x }', '.labels."a b"'],
        [
          'a re-issue by labels, which no Role could name',
          'labels: { app: x }, reissue: when-ca-replaced, issuerCa: { secret: root }',
          '.reissue',
        ],
      ] as const
    ).map(([why, options, place]): [string, string, string[]] => [
      why,
      `${HEAD}instances:\n  - { name: a, namespace: a, clients: { default: { certManager: { ${options} } } } }\n`,
      [`instances[0].clients.default.certManager${place}`],
    ]),
    [
      'a source that is what the agent writes',
      `${HEAD}instances:\n  - { name: a, namespace: a, clients: { default: { secret: { name: argocd-repo-server-mtls } } } }\n`,
      ['instances[0].clients.default.secret.name'],
    ],
    [
      'a clash that only the defaults bring about',
      file(instance(''), 'defaults: { retry: 10m }\n'),
      ['instances[0].retryMaximum'],
    ],
  ])('%s is refused by its place', (_why, text, expected) => {
    expect(paths(text)).toEqual(expected);
  });

  test.each([
    ['an empty file', '', 'an empty file'],
    ['two documents', 'a: 1\n---\nb: 2\n', '2 YAML documents'],
    ['a key twice', 'a: 1\na: 2\n', "YAML that can't be read here (duplicate key)"],
    ['an alias of nothing', 'a: *b\n', 'aliases that refer to nothing or too often'],
    ['something larger than a ConfigMap', 'x'.repeat(1024 * 1024 + 1), '1048577 characters'],
    ['a list', '- 1\n', 'a list of 1'],
  ])('%s is one problem of the document', (_why, text, found) => {
    expect(problems(text)).toEqual([expect.objectContaining({ path: '', found })]);
  });

  test.each([
    ['a private key', '-----BEGIN PRIVATE KEY-----MIIEvQ'],
    ['a token', 'hvs.CAESIJlu0x7Zf9dQ'],
    ['a password of many words', 'correct horse battery staple correct horse battery staple'],
  ])('never shows %s that was pasted into the wrong place', (_what, secret) => {
    for (const text of [
      file(instance(`mode: "${secret}"`)),
      file(instance(`"${secret}": 1`)),
      file(instance(`labels: { "${secret}": x }`)),
      `mode: "${secret}`,
      `${secret}: "x\n  - y`,
    ]) {
      expect(problems(text).map(renderProblem).join('\n')).not.toContain(secret);
    }
  });
});
