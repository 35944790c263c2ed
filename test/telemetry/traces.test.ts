/** A rotation is one trace, whatever becomes of the process that began it. */
import { describe, expect, test } from '@jest/globals';
import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Happening } from '../../agent/model/happening.ts';
import type { ArrivalListener } from '../../agent/telemetry/span-export.ts';
import { createTraceReporter } from '../../agent/telemetry/traces.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import {
  finished,
  instance,
  KEY_BODY,
  leaking,
  NOON,
  ofSidecar,
  publish,
  rotation,
  told,
  wholeRotation,
} from './happenings.ts';

let ids = 0;
const random = {
  hex: (bytes: number) => {
    ids += 1;
    return ids.toString(16).padStart(bytes * 2, '0');
  },
};

const process = (
  exporter: SpanExporter,
  listener: Partial<ArrivalListener> = {},
  clock: ManualClock = new ManualClock(),
) =>
  createTraceReporter({
    exporter,
    resource: resourceFromAttributes({}),
    version: '0',
    random,
    clock,
    listener: { onKept: () => undefined, onLost: () => undefined, ...listener },
  });

const traceOf = async (...processes: readonly (readonly Happening[])[]): Promise<readonly ReadableSpan[]> => {
  const exporter = new InMemorySpanExporter();
  for (const happenings of processes) {
    const reporter = process(exporter);
    for (const happening of happenings) reporter.tell(happening);
    await reporter.flush();
  }
  return exporter.getFinishedSpans();
};

const roots = (spans: readonly ReadableSpan[]) =>
  spans.filter((span) => span.parentSpanContext === undefined);
const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
  const span = spans.find((one) => one.name === name);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
};

