/**
 * Whether somebody else writes what the agent is to write.
 */
import type { Finding } from '../../model/plan.ts';
import { FIELD_MANAGER } from '../../model/product.ts';
import type { Check } from '../input.ts';
import { foreignOwner } from '../owners.ts';
import { type Target, targets } from '../targets.ts';

function unmarking({ kind, name }: Target, namespace: string, mark: ReturnType<typeof foreignOwner>): string {
  if (mark?.mark === undefined) return '';
  const verb = mark.mark.kind === 'annotation' ? 'annotate' : 'label';
  return `, take its mark off (kubectl -n ${namespace} ${verb} ${kind.toLowerCase()} ${name} ${mark.mark.name}-)`;
}

/**
 * A controller that would write its own content over ours. The parameters' ConfigMap is left out: it is meant to be shared, field by field.
 */
export const foreignOwners: Check = (input) =>
  targets(input).flatMap((target): readonly Finding[] => {
    const { kind, name, stored } = target;
    const found = kind === 'Secret' && stored !== undefined ? foreignOwner(stored) : undefined;
    if (found === undefined) return [];
    const { namespace } = input.settings;
    return [
      {
        code: 'foreign-owner',
        severity: 'blocking',
        about: `${kind} ${namespace}/${name}`,
        what: `It is written by ${found.owner}.`,
        effect:
          'Two writers would overwrite each other, and take old trust away at a moment that no one chose.',
        next: `To free it, ${found.freeBy}${unmarking(target, namespace, found)}, and set adopt: existing for this instance. Its content stays, so that no call fails meanwhile.`,
        patch: undefined,
      },
    ];
  });

/** Other managers' fields under the keys that the agent means to own. */
export const foreignFields: Check = (input) =>
  targets(input).flatMap((target): readonly Finding[] => {
    const { kind, name, stored, keys } = target;
    if (stored === undefined || (kind === 'Secret' && foreignOwner(stored) !== undefined)) return [];
    const others = stored.owners
      .filter(
        ({ manager, dataKeys }) => manager !== FIELD_MANAGER && dataKeys.some((key) => keys.includes(key)),
      )
      .map(({ manager }) => manager);
    if (others.length === 0) return [];
    const adopted = input.settings.adopt === 'existing';
    const managers = [...new Set(others)].join(', ');
    return [
      {
        code: 'foreign-fields',
        severity: adopted ? 'info' : 'blocking',
        about: `${kind} ${input.settings.namespace}/${name}`,
        what: `Some of its keys were written by ${managers}.`,
        effect: adopted
          ? 'They are taken over, as the configuration allows, with their values kept until a change is due.'
          : 'Nothing is written: somebody may rely on what they hold.',
        next: adopted ? 'Nothing.' : 'Set adopt: existing for this instance to have them taken over.',
        patch: undefined,
      },
    ];
  });
