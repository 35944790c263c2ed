/**
 * One OpenTelemetry trace for each rotation.
 *
 * **Invariant:** every span but the root is a direct child of the root, and is exported when it has ended; the root is exported last, by
 * whichever process ends the rotation, under the ids of the record. So a process may die anywhere, and still there is exactly one root
 * and no span without its parent.
 */
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { AlwaysOnSampler, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Happening } from '../model/happening.ts';
import type { RotationRecord } from '../model/journal-record.ts';
import { PRODUCT } from '../model/product.ts';
import type { Instant } from '../model/terms.ts';
import type { Clock, Random, Reporter } from '../ports.ts';
import {
  callAttributes,
  endAttributes,
  instanceAttributes,
  policyAttributes,
  rotationAttributes,
  stepAttributes,
} from './attributes.ts';
import { describeAdmission, describeHold, describeStep } from './describe.ts';
import { ATTRIBUTE, SPAN, SPAN_EVENT } from './names.ts';
import { scrub } from './scrub.ts';
import { type ArrivalListener, ArrivalProcessor } from './span-export.ts';

export interface TraceOptions {
  readonly exporter: SpanExporter;
  readonly resource: Resource;
  readonly version: string;
  readonly random: Random;
  readonly clock: Clock;
  /** Told of each span that did not arrive; the exporter has tried again by then. */
  readonly listener: ArrivalListener;
}

export interface TraceReporter extends Reporter {
  /** Sends what is on its way, then closes the exporter. Never throws. */
  close(): Promise<void>;
}

interface Piece {
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly attributes: Attributes;
  readonly events?: readonly {
    readonly name: string;
    readonly at: Instant;
    readonly attributes: Attributes;
  }[];
  readonly failure?: string | undefined;
}

export const createTraceReporter = (options: TraceOptions): TraceReporter => {
  /** Ids of the next span; the SDK asks for them when a span is started, which is synchronous. */
  let given: { readonly traceId: string; readonly spanId: string } | undefined;
  const processor = new ArrivalProcessor(options.exporter, options.clock, options.listener);
  const provider = new TracerProvider({
    resource: options.resource,
    // A rotation is rare and every one counts.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
    spanLimits: { eventCountLimit: 1000 },
    idGenerator: {
      generateTraceId: () => given?.traceId ?? options.random.hex(16),
      generateSpanId: () => given?.spanId ?? options.random.hex(8),
    },
  });
  const tracer = provider.getTracer(PRODUCT, options.version);

  const finish = (span: Span, piece: Piece): void => {
    for (const event of piece.events ?? []) span.addEvent(event.name, event.attributes, event.at);
    if (piece.failure !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(piece.failure) });
    }
    // A clock that was set back must not make a span of negative length.
    span.end(Math.max(piece.from, piece.to));
  };

  const child = (rotation: RotationRecord, happening: Happening, piece: Piece): void => {
    const parent = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: rotation.traceId,
      spanId: rotation.rootSpanId,
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    });
    const attributes = {
      ...instanceAttributes(happening.instance),
      ...rotationAttributes(rotation),
      ...piece.attributes,
    };
    finish(tracer.startSpan(piece.name, { startTime: piece.from, attributes }, parent), piece);
  };

  const root = (rotation: RotationRecord, happening: Happening, piece: Piece): void => {
    given = { traceId: rotation.traceId, spanId: rotation.rootSpanId };
    try {
      const attributes = {
        ...instanceAttributes(happening.instance),
        ...rotationAttributes(rotation),
        ...piece.attributes,
      };
      const span = tracer.startSpan(
        piece.name,
        { root: true, startTime: piece.from, attributes },
        ROOT_CONTEXT,
      );
      finish(span, piece);
    } finally {
      given = undefined;
    }
  };

  return {
    tell: (happening) => {
      if (happening.type === 'rotation-ended') {
        const { rotation } = happening;
        root(rotation, happening, {
          name: SPAN.rotation.name,
          from: rotation.startedAt,
          to: rotation.finishedAt,
          attributes: endAttributes(rotation),
        });
        return;
      }
      if (!('rotation' in happening) || happening.rotation === undefined) return;
      const piece = pieceOf(happening);
      if (piece !== undefined) child(happening.rotation, happening, piece);
    },
    flush: () => processor.forceFlush(),
    close: async () => {
      try {
        await provider.shutdown();
      } catch {
        // The receiver is gone; the next process exports a closing root again.
      }
    },
  };
};

