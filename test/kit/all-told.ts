/**
 * Everything that an agent on the stand-in lets out, as texts by where they were found.
 *
 * **Invariant:** nothing is left out but the data of Secrets, where keys belong.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Happening } from '../../agent/model/happening.ts';
import type { KubernetesEvent } from '../../agent/ports.ts';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createLogger } from '../../agent/telemetry/logs.ts';
import { createTelemetry } from '../../agent/telemetry/telemetry.ts';
import { KINDS } from './api-server/kinds.ts';
import type { Installation } from './installation/index.ts';

export type Texts = Readonly<Record<string, string>>;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** What telemetry makes of these happenings at every level: log lines, spans on the wire, metrics, Events. */
export const telemetryOf = async (happenings: readonly Happening[]): Promise<Texts> => {
  const spans: string[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      spans.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const texts: Record<string, string> = { happenings: JSON.stringify(happenings) };
  try {
    for (const level of LEVELS) {
      const [events, lines]: [KubernetesEvent[], string[]] = [[], []];
      const telemetry = createTelemetry({
        environment: level === 'trace' ? { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } : {},
        version: '1.2.3',
        node: 'v24',
        identity: 'pod-1',
        clock: systemClock,
        random: systemRandom,
        logger: createLogger(level, { write: (line) => lines.push(line) }),
        events: {
          cluster: {
            emitEvent: async (event) => {
              events.push(event);
            },
          },
          targetsOf: () => ({ mtlsSecret: 's', journalConfigMap: 'j' }),
        },
      });
      for (const happening of happenings) telemetry.reporter.tell(happening);
      texts[`metrics (${level})`] = (await telemetry.metrics.text()).body;
      await telemetry.close();
      texts[`the log at ${level}`] = lines.join('');
      texts[`Events (${level})`] = JSON.stringify(events);
    }
    return { ...texts, spans: spans.join('\n') };
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    receiver.closeAllConnections();
    receiver.close();
  }
};

/** Every object of the namespace, of a Secret everything but its data; and every write but Secrets' data. */
export const clusterOf = ({ api, settings: { namespace } }: Installation): Texts => {
  const kept = ({ data, ...rest }: Readonly<Record<string, unknown>>, isSecret: boolean): unknown =>
    isSecret ? rest : { data, ...rest };
  const objects = KINDS.map(({ kind }) => [
    `${kind} objects`,
    JSON.stringify(api.objects.list(kind, namespace).map((object) => kept(object, kind === 'Secret'))),
  ]);
  const writes = api.writes.map(({ body, ...write }) => ({
    ...write,
    body: kept(body, write.resource === 'secrets'),
  }));
  return { ...Object.fromEntries(objects), writes: JSON.stringify(writes) };
};
