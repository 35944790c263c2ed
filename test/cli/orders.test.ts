/** `approve`, `pause`, `resume`: what is written, and what is refused before anything is. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../../agent/cli/exit-codes.ts';
import { runProgram } from '../../agent/cli/program.ts';
import { parseConfig } from '../../agent/config/parse.ts';
import type { Plan } from '../../agent/model/plan.ts';
import { ANNOTATION } from '../../agent/model/product.ts';
import { plan } from '../telemetry/happenings.ts';

const parsed = parseConfig(
  '{ apiVersion: mtls-rotator/v1alpha1, kind: RotatorConfig, instances: [{ name: a, namespace: argocd-a, clients: { default: { certManager: { certificate: c } } } }] }',
);
const instances = parsed.ok ? parsed.settings.instances : [];
const [instance] = instances;

const DIGEST = 'ab'.repeat(16);
const waiting: Plan = { ...plan, policy: { ...plan.policy, digest: DIGEST, classes: ['client-ca'] } };

const call = async (argv: readonly string[], planned: Plan = waiting) => {
  const orders: object[] = [];
  const output = { out: '', err: '' };
  const code = await runProgram(argv, {
    version: '0',
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
    openMigration: () => Promise.reject(new Error('not asked for')),
    runSidecar: () => Promise.reject(new Error('not asked for')),
    open: async () => ({
      instances,
      plan: async () => {
        if (instance === undefined) throw new Error('no instance');
        return { instance, plan: planned };
      },
      order: async (name, annotations) => {
        orders.push({ name, ...annotations });
      },
      run: async () => undefined,
      close: async () => undefined,
    }),
  });
  return { code, orders, ...output };
};

describe('approve', () => {
  test('writes digest, name and change, and says what was approved', async () => {
    const { code, orders, out } = await call(['approve', 'a', DIGEST, '--by', 'Ada', '--change', 'CHG-1']);
    expect(code).toBe(EXIT.ok);
    expect(orders).toEqual([
      {
        name: 'a',
        [ANNOTATION.approvedPlan]: DIGEST,
        [ANNOTATION.approvedBy]: 'Ada',
        [ANNOTATION.change]: 'CHG-1',
      },
    ]);
    expect(out).toBe(`a: plan ${DIGEST} (client-ca) is approved by Ada, change CHG-1.\n`);
  });

  test('without a change takes away the id of the one before', async () => {
    expect((await call(['approve', 'a', DIGEST, '--by', 'Ada'])).orders).toMatchObject([
      { [ANNOTATION.change]: '' },
    ]);
  });

  test('of a plan that has changed since writes nothing and names the plan as it is', async () => {
    const { code, orders, err } = await call(['approve', 'a', 'cd'.repeat(16), '--by', 'Ada']);
    expect({ code, orders }).toEqual({ code: EXIT.usage, orders: [] });
    expect(err).toContain(`What would be done now in a is plan ${DIGEST}`);
  });

  test('where nothing is left to be done writes nothing', async () => {
    const { code, orders } = await call(['approve', 'a', DIGEST, '--by', 'Ada'], plan);
    expect({ code, orders }).toEqual({ code: EXIT.usage, orders: [] });
  });
});

test('pause writes who and why; resume ends it', async () => {
  expect((await call(['pause', 'a', '--by', 'Ada', '--why', 'move'])).orders).toEqual([
    { name: 'a', [ANNOTATION.paused]: 'move', [ANNOTATION.pausedBy]: 'Ada' },
  ]);
  expect((await call(['resume', 'a', '--by', 'Ada'])).orders).toEqual([
    { name: 'a', [ANNOTATION.paused]: '', [ANNOTATION.pausedBy]: 'Ada' },
  ]);
});

test.each([
  [['approve', 'a', DIGEST]],
  [['approve', 'a', DIGEST.slice(1), '--by', 'Ada']],
  [['approve', 'b', DIGEST, '--by', 'Ada']],
  [['approve', 'a', DIGEST, '--by', 'Ada\nEve']],
  [['pause', 'a', '--by', 'Ada']],
  [['pause', 'a', '--by', 'Ada', '--why', ' ']],
  [['pause', 'b', '--by', 'Ada', '--why', 'move']],
  [['resume', 'a']],
])('%j is wrong usage, and writes nothing', async (argv) => {
  expect(await call(argv)).toMatchObject({ code: EXIT.usage, orders: [] });
});
