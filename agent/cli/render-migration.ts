/**
 * A migration's plan as an operator reads it: which root stays and how, each step with what it does to traffic, what is made, applied and left.
 *
 * **Invariant:** the plan as it is, nothing judged anew; at most 100 columns wide, but for commands and patches.
 */
import { short } from '../model/fingerprint.ts';
import type { MigrationPlan, MigrationStep, Removable, RootWay } from '../model/migration.ts';
import { keyPlaceText } from '../model/migration-findings.ts';
import { COLUMN, heading, renderFindings } from './render-findings.ts';
import { entry, type Paint, painter, wrap } from './text.ts';

const WAY: Readonly<Record<RootWay, string>> = {
  issuer: 'cert-manager issues under it',
  vault: 'Vault issues under it',
  'trust-only': 'trusted only: the client certificates that are there are kept, nothing new is issued',
};

const BY: Readonly<Record<MigrationStep['by'], string>> = {
  migrate: 'migrate run',
  operator: 'you',
};

/** The whole text, with a final newline. */
export const renderMigration = (
  plan: MigrationPlan,
  options: { readonly colours?: boolean } = {},
): string => {
  const paint = painter(options.colours ?? false);
  const blocks = [
    renderRoot(plan, paint),
    renderSteps(plan.steps, paint),
    renderObjects(plan, paint),
    renderCommands('Patches for you to apply, each in its step', plan.patches, paint),
    renderInstructions(plan.instructions, paint),
    renderRemovable(plan.removable, paint),
    renderFindings('To be known', plan.problems, paint),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
};

const renderRoot = ({ instance, root }: MigrationPlan, paint: Paint): readonly string[] => [
  paint('bold', `Migration of Argo CD in namespace ${instance.namespace}`),
  ...(root === undefined
    ? [`  ${paint('red', 'blocked')}: no plan is made, and nothing was changed`]
    : [
        ...entry(
          'root',
          `${root.subject} (${short(root.fingerprint)}), until ${root.notAfter.slice(0, 10)}, stays: ${WAY[root.kept]}`,
          2,
          COLUMN,
        ),
        ...entry('from', keyPlaceText(root.from), 2, COLUMN),
        ...(root.keyFrom === undefined ? [] : entry('key', keyPlaceText(root.keyFrom), 2, COLUMN)),
        ...entry(
          'fills',
          `Secret ${instance.mtlsSecret}${instance.servingSecret === undefined ? '; the serving certificate stays as it is' : ` and Secret ${instance.servingSecret}`}`,
          2,
          COLUMN,
        ),
      ]),
];

const renderSteps = (steps: readonly MigrationStep[], paint: Paint): readonly string[] =>
  steps.length === 0
    ? []
    : [
        heading(paint, 'Steps'),
        ...steps.flatMap(({ id, by, title, does, traffic, undo, waitsFor }, index) => [
          `  ${index + 1}. ${paint('cyan', id)} (${BY[by]}): ${title}`,
          ...wrap(does, 5),
          ...entry('traffic', traffic, 5, 9),
          ...entry('undo', undo, 5, 9),
          ...entry('waits', waitsFor, 5, 9),
        ]),
      ];

const renderObjects = ({ objects }: MigrationPlan, paint: Paint): readonly string[] =>
  objects.length === 0
    ? []
    : [
        heading(paint, 'Objects that are made'),
        ...objects.flatMap(({ kind, name, why, copies }) => [
          ...entry(kind, `${name}: ${why}`, 2, 13),
          ...copies.flatMap(({ to, from, part }) =>
            wrap(
              `${to}: ${part.kind === 'certificate' ? 'certificate' : 'private key'} copied from ${keyPlaceText(from)}`,
              15,
            ),
          ),
        ]),
      ];

const renderCommands = (title: string, patches: MigrationPlan['patches'], paint: Paint): readonly string[] =>
  patches.length === 0 ? [] : [heading(paint, title), ...patches.map(({ command }) => `  ${command}`)];

const renderInstructions = (instructions: readonly string[], paint: Paint): readonly string[] =>
  instructions.length === 0
    ? []
    : [heading(paint, 'For whoever looks after Vault'), ...instructions.map((line) => `  ${line}`)];

const renderRemovable = (removable: readonly Removable[], paint: Paint): readonly string[] =>
  removable.length === 0
    ? []
    : [
        heading(paint, 'What you can take away after the proof; a migration removes none of it'),
        ...removable.flatMap(({ what, why, command }) => [
          ...wrap(`${what}. ${why}`, 2),
          ...(command === undefined ? [] : [`    ${command}`]),
        ]),
      ];
