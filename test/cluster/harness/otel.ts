/** A real OpenTelemetry Collector; the spans it received are read back from the file it writes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { stringify } from 'yaml';
import { daemonReady, startDaemon } from './daemon.ts';
import { program } from './parts.ts';
import { network, ports, state } from './settings.ts';

/** For OTEL_EXPORTER_OTLP_ENDPOINT, from the host and from pods alike. */
export const otlpEndpoint = `http://${network.host}:${ports.otlp}`;
const file = (): string => state('spans.jsonl');

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly statusCode: number;
}

export async function startCollector(): Promise<void> {
  const config = state('otelcol.yaml');
  writeFileSync(
    config,
    stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `${network.host}:${ports.otlp}` } } } },
      exporters: { file: { path: file(), flush_interval: '200ms' } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: { receivers: ['otlp'], exporters: ['file'] } },
      },
    }),
  );
  startDaemon({ name: 'otelcol', command: await program('otelcol'), args: ['--config', config] });
  await daemonReady('otelcol', 15, listening);
}

/** Every span received since the cluster's start, optionally of one trace. */
export function receivedSpans(traceId?: string): ReceivedSpan[] {
  if (!existsSync(file())) return [];
  const spans: ReceivedSpan[] = [];
  for (const line of readFileSync(file(), 'utf8').split('\n')) {
    if (line === '' || !line.endsWith('}')) continue;
    const message = JSON.parse(line) as Message;
    for (const { resource, scopeSpans } of message.resourceSpans ?? []) {
      const ofResource = values(resource?.attributes);
      for (const span of (scopeSpans ?? []).flatMap((scope) => scope.spans ?? [])) {
        if (traceId !== undefined && span.traceId !== traceId) continue;
        spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          name: span.name,
          startTimeUnixNano: span.startTimeUnixNano,
          endTimeUnixNano: span.endTimeUnixNano,
          attributes: values(span.attributes),
          resource: ofResource,
          statusCode: span.status?.code ?? 0,
        });
      }
    }
  }
  return spans;
}

interface Attribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

interface Message {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly Attribute[] };
    readonly scopeSpans?: readonly {
      readonly spans?: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly Attribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

function values(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: Record<string, unknown>): unknown {
  if ('intValue' in value) return Number(value.intValue);
  if ('arrayValue' in value) {
    const array = value.arrayValue as { values?: Record<string, unknown>[] };
    return (array.values ?? []).map(plain);
  }
  return Object.values(value)[0];
}

function listening(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: network.host, port: ports.otlp });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
