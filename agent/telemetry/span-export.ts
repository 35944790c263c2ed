/**
 * Hands each span to the exporter the moment it ends; what does not arrive is kept for a while and tried again.
 *
 * The SDK's SimpleSpanProcessor does the first half; what it can't deliver it tells to a handler of the whole process.
 *
 * **Invariant:** nothing is held back that the receiver keeps up with, and nobody waits for a receiver that is away longer than for one try:
 * a process that is killed loses at most what was on its way and what was kept.
 */
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Duration, Instant } from '../model/terms.ts';
import type { Clock } from '../ports.ts';

/** What the exporter answers; its code is 0 where the span arrived (@opentelemetry/core ExportResultCode.SUCCESS). */
type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];
const ARRIVED = 0;
/** The OTLP exporter refuses more than 30 at a time (otlp-exporter-base, concurrencyLimit). */
const AT_A_TIME = 16;

/** Between two tries of what is kept. */
const TRY_AGAIN: Duration = 60_000;
/** From a span's first try until it is given up. */
const KEPT_FOR: Duration = 60 * 60_000;
/** The oldest are given up first. A rotation has 20 to 60 spans. */
const MOST_KEPT = 1_000;

export interface ArrivalListener {
  /** A span did not arrive, for the first time, and is kept. */
  readonly onKept: (span: string, error: unknown) => void;
  /** A span is given up. */
  readonly onLost: (span: string, error: unknown) => void;
}

interface Outgoing {
  readonly span: ReadableSpan;
  /** When it did not arrive for the first time, and why not the last time. */
  readonly missed?: { readonly since: Instant; readonly error: unknown };
}

export class ArrivalProcessor implements SpanProcessor {
  readonly #exporter: SpanExporter;
  readonly #clock: Clock;
  readonly #listener: ArrivalListener;
  readonly #underway = new Set<Promise<void>>();
  readonly #waiting: Outgoing[] = [];
  #kept: Outgoing[] = [];
  #cancel: (() => void) | undefined;
  #state: 'open' | 'closing' = 'open';

  constructor(exporter: SpanExporter, clock: Clock, listener: ArrivalListener) {
    this.#exporter = exporter;
    this.#clock = clock;
    this.#listener = listener;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#enqueue([{ span }]);
  }

  /** Waits for what is on its way, not for what is kept. Never rejects. */
  async forceFlush(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** One last try of what is kept; what does not arrive then is given up. */
  async shutdown(): Promise<void> {
    await this.forceFlush();
    this.#state = 'closing';
    this.#probe();
    await this.forceFlush();
    this.#cancel?.();
    this.#giveUp(this.#kept);
    await this.#exporter.shutdown();
  }

  #enqueue(outgoing: readonly Outgoing[]): void {
    this.#waiting.push(...outgoing);
    for (const _ of outgoing) this.#next();
  }

  #next(): void {
    if (this.#underway.size >= AT_A_TIME) return;
    const outgoing = this.#waiting.shift();
    if (outgoing === undefined) return;
    const arrival = this.#send(outgoing).finally(() => {
      this.#underway.delete(arrival);
      this.#next();
    });
    this.#underway.add(arrival);
  }

  async #send(outgoing: Outgoing): Promise<void> {
    const { span } = outgoing;
    try {
      if (span.resource.asyncAttributesPending) await span.resource.waitForAsyncAttributes?.();
      const result = await new Promise<ExportResult>((settle) => {
        this.#exporter.export([span], settle);
      });
      if (result.code === ARRIVED) this.#enqueue(this.#kept.splice(0));
      else this.#missed(outgoing, result.error);
    } catch (error) {
      this.#missed(outgoing, error);
    }
  }

  #missed({ span, missed }: Outgoing, error: unknown): void {
    const now = this.#clock.now();
    const since = missed?.since ?? now;
    if (this.#state === 'closing') {
      this.#listener.onLost(span.name, error);
    } else {
      if (missed === undefined) this.#listener.onKept(span.name, error);
      this.#kept.push({ span, missed: { since, error } });
      this.#giveUp(this.#kept.slice(0, Math.max(0, this.#kept.length - MOST_KEPT)));
    }
    if (this.#state === 'open' && this.#kept.length > 0) this.#tryLater();
  }

  #giveUp(outgoing: readonly Outgoing[]): void {
    this.#kept = this.#kept.filter((one) => !outgoing.includes(one));
    for (const { span, missed } of outgoing) this.#listener.onLost(span.name, missed?.error);
  }

  #tryLater(): void {
    this.#cancel ??= this.#clock.after(TRY_AGAIN, () => {
      this.#cancel = undefined;
      const old = this.#clock.now() - KEPT_FOR;
      this.#giveUp(this.#kept.filter(({ missed }) => missed !== undefined && missed.since <= old));
      this.#probe();
    });
  }

  /** One is tried; where it arrives, the others follow. So an absent receiver costs one try, however much is kept. */
  #probe(): void {
    const oldest = this.#kept.shift();
    if (oldest !== undefined) this.#enqueue([oldest]);
  }
}