describe('the trace of a rotation', () => {
  test('has one root, under the ids of the journal, and every other span is its direct child', async () => {
    const spans = await traceOf(wholeRotation);
    expect(roots(spans).map((span) => span.spanContext())).toEqual([
      expect.objectContaining({ traceId: rotation.traceId, spanId: rotation.rootSpanId }),
    ]);
    for (const span of spans.filter((one) => one.parentSpanContext !== undefined)) {
      expect(span.spanContext().traceId).toBe(rotation.traceId);
      expect(span.parentSpanContext?.spanId).toBe(rotation.rootSpanId);
    }
    expect(spans.map((span) => span.name)).toEqual([
      'plan',
      'detect',
      'validate',
      'publish',
      'rollout',
      'verification',
      'rotation',
    ]);
    expect(new Set(spans.map((span) => span.spanContext().spanId)).size).toBe(spans.length);
  });

  test.each(wholeRotation.map((_, cut) => cut))(
    'has one root and no orphan where the process was killed after happening %d and the next one went on',
    async (cut) => {
      const before = wholeRotation.slice(0, cut);
      const after = [told({ type: 'rotation-resumed', rotation }), ...wholeRotation.slice(cut)];
      const spans = await traceOf(before, after);
      expect(roots(spans)).toHaveLength(1);
      const known = new Set(spans.map((span) => span.spanContext().spanId));
      for (const span of spans) {
        const parent = span.parentSpanContext?.spanId;
        expect(parent === undefined || known.has(parent)).toBe(true);
      }
    },
  );

  test('is the same root where its end is told twice', async () => {
    const end = told({ type: 'rotation-ended', rotation: finished });
    const twice = roots(await traceOf([end], [end]));
    expect(new Set(twice.map((span) => span.spanContext().spanId))).toEqual(new Set([rotation.rootSpanId]));
  });

  test('has a root that lasts from the first process to the last and says what was done', async () => {
    const root = named(await traceOf(wholeRotation), 'rotation');
    expect([root.startTime, root.endTime]).toEqual([
      [NOON / 1000, 0],
      [NOON / 1000 + 60, 0],
    ]);
    expect(root.attributes).toMatchObject({
      'mtls_rotator.instance.name': 'payments',
      'mtls_rotator.instance.namespace': 'argocd-payments',
      'mtls_rotator.instance.label.team': 'payments',
      'mtls_rotator.rotation.id': 'r1',
      'mtls_rotator.change_class': 'client-ca',
      'mtls_rotator.source': rotation.source,
      'mtls_rotator.from.leafs': ['a'.repeat(64)],
      'mtls_rotator.to.leafs': ['c'.repeat(64)],
      'mtls_rotator.from.client_ca': ['b'.repeat(64)],
      'mtls_rotator.to.client_ca': ['d'.repeat(64)],
      'mtls_rotator.restarts.made': 1,
      'mtls_rotator.restarts.avoided': 4,
      'mtls_rotator.calls.accepted': 3,
      'mtls_rotator.calls.refused': 2,
      'mtls_rotator.result': 'succeeded',
      'mtls_rotator.proof': 'taken',
    });
  });

  test('has the notes of a step as its events, at their time', async () => {
    const span = named(await traceOf(wholeRotation), 'publish');
    expect(span.events).toMatchObject([
      { name: 'note', time: [NOON / 1000, 20_000_000], attributes: { 'mtls_rotator.note': 'written' } },
    ]);
  });

  test('has a span for each pod that was dialled, with each call', async () => {
    const span = named(await traceOf(wholeRotation), 'verification');
    expect(span.attributes).toMatchObject({
      'mtls_rotator.pod': 'repo-server-0',
      'mtls_rotator.verdict': 'proven',
    });
    expect(span.events.map((event) => event.attributes)).toMatchObject([
      {
        'mtls_rotator.call.credential': 'nobody',
        'mtls_rotator.call.outcome': 'refused',
        'mtls_rotator.call.alert': 'certificate-required',
      },
      {
        'mtls_rotator.call.credential': 'leaf',
        'mtls_rotator.call.outcome': 'accepted',
        'mtls_rotator.call.presented': 'e'.repeat(64),
      },
    ]);
  });

  test('shows a failed step as an error', async () => {
    const [span] = await traceOf([
      told({
        type: 'step-ended',
        rotation,
        step: publish,
        startedAt: NOON,
        notes: [],
        end: { result: 'failed', error: 'forbidden' },
      }),
    ]);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'forbidden' });
  });

  test('never has a span that ends before it began, though the clock was set back', async () => {
    const [span] = await traceOf([
      told({
        type: 'step-ended',
        rotation,
        step: publish,
        startedAt: NOON + 5000,
        notes: [],
        end: { result: 'done' },
      }),
    ]);
    expect(span?.duration).toEqual([0, 0]);
  });

  test('is not begun by what belongs to no rotation', async () => {
    expect(
      await traceOf([
        told({ type: 'recovered' }),
        told({
          type: 'pod-proved',
          rotation: undefined,
          pod: 'p',
          startedAt: NOON,
          calls: [],
          verdict: 'unknown',
        }),
      ]),
    ).toEqual([]);
  });

  test('never holds a key', async () => {
    const spans = await traceOf(leaking);
    const text = JSON.stringify(
      spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    expect(text).toContain('[secret]');
    expect(text).not.toContain(KEY_BODY);
    expect(text).not.toContain(Buffer.from(KEY_BODY).toString('base64').slice(4, 20));
  });
});

