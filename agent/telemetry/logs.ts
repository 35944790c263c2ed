/**
 * Log lines: JSON, one a happening, with the trace id of the rotation.
 *
 * **Invariant:** a line says what changed; what only goes on as before is said at level debug.
 */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Happening, InstanceName } from '../model/happening.ts';
import type { Reporter } from '../ports.ts';
import { describeAdmission, describeEnd, describeHold, isExpected, subjectOf } from './describe.ts';
import { expand } from './expand.ts';
import { LOG_FIELD } from './names.ts';
import { scrub } from './scrub.ts';

/** What lasts, and is told each time it is looked at. */
const STATES = ['held', 'refused', 'degraded', 'found', 'pod-looked'] as const;

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Partial<Record<keyof typeof LOG_FIELD, string | number | undefined>>>;

interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
}

/** A logger whose text fields and messages are scrubbed. Writes to standard output unless told otherwise. */
export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args.map((one: unknown) => (typeof one === 'string' ? scrub(one) : one));
          return Reflect.apply(method, this, [first, ...rest]);
        },
      },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );

export const createLogReporter = (logger: Logger): Reporter => {
  /** What was said last of an instance, so that a state is said when it begins and not each time it is looked at. */
  const said = new Map<string, string>();

  const isNews = (instance: InstanceName, topic: string, text: string): boolean => {
    const key = `${instance.name} ${topic}`;
    if (said.get(key) === text) return false;
    said.set(key, text);
    return true;
  };

  const say = (happening: Happening): void => {
    const { instance } = happening;
    const line = lineOf(happening);
    const isState = STATES.some((type) => type === happening.type);
    const repeats = isState && !isNews(instance, happening.type, `${line.message} ${line.fields.code ?? ''}`);
    logger[repeats ? 'debug' : line.level](
      namedFields(happening, {
        event: happening.type,
        instance: instance.name,
        namespace: instance.namespace,
        ...line.fields,
      }),
      line.message,
    );
  };

  return {
    tell: (happening) => {
      const { name } = happening.instance;
      if (happening.type === 'observed' && happening.plan.hold === undefined) said.delete(`${name} held`);
      if (happening.type === 'recovered') said.delete(`${name} degraded`);
      for (const one of expand(happening)) {
        // That nothing is found is news only after something was.
        if (one.type === 'found' && one.findings.length === 0 && !said.has(`${name} found`)) continue;
        say(one);
      }
    },
    flush: async () => undefined,
  };
};

const namedFields = (happening: Happening, fields: Fields): Record<string, unknown> => {
  const rotation = 'rotation' in happening ? happening.rotation : undefined;
  const all: Fields = {
    ...fields,
    ...(rotation === undefined
      ? {}
      : { rotation: rotation.id, traceId: rotation.traceId, changeClass: rotation.changeClass }),
  };
  const named: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(all)) {
    if (value === undefined || !isField(key)) continue;
    named[LOG_FIELD[key].name] = typeof value === 'string' ? scrub(value) : value;
  }
  if (Object.keys(happening.instance.labels).length > 0) {
    named[LOG_FIELD.labels.name] = happening.instance.labels;
  }
  return named;
};

const isField = (key: string): key is keyof typeof LOG_FIELD => key in LOG_FIELD;

