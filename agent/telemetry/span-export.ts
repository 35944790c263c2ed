/**
 * Hands each span to the exporter the moment it ends, and tells of each that did not arrive.
 *
 * The SDK's SimpleSpanProcessor does the first half; what it can't deliver it tells to a handler of the whole process.
 *
 * **Invariant:** nothing is held back that the receiver keeps up with: a process that is killed loses at most what was on its way.
 */
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

/** What the exporter answers; its code is 0 where the span arrived (@opentelemetry/core ExportResultCode.SUCCESS). */
type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];
const ARRIVED = 0;
/** The OTLP exporter refuses more than 30 at a time (otlp-exporter-base, concurrencyLimit). */
const AT_A_TIME = 16;

export class ArrivalProcessor implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #onLost: (span: string, error: unknown) => void;
  readonly #underway = new Set<Promise<void>>();
  readonly #waiting: ReadableSpan[] = [];

  constructor(exporter: SpanExporter, onLost: (span: string, error: unknown) => void) {
    this.#exporter = exporter;
    this.#onLost = onLost;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#waiting.push(span);
    this.#next();
  }

  /** Waits for what is on its way. Never rejects. */
  async forceFlush(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
    await this.#exporter.shutdown();
  }

  #next(): void {
    if (this.#underway.size >= AT_A_TIME) return;
    const span = this.#waiting.shift();
    if (span === undefined) return;
    const arrival = this.#send(span).finally(() => {
      this.#underway.delete(arrival);
      this.#next();
    });
    this.#underway.add(arrival);
  }

  async #send(span: ReadableSpan): Promise<void> {
    try {
      if (span.resource.asyncAttributesPending) await span.resource.waitForAsyncAttributes?.();
      const result = await new Promise<ExportResult>((settle) => {
        this.#exporter.export([span], settle);
      });
      if (result.code !== ARRIVED) this.#onLost(span.name, result.error);
    } catch (error) {
      this.#onLost(span.name, error);
    }
  }
}