describe('a receiver that is gone', () => {
  const refusing: SpanExporter = {
    export: (_spans, done) => done({ code: 1, error: new Error('refused') }),
    shutdown: async () => {
      throw new Error('gone');
    },
  };

  test('is told of each span that did not arrive, and stops nothing', async () => {
    const lost: string[] = [];
    const reporter = process(refusing, { onLost: (span) => lost.push(span) });
    for (const happening of wholeRotation) reporter.tell(happening);
    await reporter.flush();
    await reporter.close();
    expect(lost).toHaveLength(7);
  });

  /** A receiver that can be switched off and on. */
  const switchable = () => {
    const arrived: string[] = [];
    const receiver = {
      state: 'away' as 'away' | 'there',
      tries: 0,
      arrived,
      export: ((spans, done) => {
        receiver.tries += 1;
        if (receiver.state === 'away') return done({ code: 1, error: new Error('away') });
        arrived.push(...spans.map((span) => span.name));
        return done({ code: 0 });
      }) satisfies SpanExporter['export'],
      shutdown: async () => undefined,
    };
    return receiver;
  };
  const MINUTE = 60_000;

  test('and comes back within the hour gets every span once, the root among them', async () => {
    const receiver = switchable();
    const clock = new ManualClock();
    const heard: string[] = [];
    const reporter = process(
      receiver,
      { onKept: (span) => heard.push(`kept ${span}`), onLost: (span) => heard.push(`lost ${span}`) },
      clock,
    );
    for (const happening of wholeRotation) reporter.tell(happening);
    await reporter.flush();
    for (let minute = 0; minute < 50; minute += 1) {
      clock.advance(MINUTE);
      await reporter.flush();
    }
    const kept = heard.map((text) => text.replace('kept ', ''));
    expect(kept).toHaveLength(7);
    // Each span once at first, then one of them a minute: an absent receiver costs one try.
    expect(receiver.tries).toBe(7 + 50);
    receiver.state = 'there';
    clock.advance(MINUTE);
    await reporter.flush();
    expect([...receiver.arrived].sort()).toEqual([...kept].sort());
    expect(heard).toHaveLength(7);
    clock.advance(5 * MINUTE);
    await reporter.flush();
    expect(receiver.arrived).toHaveLength(7);
  });

  test('gets what was kept as soon as any later span arrives, and at the latest when the agent stops', async () => {
    for (const occasion of ['a later span', 'the end'] as const) {
      const receiver = switchable();
      const reporter = process(receiver);
      for (const happening of wholeRotation) reporter.tell(happening);
      await reporter.flush();
      receiver.state = 'there';
      if (occasion === 'a later span') reporter.tell(told({ type: 'rotation-ended', rotation: finished }));
      await (occasion === 'the end' ? reporter.close() : reporter.flush());
      expect({ occasion, arrived: receiver.arrived.length }).toEqual({
        occasion,
        arrived: occasion === 'the end' ? 7 : 8,
      });
    }
  });

  test('for more than an hour loses them, each is told, and never are more than a thousand kept', async () => {
    const receiver = switchable();
    const clock = new ManualClock();
    const lost: string[] = [];
    const reporter = process(receiver, { onLost: (span) => lost.push(span) }, clock);
    for (let pod = 0; pod < 1_003; pod += 1) {
      reporter.tell(
        told({ type: 'pod-proved', rotation, pod: `p${pod}`, startedAt: NOON, calls: [], verdict: 'proven' }),
      );
    }
    await reporter.flush();
    expect(lost).toHaveLength(3);
    for (let minute = 0; minute <= 60; minute += 1) {
      clock.advance(MINUTE);
      await reporter.flush();
    }
    receiver.state = 'there';
    await reporter.close();
    expect([lost.length, receiver.arrived.length]).toEqual([1_003, 0]);
  });

  test('is never sent more spans at once than it takes, and gets all of them', async () => {
    let underway = 0;
    let most = 0;
    let arrived = 0;
    const counting: SpanExporter = {
      export: (_spans, done) => {
        underway += 1;
        most = Math.max(most, underway);
        queueMicrotask(() => {
          underway -= 1;
          arrived += 1;
          done({ code: 0 });
        });
      },
      shutdown: async () => undefined,
    };
    const reporter = process(counting);
    for (let pod = 0; pod < 100; pod += 1) {
      reporter.tell(
        told({ type: 'pod-proved', rotation, pod: `p${pod}`, startedAt: NOON, calls: [], verdict: 'proven' }),
      );
    }
    await reporter.flush();
    expect(most).toBeLessThanOrEqual(30);
    expect(arrived).toBe(100);
  });

  test('is waited for until the exporter gives an answer', async () => {
    const answer = Promise.withResolvers<void>();
    let arrived = false;
    const slow: SpanExporter = {
      export: (_spans, done) => {
        answer.promise.then(() => {
          arrived = true;
          done({ code: 0 });
        });
      },
      shutdown: async () => undefined,
    };
    const reporter = process(slow);
    reporter.tell(told({ type: 'rotation-ended', rotation: finished }));
    const flushed = reporter.flush();
    answer.resolve();
    await flushed;
    expect(arrived).toBe(true);
    expect(instance.name).toBe('payments');
  });

  test('what a sidecar does is a span of it, with the pod it did it in', async () => {
    const spans = await traceOf(ofSidecar, wholeRotation.slice(-1));
    const span = named(spans, 'write-files');
    expect(span.parentSpanContext?.spanId).toBe(roots(spans)[0]?.spanContext().spanId);
    expect(span.attributes).toMatchObject({
      'mtls_rotator.pod': 'argocd-repo-server-x',
      'mtls_rotator.component': 'repo-server',
      'mtls_rotator.result': 'done',
    });
  });
});
