/**
 * Metrics from the OpenTelemetry SDK, in Prometheus' text format.
 *
 * **Invariant:** every series but build info carries its instance's attributes, and a gauge that is no longer true is gone.
 */
import type { Attributes, BatchObservableResult, ObservableGauge } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import { short } from '../model/fingerprint.ts';
import type { Happening } from '../model/happening.ts';
import { PRODUCT } from '../model/product.ts';
import type { Clock, Reporter } from '../ports.ts';
import { instanceAttributes } from './attributes.ts';
import { advance, type InstanceState, PHASES, phaseOf } from './instance-state.ts';
import { ATTRIBUTE, METRIC } from './names.ts';

export interface MetricReporter extends Reporter {
  /** Everything as text, and its content type. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Takes the gauges of an instance away that is no longer configured. */
  forget(instance: string): void;
  close(): Promise<void>;
}

/** Reads when asked. */
class PullReader extends MetricReader {
  constructor() {
    super({
      // A cumulative reader repeats the last value of a series that is no longer observed: an expired leaf would alert for ever.
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE
          ? AggregationTemporality.DELTA
          : AggregationTemporality.CUMULATIVE,
    });
  }

  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** Seconds: a watch notices at once, a sweep within minutes. */
const LATENCY_BOUNDARIES = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

const GAUGES = [
  'expiry',
  'phase',
  'rotationStarted',
  'proofAge',
  'held',
  'policyHeld',
  'policyOpens',
  'policyDeadline',
  'refused',
  'degraded',
  'findings',
  'sidecarFiles',
] as const;
type GaugeKey = (typeof GAUGES)[number];
type Observe = (key: GaugeKey, value: number, attributes?: Attributes) => void;

export const createMetricReporter = (options: {
  readonly clock: Clock;
  readonly resource: Resource;
  readonly version: string;
  readonly node: string;
}): MetricReporter => {
  const reader = new PullReader();
  const provider = new MeterProvider({ resource: options.resource, readers: [reader] });
  const meter = provider.getMeter(PRODUCT, options.version);
  const counter = ({ name, description }: { name: string; description: string }) =>
    meter.createCounter(name, { description });
  const latency = ({ name, description }: { name: string; description: string }) =>
    meter.createHistogram(name, { description, advice: { explicitBucketBoundaries: LATENCY_BOUNDARIES } });
  const counters = {
    rotations: counter(METRIC.rotations),
    restarts: counter(METRIC.restarts),
    restartsAvoided: counter(METRIC.restartsAvoided),
    calls: counter(METRIC.calls),
    pods: counter(METRIC.pods),
    stepFailures: counter(METRIC.stepFailures),
    sidecarSteps: counter(METRIC.sidecarSteps),
    detection: latency(METRIC.detection),
    publication: latency(METRIC.publication),
  };
  const gauges = new Map<GaugeKey, ObservableGauge>(
    GAUGES.map((key) => [
      key,
      meter.createObservableGauge(METRIC[key].name, { description: METRIC[key].description }),
    ]),
  );
  const build = meter.createObservableGauge(METRIC.build.name, { description: METRIC.build.description });
  const states = new Map<string, InstanceState>();
  const ended = new Set<string>();

  meter.addBatchObservableCallback(
    (result: BatchObservableResult) => {
      result.observe(build, 1, {
        [ATTRIBUTE.version.name]: options.version,
        [ATTRIBUTE.node.name]: options.node,
      });
      for (const state of states.values()) {
        const own = instanceAttributes(state.instance);
        observeState(state, options.clock.now(), (key, value, attributes) => {
          const gauge = gauges.get(key);
          if (gauge !== undefined) result.observe(gauge, value, { ...own, ...attributes });
        });
      }
    },
    [build, ...gauges.values()],
  );
  const serializer = new PrometheusSerializer('', false, undefined, true, true);

  return {
    tell: (happening) => {
      const { name } = happening.instance;
      states.set(name, advance(states.get(name), happening));
      if (happening.type === 'rotation-ended') {
        // A closing rotation is told again after a crash; within one process it counts once.
        if (ended.has(happening.rotation.id)) return;
        ended.add(happening.rotation.id);
      }
      count(counters, happening);
    },
    // Nothing is on its way: metrics are fetched.
    flush: async () => undefined,
    text: async () => {
      const { resourceMetrics } = await reader.collect();
      return {
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: serializer.serialize(resourceMetrics),
      };
    },
    forget: (instance) => {
      states.delete(instance);
    },
    close: () => provider.shutdown(),
  };
};

interface Counters {
  readonly rotations: { add(value: number, attributes: Attributes): void };
  readonly restarts: Counters['rotations'];
  readonly restartsAvoided: Counters['rotations'];
  readonly calls: Counters['rotations'];
  readonly pods: Counters['rotations'];
  readonly stepFailures: Counters['rotations'];
  readonly sidecarSteps: Counters['rotations'];
  readonly detection: { record(value: number, attributes: Attributes): void };
  readonly publication: Counters['detection'];
}

const count = (counters: Counters, happening: Happening): void => {
  const own = instanceAttributes(happening.instance);
  const seconds = (since: number) => Math.max(0, happening.at - since) / 1000;
  switch (happening.type) {
    case 'rotation-ended':
      counters.rotations.add(1, {
        ...own,
        [ATTRIBUTE.changeClass.name]: happening.rotation.changeClass,
        [ATTRIBUTE.result.name]: happening.rotation.result,
        [ATTRIBUTE.proof.name]: happening.rotation.proof,
      });
      counters.restartsAvoided.add(happening.rotation.restartsAvoided, own);
      break;
    case 'restart-asked':
      counters.restarts.add(1, { ...own, [ATTRIBUTE.component.name]: happening.component });
      break;
    case 'pod-proved':
      counters.pods.add(1, { ...own, [ATTRIBUTE.verdict.name]: happening.verdict });
      for (const call of happening.calls) {
        counters.calls.add(1, {
          ...own,
          [ATTRIBUTE.credential.name]: call.credential.as,
          [ATTRIBUTE.outcome.name]: call.outcome.result,
        });
      }
      break;
    case 'step-ended':
      if (happening.end.result === 'failed') {
        counters.stepFailures.add(1, { ...own, [ATTRIBUTE.stepKind.name]: happening.step.kind });
      }
      break;
    case 'pod-step':
      counters.sidecarSteps.add(1, {
        ...own,
        [ATTRIBUTE.component.name]: happening.component,
        [ATTRIBUTE.stepKind.name]: happening.step,
        [ATTRIBUTE.result.name]: happening.end.result,
      });
      break;
    case 'detected':
      if (happening.changedAt !== undefined) counters.detection.record(seconds(happening.changedAt), own);
      break;
    case 'published':
      if (happening.changedAt !== undefined) counters.publication.record(seconds(happening.changedAt), own);
      break;
    default:
      break;
  }
};

const observeState = (state: InstanceState, now: number, observe: Observe): void => {
  for (const fact of state.expiries) {
    observe('expiry', Math.floor(fact.notAfter / 1000), {
      [ATTRIBUTE.role.name]: fact.role,
      [ATTRIBUTE.where.name]: fact.where,
      [ATTRIBUTE.fingerprint.name]: short(fact.fingerprint),
    });
  }
  const present = phaseOf(state);
  for (const phase of PHASES) {
    observe('phase', phase === present ? 1 : 0, { [ATTRIBUTE.phase.name]: phase });
  }
  if (state.rotation !== undefined) {
    observe('rotationStarted', Math.floor(state.rotation.startedAt / 1000), {
      [ATTRIBUTE.changeClass.name]: state.rotation.changeClass,
    });
  }
  if (state.proof !== undefined) {
    observe('proofAge', Math.max(0, now - state.proof.at) / 1000, {
      [ATTRIBUTE.verdict.name]: state.proof.result,
    });
  }
  if (state.held !== undefined) observe('held', 1, { [ATTRIBUTE.code.name]: state.held });
  if (state.policy !== undefined) {
    const { reason, opens, deadline } = state.policy;
    observe('policyHeld', 1, { [ATTRIBUTE.policyReason.name]: reason });
    if (opens !== undefined) observe('policyOpens', opens / 1000, {});
    if (deadline !== undefined) observe('policyDeadline', deadline / 1000, {});
  }
  for (const [source, code] of state.refused) {
    observe('refused', 1, { [ATTRIBUTE.code.name]: code, [ATTRIBUTE.source.name]: source });
  }
  if (state.files !== undefined) observe('sidecarFiles', state.files === 'written' ? 1 : 0);
  observe('degraded', state.degraded ? 1 : 0);
  for (const severity of ['blocking', 'warning', 'info'] as const) {
    const found = state.findings.filter((finding) => finding.severity === severity).length;
    observe('findings', found, { [ATTRIBUTE.severity.name]: severity });
  }
};
