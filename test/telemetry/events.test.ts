/** Kubernetes Events of what happens. */
import { describe, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import type { KubernetesEvent } from '../../agent/ports.ts';
import { createEventReporter } from '../../agent/telemetry/events.ts';
import { REASON } from '../../agent/telemetry/names.ts';
import { hold, KEY_BODY, leaking, NOON, plan, rotation, told, wholeRotation } from './happenings.ts';

const TARGETS = { mtlsSecret: 'argocd-repo-server-mtls', journalConfigMap: 'journal' };

const following = async (
  happenings: readonly Happening[],
  emitEvent: (event: KubernetesEvent) => Promise<void> = async () => undefined,
) => {
  const events: KubernetesEvent[] = [];
  const troubles: unknown[] = [];
  const reporter = createEventReporter({
    cluster: {
      emitEvent: (event) => {
        events.push(event);
        return emitEvent(event);
      },
    },
    targetsOf: (name) => (name === 'payments' ? TARGETS : undefined),
    onTrouble: (error) => troubles.push(error),
  });
  for (const happening of happenings) reporter.tell(happening);
  await reporter.flush();
  return { events, troubles };
};

const held = (at: number, until = at) => told({ type: 'held', hold: { ...hold, until }, plan }, at);

describe('Events', () => {
  test('tell a rotation on the objects it is about, with its trace id', async () => {
    const { events } = await following(wholeRotation);
    expect(
      events.map(
        ({ reason, regarding }) => `${reason} ${regarding.apiVersion} ${regarding.kind} ${regarding.name}`,
      ),
    ).toEqual([
      'RotationStarted v1 ConfigMap journal',
      'Published v1 Secret argocd-repo-server-mtls',
      'RestartAsked apps/v1 Deployment argocd-repo-server',
      'RotationEnded v1 Secret argocd-repo-server-mtls',
    ]);
    for (const event of events) {
      expect(event.namespace).toBe('argocd-payments');
      expect(event.annotations).toEqual({
        'argocd-mtls-rotator.dev/trace-id': rotation.traceId,
        'argocd-mtls-rotator.dev/rotation': 'r1',
      });
    }
  });

  test('say the same thing once in ten minutes, however often it is looked at', async () => {
    const minute = 60_000;
    const { events } = await following(
      [0, 1, 5, 9.9, 10, 11].map((minutes) => held(NOON + minutes * minute)),
    );
    expect(events.map((event) => event.at)).toEqual([NOON, NOON + 10 * minute]);
  });

  test('say at once that something else is held', async () => {
    const other = told({ type: 'held', hold: { ...hold, code: 'preflight' }, plan });
    expect((await following([held(NOON), other])).events).toHaveLength(2);
  });

  test('warn of what an operator must mend, and only tell of what the mode wants', async () => {
    const observing = told({ type: 'held', hold: { ...hold, code: 'mode-observe' }, plan });
    expect((await following([held(NOON), observing])).events.map((event) => event.type)).toEqual([
      'Warning',
      'Normal',
    ]);
  });

  test('tell each restart of one rotation', async () => {
    const ask = (at: number) =>
      told(
        { type: 'restart-asked', rotation, component: 'repo-server', workload: 'Deployment/a', reason: 'r' },
        at,
      );
    expect((await following([ask(NOON), ask(NOON + 1000)])).events).toHaveLength(2);
  });

  test('name blocking findings only', async () => {
    const finding = {
      code: 'c',
      about: 'Deployment a/b',
      what: 'w',
      effect: 'e',
      next: 'n',
      patch: undefined,
    };
    const { events } = await following([
      told({
        type: 'found',
        findings: [
          { ...finding, severity: 'blocking' },
          { ...finding, severity: 'warning' },
        ],
      }),
    ]);
    expect(events).toMatchObject([{ reason: 'PreflightFound', note: 'Deployment a/b: w e n' }]);
  });

  test('tell what preflight found at a look, once', async () => {
    const finding = {
      code: 'c',
      severity: 'blocking',
      about: 'Deployment a/b',
      what: 'w',
      effect: 'e',
      next: 'n',
      patch: undefined,
    } as const;
    const look = told({
      type: 'observed',
      plan: { ...plan, findings: [finding] },
      expiries: [],
      rotation: undefined,
    });
    expect((await following([look, look])).events.map((event) => event.reason)).toEqual(['PreflightFound']);
  });

  test('change nothing where they are forbidden', async () => {
    const { troubles } = await following([held(NOON)], async () => {
      throw new Error('forbidden');
    });
    expect(troubles).toEqual([new Error('forbidden')]);
  });

  test('are not emitted for an instance that is no longer configured', async () => {
    const happening = held(NOON);
    expect(
      (await following([{ ...happening, instance: { ...happening.instance, name: 'gone' } }])).events,
    ).toEqual([]);
  });

  test('have documented reasons only, and never hold a key', async () => {
    const { events } = await following([
      ...wholeRotation,
      ...leaking,
      told({ type: 'recovered' }),
      told({ type: 'rotation-resumed', rotation }),
    ]);
    const documented = Object.values(REASON).map(({ name }) => name as string);
    for (const event of events) expect(documented).toContain(event.reason);
    expect(JSON.stringify(events)).toContain('[secret]');
    expect(JSON.stringify(events)).not.toContain(KEY_BODY);
  });
});