const time = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const lineOf = (happening: Happening): Line => {
  switch (happening.type) {
    case 'observed':
      return {
        level: 'debug',
        message: `observed: ${happening.plan.changeClass}, ${happening.plan.steps.length} steps left`,
        fields: { changeClass: happening.plan.changeClass, code: happening.plan.hold?.code },
      };
    case 'rotation-started':
      return {
        level: 'info',
        message: `rotation started: ${happening.rotation.changeClass}, ${happening.plan.steps.length} steps`,
        fields: { subject: happening.rotation.source },
      };
    case 'rotation-resumed':
      return { level: 'info', message: 'rotation resumed', fields: {} };
    case 'step-started':
      return {
        level: 'info',
        message: `${happening.step.kind} ${subjectOf(happening.step)}`,
        fields: {
          step: happening.step.kind,
          subject: subjectOf(happening.step),
          reason: happening.step.reason,
        },
      };
    case 'step-progress':
      return {
        level: 'info',
        message: happening.note.text,
        fields: { step: happening.step.kind, until: time(happening.until) },
      };
    case 'step-ended':
      return {
        level: happening.end.result === 'failed' ? 'error' : 'info',
        message: `${happening.step.kind} ${happening.end.result}`,
        fields: {
          step: happening.step.kind,
          subject: subjectOf(happening.step),
          result: happening.end.result,
          seconds: (happening.at - happening.startedAt) / 1000,
          error: happening.end.result === 'failed' ? happening.end.error : undefined,
        },
      };
    case 'detected':
      return {
        level: 'info',
        message: 'change detected',
        fields: {
          subject: happening.source,
          seconds:
            happening.changedAt === undefined ? undefined : (happening.at - happening.changedAt) / 1000,
        },
      };
    case 'validated':
      return {
        level: 'info',
        message: `material accepted: ${happening.fingerprints.length} certificates`,
        fields: {},
      };
    case 'pod-looked':
      return happening.hold === undefined
        ? { level: 'debug', message: `looked: files ${happening.files}`, fields: { subject: happening.pod } }
        : {
            level: 'warn',
            message: `held: ${happening.hold.what} ${happening.hold.effect}`,
            fields: { subject: happening.pod, code: happening.hold.code, next: happening.hold.next },
          };
    case 'pod-step':
      return {
        level: happening.end.result === 'failed' ? 'error' : 'info',
        message: `${happening.step} ${happening.end.result}: ${happening.reason}`,
        fields: {
          step: happening.step,
          subject: happening.pod,
          reason: happening.reason,
          result: happening.end.result,
          seconds: (happening.at - happening.startedAt) / 1000,
          error: happening.end.result === 'failed' ? happening.end.error : undefined,
        },
      };
    case 'pod-proved':
      return {
        level: happening.verdict === 'disproven' ? 'error' : 'info',
        message: `pod ${happening.pod}: ${happening.verdict} by ${happening.calls.length} calls`,
        fields: { subject: happening.pod, result: happening.verdict },
      };
    case 'published':
      return {
        level: 'info',
        message: `published ${happening.object}`,
        fields: { subject: happening.object },
      };
    case 'restart-asked':
      return {
        level: 'info',
        message: `restart of ${happening.workload} asked for`,
        fields: { subject: happening.workload, reason: happening.reason },
      };
    case 'proof':
      return {
        level: happening.proof.result === 'disproven' ? 'error' : 'info',
        message: `proof: ${happening.proof.result}, ${happening.proof.pods} pods; ${happening.proof.detail}`,
        fields: { result: happening.proof.result },
      };
    case 'rotation-ended':
      return {
        level: 'info',
        message: `rotation ended: ${describeEnd(happening.rotation)}`,
        fields: {
          result: happening.rotation.result,
          seconds: (happening.rotation.finishedAt - happening.rotation.startedAt) / 1000,
        },
      };
    case 'refused':
      return {
        level: 'warn',
        message: `${happening.refusal.what} ${happening.refusal.effect}`,
        fields: {
          subject: happening.source,
          code: happening.refusal.code,
          next: happening.refusal.next,
        },
      };
    case 'held':
      return {
        level: isExpected(happening.hold) ? 'info' : 'warn',
        message: describeHold(happening.hold),
        fields: {
          code: happening.hold.code,
          reason: happening.hold.policy?.reason,
          next: happening.hold.next,
          until: time(happening.hold.until),
        },
      };
    case 'policy-opened':
      return {
        level: 'info',
        message: `goes on ${describeAdmission(happening.rotation)}`,
        fields: {
          reason: happening.hold.policy?.reason,
          seconds: (happening.at - happening.since) / 1000,
        },
      };
    case 'found': {
      const worst = happening.findings.find((finding) => finding.severity === 'blocking');
      return {
        level: worst === undefined ? 'info' : 'warn',
        message: `preflight: ${happening.findings.map((finding) => `${finding.code} (${finding.about})`).join(', ') || 'nothing'}`,
        fields: { code: worst?.code, next: worst?.next },
      };
    }
    case 'degraded':
      return {
        level: happening.kind === 'transient' ? 'warn' : 'error',
        message: 'the instance can not be worked on',
        fields: { error: happening.error, reason: happening.kind, until: time(happening.retryAt) },
      };
    case 'recovered':
      return { level: 'info', message: 'the instance is worked on again', fields: {} };
  }
};
