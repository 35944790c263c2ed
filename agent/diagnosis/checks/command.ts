/**
 * Whether a component's settings can be read off its pod template at all.
 */
import { containerOf, startsByShell } from '../../argocd/container.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, foundAll, nameOf } from '../input.ts';

export const readableCommand: Check = (input) =>
  foundAll(input).flatMap(({ component, workload }): readonly Finding[] => {
    const container = containerOf(component, workload.template);
    if (container !== undefined && !startsByShell(container)) return [];
    return [
      {
        code: 'settings-unreadable',
        severity: container === undefined ? 'blocking' : 'warning',
        about: nameOf(workload.ref),
        what:
          container === undefined
            ? `None of its containers can be told to be ${component}.`
            : `Container ${container.name} starts ${component} by a shell: its arguments can't be read.`,
        effect:
          container === undefined
            ? 'What it mounts and which settings it starts with is unknown.'
            : 'Settings given in that script (CA path, address, switches) are taken to be the defaults.',
        next: `Start ${component} by command and args, without a shell; settings go into argocd-cmd-params-cm.`,
        patch: undefined,
      },
    ];
  });
