/** What an operator sees of a plan. */
import { describe, expect, test } from '@jest/globals';
import { renderPlan } from '../../agent/cli/render-plan.ts';
import { wantsColours, wrap } from '../../agent/cli/text.ts';
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { Plan } from '../../agent/model/plan.ts';
import { NO_VIEW } from '../kit/plan/policy-view.ts';

const fingerprint = (digit: string): Fingerprint => digit.repeat(64) as Fingerprint;
const instance = { name: 'payments', namespace: 'argocd-payments', mode: 'manage' } as const;

const plan: Plan = {
  changeClass: 'client-ca',
  steps: [
    {
      kind: 'publish',
      object: { kind: 'Secret', name: 'argocd-repo-server-mtls' },
      changes: [{ role: 'client-ca', to: 'x' as never, anchors: [fingerprint('a'), fingerprint('b')] }],
      reason:
        'old and new CA are trusted together, so that each pod accepts both leafs while pods are replaced',
    },
    {
      kind: 'rollout',
      workload: { kind: 'Deployment', namespace: 'argocd-payments', name: 'argocd-repo-server' },
      component: 'repo-server',
      fingerprint: 'abc',
      progress: 'needed',
      notBefore: Date.UTC(2026, 0, 1),
      reason: 'repo-server reads client-ca.crt once, at start',
    },
    { kind: 'wait', until: undefined, duration: 180_000, reason: 'clients read the leaf from the mount' },
    { kind: 'prove', purpose: 'closing', reason: 'the rotation ends with a proof' },
  ],
  restartsAvoided: [{ component: 'server', reason: 'reads client.crt on every call' }],
  evidence: [
    {
      about: 'pod argocd-repo-server-1',
      component: 'repo-server',
      what: 'trusts aaaaaaaaaaaa',
      grade: 'proven',
    },
    { about: 'Deployment argocd-server', component: 'server', what: 'shows cccccccccccc', grade: 'presumed' },
  ],
  findings: [
    {
      code: 'not-mounted',
      severity: 'blocking',
      about: 'Deployment argocd-payments/argocd-application-controller',
      what: 'The pod template mounts no client certificate.',
      effect: 'Enabling mTLS would cut this component off.',
      next: 'Apply the patch.',
      patch: `spec:\n  template:\n    # ${'long '.repeat(30)}`,
    },
  ],
  hold: undefined,
  policy: NO_VIEW,
  goal: { clientCa: [], leafs: [], serverCa: [], serving: undefined },
};

const hold = {
  code: 'preflight',
  what: 'A component would be cut off.',
  effect: 'Nothing is changed.',
  next: 'Mend what preflight found.',
  until: undefined,
} as const;

const lines = (text: string) => text.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '));

describe('a rendered plan', () => {
  test('names the change, and each step in order with what it works on, its reason and what is waited for', () => {
    expect(lines(renderPlan(plan, instance))).toEqual(
      expect.arrayContaining([
        'payments: client-ca',
        'CA of the client certificate replaced (namespace argocd-payments, mode manage)',
        '1. publish Secret argocd-repo-server-mtls',
        'holds client-ca: aaaaaaaaaaaa, bbbbbbbbbbbb',
        '2. rollout Deployment argocd-payments/argocd-repo-server',
        'why repo-server reads client-ca.crt once, at start',
        '3. wait 180 s',
        'until 3m have passed (presumed, no API field tells)',
        '4. prove every repo-server pod',
      ]),
    );
    expect(renderPlan(plan, instance).replaceAll(/\s+/g, ' ')).toContain(
      'not begun before 2026-01-01T00:00:00.000Z',
    );
  });

  test('counts the restarts made and names each one avoided with its reason', () => {
    expect(lines(renderPlan(plan, instance))).toEqual(
      expect.arrayContaining([
        'Restarts: 1 made, 1 avoided',
        'made repo-server: 1',
        'avoided server: reads client.crt on every call',
      ]),
    );
  });

  test('shows what is only presumed as presumed', () => {
    const shown = lines(renderPlan(plan, instance));
    expect(shown).toContain('proven pod argocd-repo-server-1 (repo-server) trusts aaaaaaaaaaaa');
    expect(shown).toContain('presumed Deployment argocd-server (server) shows cccccccccccc');
  });

  test('says what is held, what that means for traffic and what to do, before anything else', () => {
    const shown = renderPlan({ ...plan, hold }, instance);
    expect(lines(shown)).toEqual(
      expect.arrayContaining([
        'Held: preflight',
        'effect Nothing is changed.',
        'next Mend what preflight found.',
      ]),
    );
    expect(shown.indexOf('Held:')).toBeLessThan(shown.indexOf('Steps that would follow'));
  });

  test('fits 100 columns, but for patches, which stand as they must be applied', () => {
    const long = 'a reason that goes on and on, '.repeat(20);
    const wide: Plan = {
      ...plan,
      hold: { ...hold, what: 'x'.repeat(300) },
      steps: plan.steps.map((step) => ({ ...step, reason: long })),
      restartsAvoided: [{ component: 'applicationset-controller', reason: long }],
      evidence: plan.evidence.map((one) => ({ ...one, about: 'y'.repeat(150) })),
    };
    const patch = plan.findings[0]?.patch ?? '';
    const patchLines = new Set(patch.split('\n').map((line) => line.trim()));
    for (const line of renderPlan(wide, instance).split('\n')) {
      if (!patchLines.has(line.trim())) expect(line.length).toBeLessThanOrEqual(100);
    }
    expect(renderPlan(wide, instance)).toContain(patch.split('\n')[2]?.trimEnd());
  });

  test('says so when there is nothing to do', () => {
    const idle: Plan = {
      ...plan,
      changeClass: 'none',
      steps: [],
      restartsAvoided: [],
      evidence: [],
      findings: [],
    };
    expect(renderPlan(idle, instance)).toBe(
      'payments: none\n  nothing to do (namespace argocd-payments, mode manage)\n\nSteps: none\n\nRestarts: 0 made, 0 avoided\n',
    );
  });

  test('says the same with colours and without', () => {
    const coloured = renderPlan({ ...plan, hold }, instance, { colours: true });
    const plain = renderPlan({ ...plan, hold }, instance);
    expect(coloured).not.toBe(plain);
    expect(coloured.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '')).toBe(plain);
    expect(plain).not.toContain(String.fromCharCode(27));
  });

  test('lets no text of the cluster steer the terminal', () => {
    const clearScreen = `${String.fromCharCode(27)}[2J`;
    const evil: Plan = {
      ...plan,
      hold: { ...hold, what: `before${clearScreen}after` },
      findings: plan.findings.map((one) => ({ ...one, patch: clearScreen })),
    };
    expect(renderPlan(evil, instance)).not.toContain(String.fromCharCode(27));
  });
});

test.each([
  [true, undefined, true],
  [true, '', true],
  [true, '1', false],
  [false, undefined, false],
])('on a terminal: %s, with NO_COLOR %j: colours %s', (terminal, noColor, colours) => {
  expect(wantsColours(terminal, noColor)).toBe(colours);
});

test('wrapping loses no word', () => {
  expect(wrap('one two three', 2, 12)).toEqual(['  one two', '  three']);
  expect(wrap('x'.repeat(25), 0, 12).join('')).toBe('x'.repeat(25));
});
