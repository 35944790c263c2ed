/**
 * When an instance may be changed, as options: windows, freezes, urgency, approval.
 *
 * **Invariant:** what could never let a change begin is refused when it is read, as far as it can be told without certificates.
 */
import { z } from 'zod';
import {
  type ChangeWindow,
  type Freeze,
  POLICY_CLASSES,
  POLICY_PARTS,
  type Policy,
  type Recurrence,
} from '../model/policy.ts';
import { nextSpan } from '../policy/recurrence.ts';
import { isTimeZone } from '../policy/zone.ts';
import { STARTS_ALLOWED, startsOf } from './cron-starts.ts';
import { duration } from './fields.ts';

/** A moment from which every possible window is reached in time; any would do. */
const SOME_MOMENT = Date.UTC(2026, 0, 1);

/** Whether something that starts so ever does: 29 February on the first Monday of the month never comes. */
const everStarts = (text: string): boolean => {
  const starts = startsOf(text);
  if (starts === undefined) return false;
  const recurrence: Recurrence = { kind: 'recurring', cron: text, starts, duration: 60_000, timeZone: 'UTC' };
  return nextSpan(recurrence, SOME_MOMENT, 'window') !== undefined;
};

const start = (description: string) =>
  z.string().max(120).refine(everStarts).meta({ description, allowed: STARTS_ALLOWED });

const timeZone = () =>
  z.string().max(64).refine(isTimeZone).meta({
    description: 'The clocks that `start` is read by, daylight saving included.',
    allowed: 'the IANA name of a time zone, such as Europe/Berlin or UTC',
  });

const moment = (description: string) =>
  z
    .string()
    .refine(
      (text) =>
        /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
    )
    .meta({ description, allowed: 'a moment with its offset, such as 2026-12-24T00:00:00+01:00' })
    .transform((text) => Date.parse(text));

const classes = (description: string) =>
  z
    .array(z.enum(POLICY_CLASSES))
    .max(POLICY_CLASSES.length)
    .meta({ description, allowed: `a list of ${POLICY_CLASSES.join(', ')}` })
    .prefault([]);

const window = z.strictObject({
  start: start(
    'When it begins, as a cron expression of five fields. Day of the month and weekday both have to fit.',
  ),
  duration: duration({ description: 'How long it lasts.', atLeast: '1m' }),
  timeZone: timeZone(),
  classes: classes('The kinds of change that it is for. Empty: all.'),
});

const freeze = z
  .strictObject({
    why: z.string().min(1).max(200).describe('What it is for; whoever is held reads it.'),
    start: start('A freeze that recurs: when it begins, as a cron expression of five fields.').optional(),
    duration: duration({ description: 'A freeze that recurs: how long it lasts.', atLeast: '1m' }).optional(),
    timeZone: timeZone().optional(),
    from: moment('A freeze of certain dates: when it begins.').optional(),
    to: moment('A freeze of certain dates: when it is over.').optional(),
  })
  .check((context) => {
    const { start: recurs, duration: lasts, timeZone: zone, from, to } = context.value;
    const recurring = [recurs, lasts, zone].filter((value) => value !== undefined).length;
    const dated = [from, to].filter((value) => value !== undefined).length;
    const complete = (recurring === 3 && dated === 0) || (recurring === 0 && dated === 2);
    if (complete && (from === undefined || to === undefined || from < to)) return;
    context.issues.push({
      code: 'custom',
      input: context.value,
      params: {
        found: complete
          ? 'a freeze that ends before it begins'
          : recurring > 0 && dated > 0
            ? 'both'
            : recurring > 0 || dated > 0
              ? 'part of one'
              : 'neither',
      },
    });
  })
  .meta({ allowed: 'why, and either start, duration and timeZone or from and to, from being earlier' });

export const policy = () =>
  z
    .strictObject({
      windows: z
        .array(window)
        .max(50)
        .meta({ allowed: 'a list of at most 50 windows' })
        .describe(
          'When a change may begin; it then goes on to its end. A kind of change that no window is for may begin at any time.',
        )
        .prefault([]),
      freezes: z
        .array(freeze)
        .max(50)
        .meta({ allowed: 'a list of at most 50 freezes' })
        .describe('When no change may begin, whatever the windows say.')
        .prefault([]),
      urgentBefore: duration({
        description:
          'So long before the first of the published certificates that a change replaces expires, `urgentOverrides` holds it no longer. Old CAs that are still valid are never taken away for urgency. Without it, nothing is urgent.',
        atLeast: '1m',
      }).optional(),
      urgentOverrides: z
        .array(z.enum(POLICY_PARTS))
        .max(POLICY_PARTS.length)
        .meta({ allowed: `a list of ${POLICY_PARTS.join(', ')}` })
        .describe('What urgency overrides.')
        .prefault(['windows', 'freezes']),
      approval: classes(
        'The kinds of change that wait for an approval of their plan: `mtls-rotator approve`, or annotations (docs/change-management.md).',
      ),
      distrust: z
        .enum(['go-on', 'in-window'])
        .describe(
          'Whether old CAs are taken away whenever a rotation gets there, or only while windows and freezes would let a change begin. Until then old and new CAs are trusted together.',
        )
        .prefault('go-on'),
    })
    .describe('When, and with whose approval, the instance may be changed.')
    .prefault({});

type PolicyValues = z.output<ReturnType<typeof policy>>;

const recurrenceOf = (
  cron: string,
  { lasts, zone }: { readonly lasts: number; readonly zone: string },
): Recurrence => {
  const starts = startsOf(cron);
  if (starts === undefined) throw new Error(`${cron} passed the option list`);
  return { kind: 'recurring', cron, starts, duration: lasts, timeZone: zone };
};

const windowOf = (values: PolicyValues['windows'][number]): ChangeWindow => ({
  ...recurrenceOf(values.start, { lasts: values.duration, zone: values.timeZone }),
  classes: values.classes,
});

const freezeOf = (values: PolicyValues['freezes'][number]): Freeze => {
  const { why, from, to, start: cron, duration: lasts = 0, timeZone: zone = 'UTC' } = values;
  if (from !== undefined && to !== undefined) return { kind: 'dated', why, from, to };
  return { ...recurrenceOf(cron ?? '', { lasts, zone }), why };
};

export const policyOf = (values: PolicyValues): Policy => ({
  windows: values.windows.map(windowOf),
  freezes: values.freezes.map(freezeOf),
  urgentBefore: values.urgentBefore,
  urgentOverrides: values.urgentOverrides,
  approval: values.approval,
  distrust: values.distrust,
});
