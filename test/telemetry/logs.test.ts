/** Log lines of what happens. */
import { describe, expect, test } from '@jest/globals';
import type { Happening } from '../../agent/model/happening.ts';
import { createLogger, createLogReporter } from '../../agent/telemetry/logs.ts';
import { LOG_FIELD } from '../../agent/telemetry/names.ts';
import { hold, KEY_BODY, leaking, PRIVATE_KEY, plan, rotation, told, wholeRotation } from './happenings.ts';

const capture = (level = 'info') => {
  const written: string[] = [];
  const logger = createLogger(level, { write: (line) => written.push(line) });
  const lines = () => written.map((line): Record<string, unknown> => JSON.parse(line));
  return { logger, lines, text: () => written.join('') };
};

const following = (happenings: readonly Happening[], level = 'info') => {
  const { logger, lines, text } = capture(level);
  const reporter = createLogReporter(logger);
  for (const happening of happenings) reporter.tell(happening);
  return { lines: lines(), text: text() };
};

describe('log lines', () => {
  test('carry the instance always, and the trace id wherever there is a rotation', () => {
    const { lines } = following(wholeRotation);
    expect(lines).toHaveLength(wholeRotation.length);
    for (const line of lines) {
      expect(line).toMatchObject({
        instance: 'payments',
        namespace: 'argocd-payments',
        labels: { team: 'payments' },
      });
      if (line.event !== 'proof') {
        expect(line).toMatchObject({ trace_id: rotation.traceId, rotation: 'r1', change_class: 'client-ca' });
      }
    }
  });

  test('have documented fields only', () => {
    const documented: readonly string[] = [
      ...Object.values(LOG_FIELD).map(({ name }) => name),
      'level',
      'time',
      'msg',
    ];
    const { lines } = following([...wholeRotation, ...leaking, told({ type: 'recovered' })], 'debug');
    for (const line of lines) expect(documented).toEqual(expect.arrayContaining(Object.keys(line)));
  });

  test('say a hold when it begins, not each time it is looked at, and again when it came back', () => {
    const held = told({ type: 'held', hold, plan });
    const free = told({ type: 'observed', plan, expiries: [], rotation: undefined });
    const { lines } = following([held, held, held, free, held]);
    expect(lines.map((line) => line.event)).toEqual(['held', 'held']);
  });

  test('say what preflight found when it changes, and that nothing is left of it', () => {
    const finding = {
      code: 'not-mounted',
      severity: 'blocking',
      about: 'Deployment a/b',
      what: 'w',
      effect: 'e',
      next: 'n',
      patch: undefined,
    } as const;
    const look = (findings: readonly (typeof finding)[]) =>
      told({ type: 'observed', plan: { ...plan, findings }, expiries: [], rotation: undefined });
    const { lines } = following([look([]), look([finding]), look([finding]), look([]), look([])]);
    expect(lines.map((line) => `${line.level} ${line.msg}`)).toEqual([
      'warn preflight: not-mounted (Deployment a/b)',
      'info preflight: nothing',
    ]);
  });

  test('say a failed step as an error, with how long it took', () => {
    const [, failed] = leaking;
    const [line] = following(failed === undefined ? [] : [failed]).lines;
    expect(line).toMatchObject({ level: 'error', event: 'step-ended', result: 'failed', seconds: 0 });
  });

  test('never hold a key, not even one logged by mistake', () => {
    expect(following(leaking).text).not.toContain(KEY_BODY);
    const { logger, text } = capture();
    logger.error(`oops ${PRIVATE_KEY}`);
    expect(text()).toContain('oops [secret]');
  });
});
