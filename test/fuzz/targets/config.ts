/** The configuration file. */
import { parseConfig } from '../../../agent/config/parse.ts';
import type { Target } from '../target.ts';

const HEAD = 'apiVersion: mtls-rotator/v1alpha1\nkind: RotatorConfig\n';

const SEEDS = [
  `${HEAD}instances:
  - name: default
    namespace: argocd
    mode: manage
    clients:
      default:
        certManager: { certificate: repo-client }
    serving:
      certManager: { certificate: repo-server }
`,
  `${HEAD}connections:
  bank:
    vault:
      address: https://vault.example:8200
      auth: { kubernetes: { role: rotator } }
defaults: &d
  mode: observe
instances:
  - <<: *d
    name: one
    namespace: argocd-one
    clients: { default: { vaultPki: { connection: bank, mount: pki, role: client } } }
  - { name: two, namespace: argocd-two, clients: { default: { secret: { name: pair } } } }
http: { port: 8080 }
sweep: '*/5 * * * *'
`,
];

const aliases = (deep: number): string =>
  `a0: &a0 [x, x]\n${Array.from({ length: deep }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]\n`).join('')}`;

let seeds: readonly Buffer[] | undefined;

export const CONFIG: Target = {
  name: 'configuration',
  seeds: () => {
    seeds ??= [...SEEDS, aliases(5)].map((text) => Buffer.from(text));
    return seeds;
  },
  form: 'text',
  words: [
    '__proto__: { polluted: true }\n',
    'constructor: { prototype: { polluted: true } }\n',
    '&a ',
    '*a ',
    '<<: *d\n',
    '!!binary ',
    '!!js/function ',
    '? ',
    ': ',
    '- ',
    '[',
    '{',
    '|\n',
    '---\n',
    '%YAML 1.1\n',
    aliases(30),
  ],
  read: (input) => {
    parseConfig(input.toString('utf8'));
    if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('Object.prototype was changed');
  },
};
