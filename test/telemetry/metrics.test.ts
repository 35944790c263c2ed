/** What `/metrics` says. */
import { describe, expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Happening } from '../../agent/model/happening.ts';
import { createMetricReporter } from '../../agent/telemetry/metrics.ts';
import { METRIC } from '../../agent/telemetry/names.ts';
import { prometheusName } from '../../agent/telemetry/reference.ts';
import {
  fingerprint,
  finished,
  hold,
  KEY_BODY,
  leaking,
  NOON,
  ofSidecar,
  plan,
  publish,
  rotation,
  told,
  wholeRotation,
} from './happenings.ts';

const OWN =
  'mtls_rotator_instance_name="payments",mtls_rotator_instance_namespace="argocd-payments",mtls_rotator_instance_mode="manage",mtls_rotator_instance_label_team="payments"';

const setUp = (now = NOON + 90_200) => {
  const reporter = createMetricReporter({
    clock: { now: () => now, after: () => () => undefined },
    resource: resourceFromAttributes({}),
    version: '1.2.3',
    node: 'v24',
  });
  const lines = async (): Promise<readonly string[]> => (await reporter.text()).body.split('\n');
  const following = async (happenings: readonly Happening[]): Promise<readonly string[]> => {
    for (const happening of happenings) reporter.tell(happening);
    return await lines();
  };
  return { reporter, lines, following };
};

const observed = (changes: Partial<Extract<Happening, { type: 'observed' }>> = {}): Happening =>
  ({
    ...told({ type: 'observed', plan, expiries: [], rotation: undefined }),
    ...changes,
  }) as Happening;

