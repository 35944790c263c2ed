/** What the policy holds and lets through, as Events, spans and metrics tell it. */
import { describe, expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import type { Hold } from '../../agent/model/plan.ts';
import type { PolicyHold } from '../../agent/model/policy.ts';
import type { KubernetesEvent } from '../../agent/ports.ts';
import { isExpected } from '../../agent/telemetry/describe.ts';
import { createEventReporter } from '../../agent/telemetry/events.ts';
import { createMetricReporter } from '../../agent/telemetry/metrics.ts';
import { createTraceReporter } from '../../agent/telemetry/traces.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import { hold, NOON, plan, rotation, told } from './happenings.ts';

const HOUR = 3_600_000;
const heldBy = (policy: PolicyHold): Hold => ({ ...hold, code: 'held-by-policy', policy });
const outside = heldBy({ reason: 'outside-window', opens: NOON + HOUR, deadline: NOON + 9 * HOUR });

const approved = {
  ...rotation,
  admission: {
    goal: 'g',
    by: 'policy',
    approval: { digest: 'ab'.repeat(16), by: 'Ada', change: 'CHG-1' },
  },
} as const;
const opened = told({ type: 'policy-opened', rotation: approved, hold: outside, since: NOON - HOUR });

test('a hold that opens is an Event with who approved it and since when it was held', async () => {
  const events: KubernetesEvent[] = [];
  const reporter = createEventReporter({
    cluster: { emitEvent: async (event) => void events.push(event) },
    targetsOf: () => ({ mtlsSecret: 's', journalConfigMap: 'j' }),
    onTrouble: () => undefined,
  });
  reporter.tell(opened);
  await reporter.flush();
  expect(events).toMatchObject([
    {
      reason: 'PolicyOpened',
      type: 'Normal',
      note: expect.stringMatching(
        /goes on by the policy; plan (ab){16} approved by Ada \(change CHG-1\)\. It was held since .*T11:00/,
      ),
    },
  ]);
});

test('the trace has the hold as a span, and approver and change on every span', async () => {
  const exporter = new InMemorySpanExporter();
  let ids = 0;
  const reporter = createTraceReporter({
    exporter,
    resource: resourceFromAttributes({}),
    version: '0',
    random: {
      hex: (bytes) => {
        ids += 1;
        return ids.toString(16).padStart(bytes * 2, '0');
      },
    },
    clock: new ManualClock(),
    listener: { onKept: () => undefined, onLost: () => undefined },
  });
  reporter.tell(told({ type: 'rotation-started', rotation: approved, plan, resumed: false }));
  reporter.tell(opened);
  await reporter.flush();
  const spans = exporter.getFinishedSpans();
  for (const span of spans) {
    expect(span.attributes).toMatchObject({
      'mtls_rotator.policy.admitted_by': 'policy',
      'mtls_rotator.approval.by': 'Ada',
      'mtls_rotator.approval.change': 'CHG-1',
    });
  }
  const span = spans.find(({ name }) => name === 'policy');
  expect(span?.attributes).toMatchObject({ 'mtls_rotator.policy.reason': 'outside-window' });
  expect(span?.events.map(({ name }) => name)).toEqual(['held', 'opened']);
  expect((span?.startTime[0] ?? 0) * 1000).toBe(NOON - HOUR);
});

test('metrics say why, until when, and when the first certificate expires, for as long as it is held', async () => {
  const metrics = createMetricReporter({
    clock: new ManualClock(NOON),
    resource: resourceFromAttributes({}),
    version: '0',
    node: '0',
  });
  const lines = async () =>
    (await metrics.text()).body
      .split('\n')
      .filter((line) => /^mtls_rotator_policy/.test(line))
      .map((line) => line.replace(/\{.*?(mtls_rotator_policy_reason="[^"]*")?\}/, ' $1').replace(/ +/g, ' '));
  metrics.tell(told({ type: 'held', hold: outside, plan }));
  expect((await lines()).join('\n')).toMatch(
    /^mtls_rotator_policy_held .*\nmtls_rotator_policy_opens_timestamp_seconds \d+.*\nmtls_rotator_policy_deadline_timestamp_seconds \d+/,
  );
  metrics.tell(told({ type: 'observed', plan, expiries: [], rotation: undefined }));
  expect(await lines()).toEqual([]);
  await metrics.close();
});

describe('a hold by the policy', () => {
  test.each<[string, PolicyHold, boolean]>([
    ['that opens in time is as it should be', { reason: 'frozen', opens: 1, deadline: 2 }, true],
    ['that opens when it is too late is not', { reason: 'frozen', opens: 2, deadline: 2 }, false],
    ['that never opens is not', { reason: 'outside-window', opens: undefined, deadline: undefined }, false],
    ['of a pause is', { reason: 'paused', opens: undefined, deadline: 2 }, true],
    ['for want of an approval is', { reason: 'approval-missing', opens: undefined, deadline: 2 }, true],
    [
      'with a void approval is not',
      { reason: 'approval-of-another-plan', opens: undefined, deadline: 2 },
      false,
    ],
  ])('%s', (_, policy, expected) => {
    expect(isExpected(heldBy(policy))).toBe(expected);
  });
});
