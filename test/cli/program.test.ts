/** The command line, on a program that only pretends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import { EXIT } from '../../agent/cli/exit-codes.ts';
import { runProgram } from '../../agent/cli/program.ts';
import type { ServiceOptions, Services } from '../../agent/cli/services.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import { flatten, rightsOf } from '../../agent/config/rights.ts';
import { ApiError } from '../../agent/model/errors.ts';
import type { Plan } from '../../agent/model/plan.ts';
import { NO_VIEW } from '../kit/plan/policy-view.ts';

const CONFIG = `apiVersion: mtls-rotator/v1alpha1
kind: RotatorConfig
instances:
  - { name: a, namespace: argocd-a, mode: manage, clients: { default: { certManager: { certificate: c } } } }
  - { name: b, namespace: argocd-b, clients: { default: { certManager: { certificate: c } } } }
`;
const parsed = parseConfig(CONFIG);
const instances = parsed.ok ? parsed.settings.instances : [];

const folder = mkdtempSync(join(tmpdir(), 'rotator-cli-'));
const file = join(folder, 'config.yaml');
const wrong = join(folder, 'wrong.yaml');
writeFileSync(file, CONFIG);
writeFileSync(wrong, 'kind: Other\n');
afterAll(() => rmSync(folder, { recursive: true }));

const idle: Plan = {
  changeClass: 'none',
  steps: [],
  restartsAvoided: [],
  evidence: [],
  findings: [],
  hold: undefined,
  policy: NO_VIEW,
  goal: { clientCa: [], leafs: [], serverCa: [], serving: undefined },
};
const busy: Plan = {
  ...idle,
  changeClass: 'leaf',
  steps: [{ kind: 'prove', purpose: 'closing', reason: 'r' }],
};
const held: Plan = {
  ...busy,
  hold: { code: 'mode-observe', what: 'w', effect: 'e', next: 'n', until: undefined },
};

const forbidden = new ApiError(
  'refused',
  { what: 'list pods in argocd-b: forbidden.', effect: 'e', next: 'n' },
  { reason: 'forbidden', verb: 'list', resource: 'pods' },
);
const unreachable = new ApiError(
  'transient',
  { what: 'get secrets: no answer.', effect: 'e', next: 'n' },
  { reason: 'unreachable', verb: 'get', resource: 'secrets' },
);

const call = async (
  argv: readonly string[],
  changes: Partial<Services> & { plans?: Readonly<Record<string, Plan | Error>> } = {},
) => {
  const output = { out: '', err: '' };
  const opened: ServiceOptions[] = [];
  let closed = 0;
  const code = await runProgram(argv, {
    version: '1.2.3',
    signal: new AbortController().signal,
    terminal: {
      out: (text) => {
        output.out += text;
      },
      err: (text) => {
        output.err += text;
      },
      colours: false,
    },
    runSidecar: async () => {
      throw new Error('not asked for');
    },
    openMigration: async () => {
      throw new Error('not a matter of these tests');
    },
    open: async (options) => {
      opened.push(options);
      return {
        instances,
        plan: async (name) => {
          const plan = changes.plans?.[name] ?? idle;
          const instance = instances.find((one) => one.name === name);
          if (plan instanceof Error || instance === undefined) throw plan;
          return { instance, plan };
        },
        order: async () => undefined,
        run: async () => undefined,
        close: async () => {
          closed += 1;
        },
        ...changes,
      };
    },
  });
  return { code, ...output, opened, closed };
};

describe('plan', () => {
  test('shows every instance, or the one that is asked for', async () => {
    expect((await call(['plan'])).out).toMatch(/^a: none[\s\S]*^b: none/m);
    expect((await call(['plan', '--instance', 'b'])).out).toMatch(/^b: none/);
  });

  test('passes on where configuration and cluster are', async () => {
    const { opened, closed } = await call(['plan', '-c', 'x.yaml', '--kubeconfig', 'k']);
    expect(opened).toEqual([{ config: 'x.yaml', kubeconfig: 'k' }]);
    expect(closed).toBe(1);
    expect((await call(['plan'])).opened).toEqual([
      { config: '/etc/mtls-rotator/config.yaml', kubeconfig: undefined },
    ]);
  });

  test.each([
    ['json', (text: string) => JSON.parse(text)],
    ['yaml', (text: string) => parseYaml(text)],
  ] as const)('prints the very plan as %s', async (output, read) => {
    const { out } = await call(['plan', '-i', 'a', '--output', output], { plans: { a: busy } });
    expect(read(out).instances).toMatchObject([
      { name: 'a', namespace: 'argocd-a', mode: 'manage', plan: { changeClass: 'leaf' } },
    ]);
  });

  test('shows the others where one can not be looked at', async () => {
    const { code, out, err } = await call(['plan'], { plans: { a: forbidden } });
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('a: list pods in argocd-b: forbidden.');
    expect(out).toContain('b: none');
  });

  test.each([
    [{ a: busy }, [], EXIT.ok],
    [{ a: idle }, ['--exit-code'], EXIT.ok],
    [{ a: busy }, ['--exit-code'], EXIT.stepsLeft],
    [{ a: busy, b: held }, ['--exit-code'], EXIT.held],
    [{ a: busy, b: unreachable }, ['--exit-code'], EXIT.transient],
    [{ a: new Error('defect') }, [], EXIT.broken],
  ])('case %#: ends with its documented code', async (plans, flags, expected) => {
    expect((await call(['plan', ...flags], { plans })).code).toBe(expected);
  });

  test.each([[['plan', '-i', 'nobody']], [['plan', '-o', 'xml']], [['fly']], [['plan', '--fly']]])(
    '%j is wrong usage, and says what is right',
    async (argv) => {
      const { code, err } = await call(argv);
      expect(code).toBe(EXIT.usage);
      expect(err).toMatch(/Configured: a, b|table, json, yaml|Usage:/);
    },
  );
});

describe('run', () => {
  test('works until it is told to stop, and closes what it opened', async () => {
    expect(await call(['run', '--config', 'x'])).toMatchObject({ code: EXIT.ok, closed: 1 });
  });

  test('closes what it opened though it failed, and says why', async () => {
    const failed = await call(['run'], { run: () => Promise.reject(unreachable) });
    expect(failed).toMatchObject({ code: EXIT.transient, closed: 1, err: `${unreachable.message}\n` });
  });
});

describe('check', () => {
  test('accepts a valid file without a cluster', async () => {
    expect(await call(['check', '-c', file])).toMatchObject({
      code: EXIT.ok,
      out: `${file} is valid: a, b\n`,
      opened: [],
    });
  });

  test('tells every problem of another', async () => {
    const { code, err } = await call(['check', '-c', wrong]);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('kind (line 1): found "Other"; allowed: RotatorConfig');
    expect(err).toContain('apiVersion');
    expect(await call(['check', '-c', join(folder, 'none.yaml')])).toMatchObject({ code: EXIT.usage });
  });
});

test('rights prints a Role and a binding for each instance, with exactly its rights', async () => {
  const { out, opened } = await call(['rights', '-c', file, '--agent-namespace', 'agents']);
  const documents = parseAllDocuments(out);
  const manifests = 'empty' in documents ? [] : documents.map((one) => one.toJS());
  expect(manifests.map((one) => `${one.kind} ${one.metadata.namespace}`)).toEqual([
    'Role argocd-a',
    'RoleBinding argocd-a',
    'Role argocd-b',
    'RoleBinding argocd-b',
  ]);
  const rights = manifests[0].rules.map((rule: Readonly<Record<string, string[]>>) => ({
    group: rule.apiGroups?.[0],
    resource: rule.resources?.[0],
    names: rule.resourceNames ?? 'any',
    verbs: rule.verbs,
  }));
  const [first] = instances;
  expect(flatten(rights)).toEqual(first === undefined ? [] : flatten(rightsOf(first)));
  expect(manifests[1].subjects).toEqual([
    { kind: 'ServiceAccount', name: 'argocd-mtls-rotator', namespace: 'agents' },
  ]);
  expect(opened).toEqual([]);
});

test('version and help are on standard output, and help lists the exit codes', async () => {
  expect(await call(['version'])).toMatchObject({ code: EXIT.ok, out: '1.2.3\n' });
  const help = await call(['--help']);
  expect(help.code).toBe(EXIT.ok);
  for (const code of Object.values(EXIT)) expect(help.out).toMatch(new RegExp(`^ +${code} +\\S`, 'm'));
});
