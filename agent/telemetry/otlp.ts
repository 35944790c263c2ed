/**
 * Where telemetry goes and who it says it comes from, by the standard OTEL_* variables.
 *
 * **Invariant:** nothing is sent anywhere unless an endpoint is configured.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { PRODUCT } from '../model/product.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The exporter that the environment asks for; it reads its own settings (endpoint, headers, time-out, certificates) from the same
 * variables. `undefined` without an endpoint, and where traces or the SDK are switched off.
 */
export const traceExporterFrom = (environment: Environment): SpanExporter | undefined => {
  const endpoint =
    environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  const off =
    endpoint.trim() === '' ||
    environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true' ||
    environment.OTEL_TRACES_EXPORTER?.toLowerCase() === 'none';
  return off ? undefined : new OTLPTraceExporter();
};

/** Who tells. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word. */
export const resourceOf = (version: string, reporter: string): Resource =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': PRODUCT,
        'service.version': version,
        'service.instance.id': reporter,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
