/**
 * TELEMETRY.md, made from the list of names.
 *
 * **Invariant:** nothing in it is written by hand but this frame; `npm run generate` refreshes it.
 */
import { ANNOTATION } from '../model/product.ts';
import {
  ATTRIBUTE,
  INSTANCE_LABEL_PREFIX,
  LOG_FIELD,
  METRIC,
  type Named,
  REASON,
  SPAN,
  SPAN_EVENT,
} from './names.ts';

export const telemetryReference = (): string =>
  [
    `# Telemetry

<!-- Generated from agent/telemetry/names.ts by \`npm run generate\`. Do not edit. -->

No private key is in any of it: material is told by its SHA-256 fingerprint.

## Traces

One trace for each rotation, sent by OTLP over HTTP (JSON) where \`OTEL_EXPORTER_OTLP_ENDPOINT\` or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\` is set;
the other standard \`OTEL_*\` variables hold. Nothing is sampled away. A span is exported when it ends, and the root last, by whichever process ends the
rotation: its ids are in the journal, so a killed and resumed rotation has one root too. The trace id is also in log lines, in Kubernetes
Events and, as \`${ANNOTATION.traceId}\`, on the published Secret.

A root whose sending was cut off by the end of the process is sent again by the next one, under the same ids, so a receiver may see the same root twice.
`,
    table('span', Object.values(SPAN)),
    '\n### Span events\n',
    table('event', Object.values(SPAN_EVENT)),
    '\n### Attributes\n',
    `Each label of an instance is an attribute too: \`${INSTANCE_LABEL_PREFIX}<label>\`.\n`,
    table('attribute', Object.values(ATTRIBUTE)),
    `
## Metrics

On \`/metrics\`, in Prometheus' text format: dots become \`_\`, counters end in \`_total\`, histograms in \`_bucket\`, \`_sum\` and \`_count\`.
All but build info carry \`mtls_rotator_instance_name\`, \`mtls_rotator_instance_namespace\`, \`mtls_rotator_instance_mode\` and one label for each label of
the instance. Counters begin at zero with each process; a rotation is counted by the process that ends it.
`,
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...Object.values(METRIC).map(
      ({ name, type, attributes, description }) =>
        `| \`${prometheusName(name, type)}\` | ${type} | ${attributes.map((one) => `\`${one.replaceAll('.', '_')}\``).join(', ')} | ${description} |`,
    ),
    `
## Kubernetes Events

In the instance's namespace; the same Event at most once in ten minutes. Where there is a rotation, \`${ANNOTATION.traceId}\` and
\`${ANNOTATION.rotation}\` are among its annotations.
`,
    table('reason', Object.values(REASON)),
    '\n## Log lines\n',
    'JSON, one line each, on standard output.\n',
    table('field', Object.values(LOG_FIELD)),
    '',
  ].join('\n');

/** A metric's name on `/metrics`. */
export const prometheusName = (name: string, type: string): string =>
  `${name.replaceAll('.', '_')}${type === 'counter' ? '_total' : ''}`;

const table = (head: string, rows: readonly Named[]): string =>
  [
    `| ${head} | meaning |`,
    '|---|---|',
    ...rows.map(({ name, description }) => `| \`${name}\` | ${description} |`),
  ].join('\n');
