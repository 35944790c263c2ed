/**
 * All of telemetry as one reporter.
 *
 * **Invariant:** a consumer that fails is logged and keeps no other from being told.
 */
import type { Logger } from 'pino';
import type { Clock, Cluster, Random, Reporter } from '../ports.ts';
import { createEventReporter, type EventTargets } from './events.ts';
import { fanOut } from './fan-out.ts';
import { createLogReporter } from './logs.ts';
import { createMetricReporter, type MetricReporter } from './metrics.ts';
import { resourceOf, traceExporterFrom } from './otlp.ts';
import { createTraceReporter } from './traces.ts';

export interface TelemetryParts {
  /** OTEL_* variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Version of Node. */
  readonly node: string;
  /** Who of several agents this is: the pod's name. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Where Kubernetes Events go; `undefined`: none are emitted. */
  readonly events:
    | {
        readonly cluster: Pick<Cluster, 'emitEvent'>;
        readonly targetsOf: (instance: string) => EventTargets | undefined;
      }
    | undefined;
}

export interface Telemetry {
  readonly reporter: Reporter;
  readonly metrics: MetricReporter;
  /** Sends what is on its way and lets go of everything. Never rejects. */
  close(): Promise<void>;
}

export const createTelemetry = (parts: TelemetryParts): Telemetry => {
  const { logger, clock, random, version, node } = parts;
  const resource = resourceOf(version, parts.identity);
  const exporter = traceExporterFrom(parts.environment);
  const traces =
    exporter === undefined
      ? undefined
      : createTraceReporter({
          exporter,
          resource,
          version,
          random,
          clock,
          listener: {
            onKept: (span, error) =>
              logger.warn(
                { error: textOf(error) },
                `span ${span} did not arrive; it is tried again for an hour`,
              ),
            onLost: (span, error) => logger.warn({ error: textOf(error) }, `span ${span} is lost`),
          },
        });
  const metrics = createMetricReporter({ clock, resource, version, node });
  const events =
    parts.events === undefined
      ? []
      : [
          createEventReporter({
            ...parts.events,
            onTrouble: (error) => logger.warn({ error: textOf(error) }, 'an Event could not be emitted'),
          }),
        ];
  const reporter = fanOut(
    [createLogReporter(logger), metrics, ...events, ...(traces === undefined ? [] : [traces])],
    (error, happening) => logger.error({ error: textOf(error) }, `telling ${happening.type} failed`),
  );
  return {
    reporter,
    metrics,
    close: async () => {
      await reporter.flush();
      await Promise.allSettled([traces?.close(), metrics.close()]);
    },
  };
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
