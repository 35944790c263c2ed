/**
 * A migration's plan as a directory: the plan itself, the agent's configuration, the manifests that are made, the patches to apply.
 *
 * **Invariant:** no private key is in any of the files. What a made Secret is filled with stands there as a comment: from which place.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { patchFile } from '../migration/planning/patches.ts';
import { short } from '../model/fingerprint.ts';
import type { CopiedValue, MadeObject, MigrationPlan } from '../model/migration.ts';
import { keyPlaceText } from '../model/migration-findings.ts';
import { UsageError } from './exit-codes.ts';

/** Name of the plan in its directory; what `migrate run` reads. */
export const PLAN_FILE = 'plan.yaml';

const yaml = (value: object): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

const copied = ({ to, from, part }: CopiedValue): string =>
  part.kind === 'certificate'
    ? `# ${to}: certificate ${short(part.fingerprint)} from ${keyPlaceText(from)}`
    : `# ${to}: private key from ${keyPlaceText(from)}, copied when it is made and written nowhere else`;

const manifestText = ({ manifest, copies, why }: MadeObject): string =>
  [`# ${why}`, ...copies.map(copied), yaml(manifest)].join('\n');

/** Path below the directory → content. */
export const planFiles = (plan: MigrationPlan): ReadonlyMap<string, string> =>
  new Map([
    [PLAN_FILE, yaml(plan)],
    ...(plan.config === undefined ? [] : [['config.yaml', yaml(plan.config)] as const]),
    ...plan.objects.map(
      (object, index) =>
        [
          `objects/${String(index + 1).padStart(2, '0')}-${object.kind.toLowerCase()}-${object.name}.yaml`,
          manifestText(object),
        ] as const,
    ),
    ...plan.patches.map(({ component, patch }) => [patchFile(component), patch] as const),
    ...(plan.instructions.length === 0 ? [] : [['vault.txt', `${plan.instructions.join('\n')}\n`] as const]),
  ]);

/** @throws UsageError where the directory holds something already: two plans are never mixed */
export const writePlan = (plan: MigrationPlan, directory: string): readonly string[] => {
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new UsageError(
      `The directory ${directory} is not empty.`,
      'Name another one, or take away what is in it: two plans are not mixed.',
    );
  const files = planFiles(plan);
  for (const [path, content] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return [...files.keys()];
};