describe('metrics', () => {
  test('count a rotation by class, result and proof, with its restarts made and avoided', async () => {
    const lines = await setUp().following(wholeRotation);
    expect(lines).toContain(
      `mtls_rotator_rotations_total{${OWN},mtls_rotator_change_class="client-ca",mtls_rotator_result="succeeded",mtls_rotator_proof="taken"} 1`,
    );
    expect(lines).toContain(`mtls_rotator_restarts_total{${OWN},mtls_rotator_component="repo-server"} 1`);
    expect(lines).toContain(`mtls_rotator_restarts_avoided_total{${OWN}} 4`);
  });

  test('count a rotation once, though its end is told again', async () => {
    const end = told({ type: 'rotation-ended', rotation: finished });
    const lines = await setUp().following([end, end]);
    expect(lines.filter((line) => line.startsWith('mtls_rotator_rotations_total'))).toEqual([
      expect.stringMatching(/ 1$/),
    ]);
  });

  test('count verification calls by credential and outcome', async () => {
    const lines = await setUp().following(wholeRotation);
    expect(lines).toContain(
      `mtls_rotator_verification_calls_total{${OWN},mtls_rotator_call_credential="nobody",mtls_rotator_call_outcome="refused"} 1`,
    );
    expect(lines).toContain(`mtls_rotator_verification_pods_total{${OWN},mtls_rotator_verdict="proven"} 1`);
  });

  test('measure how long a change went unnoticed and unpublished', async () => {
    const lines = await setUp().following(wholeRotation);
    expect(lines).toContain(`mtls_rotator_detection_latency_seconds_sum{${OWN}} 0.8`);
    expect(lines).toContain(`mtls_rotator_publication_latency_seconds_bucket{${OWN},le="1"} 1`);
  });

  test('give the age of the last proof at the moment they are read', async () => {
    const lines = await setUp().following(wholeRotation);
    expect(lines).toContain(`mtls_rotator_proof_age_seconds{${OWN},mtls_rotator_verdict="proven"} 60`);
  });

  test('give expiries by role, and drop a certificate that is no longer there', async () => {
    const { following } = setUp();
    const fact = {
      role: 'client-leaf',
      subject: 'CN=x',
      fingerprint: fingerprint('a'),
      notAfter: NOON,
      where: 'published',
    } as const;
    const series = (lines: readonly string[]) =>
      lines.filter((line) => line.startsWith('mtls_rotator_certificate_expiry_timestamp_seconds{'));
    expect(series(await following([observed({ expiries: [fact] })]))).toEqual([
      `mtls_rotator_certificate_expiry_timestamp_seconds{${OWN},mtls_rotator_role="client-leaf",mtls_rotator_where="published",mtls_rotator_fingerprint="aaaaaaaaaaaa"} ${NOON / 1000}`,
    ]);
    expect(
      series(await following([observed({ expiries: [{ ...fact, fingerprint: fingerprint('f') }] })])),
    ).toEqual([expect.stringContaining('ffffffffffff')]);
  });

  test('say the phase', async () => {
    const { following } = setUp();
    const phase = (lines: readonly string[]) =>
      lines
        .filter((line) => /^mtls_rotator_phase\{.* 1$/.test(line))
        .map((line) => /mtls_rotator_phase="([^"]+)"/.exec(line)?.[1]);
    expect(phase(await following([observed()]))).toEqual(['idle']);
    expect(phase(await following([told({ type: 'step-started', rotation, step: publish })]))).toEqual([
      'publish',
    ]);
    expect(phase(await following([told({ type: 'held', hold, plan })]))).toEqual(['held']);
    expect(phase(await following([observed()]))).toEqual(['idle']);
  });

  test('say that an instance is held, refused or degraded for as long as it is', async () => {
    const { following } = setUp();
    const refusal = { code: 'expired', what: '', effect: '', next: '' } as const;
    const during = await following([
      told({ type: 'held', hold, plan }),
      told({ type: 'refused', source: 's', refusal }),
      told({ type: 'degraded', error: 'x', kind: 'transient', retryAt: NOON }),
    ]);
    expect(during).toContain(`mtls_rotator_held{${OWN},mtls_rotator_code="restart-budget"} 1`);
    expect(during).toContain(
      `mtls_rotator_material_refused{${OWN},mtls_rotator_code="expired",mtls_rotator_source="s"} 1`,
    );
    expect(during).toContain(`mtls_rotator_degraded{${OWN}} 1`);
    const later = await following([observed()]);
    expect(later.filter((line) => /^mtls_rotator_(held|material_refused)\{/.test(line))).toEqual([]);
    expect(later).toContain(`mtls_rotator_degraded{${OWN}} 0`);
  });

  test('forget the gauges of an instance that is no longer configured', async () => {
    const { reporter, lines } = setUp();
    reporter.tell(observed());
    reporter.forget('payments');
    expect((await lines()).filter((line) => line.includes('payments'))).toEqual([]);
  });

  test('say which agent runs', async () => {
    expect(await setUp().lines()).toContain(
      'mtls_rotator_build_info{mtls_rotator_version="1.2.3",mtls_rotator_node="v24"} 1',
    );
  });

  test('exist under exactly the documented names, with the instance on each', async () => {
    const lines = await setUp().following([
      observed({
        expiries: [
          { role: 'serving', subject: '', fingerprint: fingerprint('a'), notAfter: NOON, where: 'source' },
        ],
      }),
      ...wholeRotation,
      ...leaking,
      told({
        type: 'step-ended',
        rotation,
        step: publish,
        startedAt: NOON,
        notes: [],
        end: { result: 'failed', error: '' },
      }),
      told({ type: 'rotation-started', rotation, plan, resumed: false }),
      ...ofSidecar,
      told({ type: 'held', hold: { ...hold, policy: { reason: 'frozen', opens: 1, deadline: 2 } }, plan }),
    ]);
    const families = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2]);
    expect(families.toSorted()).toEqual(
      Object.values(METRIC)
        .map(({ name, type }) => prometheusName(name, type))
        .toSorted(),
    );
    for (const line of lines.filter(
      (one) => one !== '' && !one.startsWith('#') && !one.startsWith('mtls_rotator_build_info'),
    )) {
      expect(line).toContain(OWN);
    }
  });

  test('never hold a key', async () => {
    expect((await setUp().following(leaking)).join('\n')).not.toContain(KEY_BODY);
  });
});
