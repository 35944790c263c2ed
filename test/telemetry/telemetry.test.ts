/** Telemetry as a whole, with a receiver that really receives. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import type { KubernetesEvent } from '../../agent/ports.ts';
import { createLogger } from '../../agent/telemetry/logs.ts';
import { createTelemetry } from '../../agent/telemetry/telemetry.ts';
import { KEY_BODY, leaking, NOON, rotation, wholeRotation } from './happenings.ts';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

test('a rotation arrives at an OTLP receiver, in /metrics, in Events and in the log, without a key', async () => {
  const bodies: string[] = [];
  const receiver = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const events: KubernetesEvent[] = [];
  const log: string[] = [];
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  let ids = 0;
  const telemetry = createTelemetry({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    version: '1.2.3',
    node: 'v24',
    identity: 'pod-1',
    clock: { now: () => NOON, after: () => () => undefined },
    random: {
      hex: (bytes) => {
        ids += 1;
        return ids.toString(16).padStart(bytes * 2, '0');
      },
    },
    logger: createLogger('info', { write: (line) => log.push(line) }),
    events: {
      cluster: {
        emitEvent: async (event) => {
          events.push(event);
        },
      },
      targetsOf: () => ({ mtlsSecret: 's', journalConfigMap: 'j' }),
    },
  });
  try {
    for (const happening of [...wholeRotation.slice(0, -1), ...leaking, ...wholeRotation.slice(-1)]) {
      telemetry.reporter.tell(happening);
    }
    const metrics = (await telemetry.metrics.text()).body;
    await telemetry.close();
    const spans = bodies.flatMap((body): OtlpSpan[] =>
      JSON.parse(body).resourceSpans.flatMap((one: { scopeSpans: { spans: OtlpSpan[] }[] }) =>
        one.scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
    const roots = spans.filter((span) => span.parentSpanId === undefined || span.parentSpanId === '');
    expect(roots).toMatchObject([
      { name: 'rotation', traceId: rotation.traceId, spanId: rotation.rootSpanId },
    ]);
    expect(spans.length).toBeGreaterThan(6);
    for (const span of spans) {
      expect(span.traceId).toBe(rotation.traceId);
      if (!roots.includes(span)) expect(span.parentSpanId).toBe(rotation.rootSpanId);
    }
    expect(metrics).toContain('mtls_rotator_rotations_total{');
    expect(events.map((event) => event.reason)).toContain('RotationEnded');
    expect(log.join('')).toContain('"event":"rotation-ended"');
    const everything = [...bodies, metrics, JSON.stringify(events), ...log].join('\n');
    expect(everything).not.toContain(KEY_BODY);
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    receiver.closeAllConnections();
    receiver.close();
  }
});
