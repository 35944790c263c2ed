/** Telling many, and the environment's say in it. */
import { expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import { fanOut } from '../../agent/telemetry/fan-out.ts';
import { resourceOf, traceExporterFrom } from '../../agent/telemetry/otlp.ts';
import { scrub } from '../../agent/telemetry/scrub.ts';
import { told } from './happenings.ts';

const broken = {
  tell: () => {
    throw new Error('broken');
  },
  flush: async () => {
    throw new Error('broken');
  },
};

test('a reporter that throws keeps no other from being told, and is told of', async () => {
  const heard: Happening[] = [];
  const troubles: unknown[] = [];
  const all = fanOut([broken, { tell: (one) => heard.push(one), flush: async () => undefined }], (error) => {
    troubles.push(error);
    throw error;
  });
  all.tell(told({ type: 'recovered' }));
  await all.flush();
  expect(heard).toHaveLength(1);
  expect(troubles).toHaveLength(1);
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
])('with %j traces are sent: %s', async (environment, sent) => {
  const exporter = traceExporterFrom(environment);
  expect(exporter !== undefined).toBe(sent);
  await exporter?.shutdown();
});

test('telemetry says which agent it comes from', () => {
  expect(resourceOf('1.2.3', 'pod-1').attributes).toMatchObject({
    'service.name': 'argocd-mtls-rotator',
    'service.version': '1.2.3',
    'service.instance.id': 'pod-1',
  });
});

test.each([
  ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----', '[secret]'],
  ['-----BEGIN EC PRIVATE KEY-----\nabc', '[secret]'],
  ['x LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t y', 'x [secret] y'],
  [
    '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
    '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
  ],
  ['plain', 'plain'],
])('text %j leaves as %j', (text, expected) => {
  expect(scrub(text)).toBe(expected);
});
