/**
 * What a migration tells while it goes on, line by line as it happens.
 *
 * **Invariant:** at most 100 columns wide, but for patches and commands, which are printed as they must be used.
 */
import type { Ended, Telling } from '../migration/running/tools.ts';
import type { MigrationJournal } from '../model/migration-journal.ts';
import { entry, type Paint, wrap } from './text.ts';

const INDENT = 2;
const COLUMN = 9;

const lines = (head: string, text: string): readonly string[] => entry(head, text, INDENT, COLUMN);

const instant = (at: number): string => new Date(at).toISOString();

/** As it stands, but for control characters. */
const verbatim = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line.replaceAll(/\p{Cc}/gu, '')}`.trimEnd());

const tellingLines = (telling: Telling, paint: Paint): readonly string[] => {
  switch (telling.type) {
    case 'step-began':
      return [
        paint('bold', `${telling.step.id}: ${telling.step.title}`),
        ...lines('does', telling.step.does),
        ...lines('traffic', telling.step.traffic),
      ];
    case 'step-done':
      return lines('done', telling.text).map((line) => line.replace('done', paint('green', 'done')));
    case 'note':
      return wrap(telling.text, INDENT + COLUMN);
    case 'waiting':
      return [
        ...lines('waiting', `since ${instant(telling.since)} for ${telling.what}`).map((line) =>
          line.replace('waiting', paint('yellow', 'waiting')),
        ),
        ...(telling.until === undefined ? [] : lines('until', instant(telling.until))),
        ...lines('next', telling.next),
      ];
    case 'patches':
      return telling.patches.flatMap(({ component, command, patch }) => [
        ...lines('patch', `of ${component}, applied by you:`),
        ...verbatim(command),
        ...verbatim(patch),
      ]);
    case 'instructions':
      return telling.lines.flatMap(verbatim);
    case 'removable':
      return telling.removable.length === 0
        ? lines('left', 'nothing that could be removed')
        : telling.removable.flatMap(({ what, why, command }) => [
            ...lines('left', `${what}: ${why}`),
            ...(command === undefined ? [] : verbatim(command)),
          ]);
  }
};

/** With a final newline. */
export const renderTelling = (telling: Telling, paint: Paint): string =>
  `${tellingLines(telling, paint).join('\n')}\n`;

/** The last word of `run` and `undo`. */
export const renderEnd = (ended: Ended): string => {
  switch (ended.end) {
    case 'done':
      return 'The end is reached.\n';
    case 'reached':
      return `Step ${ended.step} is done. The same command without --until goes on from here.\n`;
    case 'waiting':
      return `${wrap(`Still waiting for ${ended.what}.`, 0).join('\n')}\nThe same command goes on from here.\n`;
    case 'stopped':
      return 'Stopped. The same command goes on from here; migrate undo takes everything back.\n';
  }
};

const STATE: Readonly<Record<MigrationJournal['state'], string>> = {
  running: 'under way',
  undoing: 'being taken back',
  'handed-over': 'handed over to the agent',
};

/** With a final newline. */
export const renderStatus = (
  namespace: string,
  journal: MigrationJournal | undefined,
  paint: Paint,
): string => {
  if (journal === undefined) return `No migration of ${namespace} is under way.\n`;
  const { state, startedAt, plan, step, done } = journal;
  return `${[
    paint('bold', `Migration of ${namespace}: ${STATE[state]}`),
    ...lines('plan', plan),
    ...lines('since', startedAt),
    ...done.flatMap(({ id, at }) => lines('done', `${id}, ${at}`)),
    ...(step === undefined ? [] : lines('at', `${step.id}, since ${step.since}`)),
  ].join('\n')}\n`;
};