/** The span that a happening is, where it is one. */
const pieceOf = (happening: Happening): Piece | undefined => {
  const { at } = happening;
  switch (happening.type) {
    case 'detected':
      return {
        name: SPAN.detect.name,
        from: Math.min(happening.changedAt ?? at, at),
        to: at,
        attributes: { [ATTRIBUTE.source.name]: scrub(happening.source) },
      };
    case 'validated':
      return {
        name: SPAN.validate.name,
        from: happening.startedAt,
        to: at,
        attributes: { [ATTRIBUTE.fingerprints.name]: [...happening.fingerprints] },
      };
    case 'rotation-started':
      return {
        name: SPAN.plan.name,
        from: at,
        to: at,
        attributes: {},
        events: happening.plan.steps.map((step, index) => ({
          name: SPAN_EVENT.step.name,
          at,
          attributes: {
            [ATTRIBUTE.stepNumber.name]: index + 1,
            [ATTRIBUTE.note.name]: scrub(describeStep(step)),
            ...stepAttributes(step),
          },
        })),
      };
    case 'policy-opened':
      return {
        name: SPAN.policy.name,
        from: happening.since,
        to: at,
        attributes: policyAttributes(happening.hold),
        events: [
          {
            name: SPAN_EVENT.held.name,
            at: happening.since,
            attributes: { [ATTRIBUTE.note.name]: scrub(describeHold(happening.hold)) },
          },
          {
            name: SPAN_EVENT.opened.name,
            at,
            attributes: { [ATTRIBUTE.note.name]: scrub(`goes on ${describeAdmission(happening.rotation)}`) },
          },
        ],
      };
    case 'rotation-resumed':
      return { name: SPAN.resume.name, from: at, to: at, attributes: {} };
    case 'step-ended':
      return {
        name: SPAN[happening.step.kind].name,
        from: happening.startedAt,
        to: at,
        attributes: { ...stepAttributes(happening.step), [ATTRIBUTE.result.name]: happening.end.result },
        events: happening.notes.map((note) => ({
          name: SPAN_EVENT.note.name,
          at: note.at,
          attributes: { [ATTRIBUTE.note.name]: scrub(note.text) },
        })),
        failure: happening.end.result === 'failed' ? happening.end.error : undefined,
      };
    case 'pod-step':
      return {
        name: SPAN[happening.step].name,
        from: happening.startedAt,
        to: at,
        attributes: {
          [ATTRIBUTE.pod.name]: happening.pod,
          [ATTRIBUTE.component.name]: happening.component,
          [ATTRIBUTE.stepKind.name]: happening.step,
          [ATTRIBUTE.stepReason.name]: scrub(happening.reason),
          [ATTRIBUTE.result.name]: happening.end.result,
        },
        failure: happening.end.result === 'failed' ? happening.end.error : undefined,
      };
    case 'pod-proved':
      return {
        name: SPAN.verification.name,
        from: happening.startedAt,
        to: at,
        attributes: { [ATTRIBUTE.pod.name]: happening.pod, [ATTRIBUTE.verdict.name]: happening.verdict },
        events: happening.calls.map((call) => ({
          name: SPAN_EVENT.call.name,
          at: call.at,
          attributes: callAttributes(call),
        })),
        failure:
          happening.verdict === 'disproven' ? 'a call showed something else than it should' : undefined,
      };
    default:
      return undefined;
  }
};
