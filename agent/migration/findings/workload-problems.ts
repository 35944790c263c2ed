/**
 * What stands around Argo CD's workloads and has to be known before they are moved: old versions, own volumes, restarters, meshes, writers.
 */
import { nameOf } from '../../diagnosis/input.ts';
import { type FoundComponent, objectPlaceText } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import type { Question } from './problems.ts';

export const oldVersions: Question = ({ components }) => {
  const old = components.filter(({ hasMtls }) => hasMtls === 'no');
  const [first] = old;
  return first === undefined
    ? []
    : [
        {
          code: 'version-too-old',
          severity: 'warning',
          about: old.map(({ workload }) => nameOf(workload)).join(', '),
          what: `Argo CD ${first.version ?? 'of an unknown version'} runs there; repo-server mTLS came with 3.5.`,
          effect:
            'It opens none of the files. The client certificates can be prepared: the upgrade then finds them mounted. What repo-server trusts must not be there yet, or it would require certificates while clients of the old version have none.',
          next: 'Plan the migration now, upgrade when it says so.',
          patch: undefined,
        },
      ];
};

/** What is the same of several workloads is said once. */
const oncePerText = <T>(
  components: readonly FoundComponent[],
  each: (component: FoundComponent) => readonly T[],
  idOf: (one: T) => string,
  finding: (one: T, about: string) => Finding,
): readonly Finding[] => {
  const groups = new Map<string, { readonly one: T; readonly workloads: string[] }>();
  for (const component of components)
    for (const one of each(component)) {
      const group = groups.get(idOf(one)) ?? { one, workloads: [] };
      group.workloads.push(nameOf(component.workload));
      groups.set(idOf(one), group);
    }
  return [...groups.values()].map(({ one, workloads }) => finding(one, workloads.join(', ')));
};

/** Only those that show something of mTLS: sidecars and plugins have volumes of their own that matter to nobody here. */
export const ownVolumes: Question = ({ components }) =>
  oncePerText(
    components,
    ({ mounts }) => mounts.filter(({ custom }) => custom),
    ({ volume, object, paths }) => [volume, objectPlaceText(object), ...paths].join(' '),
    ({ volume, object, paths }, about) => ({
      code: 'own-volume',
      severity: 'info',
      about,
      what: `Its volume ${volume} shows ${objectPlaceText(object)}${paths.length === 0 ? ', and its container does not mount it' : ` at ${paths.join(', ')}`}.`,
      effect: 'It goes on as it is until a patch of the plan is applied.',
      next: 'Nothing now.',
      patch: undefined,
    }),
  );

export const otherRestarters: Question = ({ components }) =>
  oncePerText(
    components,
    ({ restarters }) => restarters,
    ({ program, annotation }) => `${program} ${annotation}`,
    ({ program, annotation }, about) => ({
      code: 'other-restarter',
      severity: 'warning',
      about,
      what: `${program} restarts it when what it mounts changes (${annotation}).`,
      effect:
        'All at once and unwaited: when a CA is replaced that way, calls fail until everything is through.',
      next: 'Leave it until the migration is proved; then take the annotation off: the agent restarts in order, and only what has to be.',
      patch: undefined,
    }),
  );

export const meshes: Question = ({ components }) =>
  oncePerText(
    components,
    ({ mesh }) => mesh,
    ({ mesh, fact }) => `${mesh} ${fact}`,
    ({ mesh, fact }, about) => ({
      code: 'mesh',
      severity: 'info',
      about,
      what: `A proxy stands before it: ${mesh} (${fact}).`,
      effect:
        'Calls go through it. mTLS underneath works as without it; while the proxy is strict, the agent can prove nothing and waits.',
      next: 'Make it permissive for the port of repo-server before the migration runs (docs/mesh.md); take it away after the proof.',
      patch: undefined,
    }),
  );

export const keptWorkloads: Question = ({ components }) =>
  oncePerText(
    components,
    ({ keptBy }) => (keptBy === undefined ? [] : [keptBy]),
    (owner) => owner,
    (owner, about) => ({
      code: 'workload-kept-by',
      severity: 'warning',
      about,
      what: `It is kept as ${owner} has it.`,
      effect:
        'What is changed on it by kubectl is put back sooner or later, and the workload rolls once more.',
      next: 'Make the change of each patch where it is kept (Git, the chart, the ArgoCD resource) instead of applying it.',
      patch: undefined,
    }),
  );

export const otherWriters: Question = ({ objects }) =>
  objects.flatMap(({ place, owner, otherPurpose, keys }): readonly Finding[] =>
    owner === undefined || otherPurpose !== undefined || keys.length === 0
      ? []
      : [
          {
            code: 'other-writer',
            severity: 'info',
            about: objectPlaceText(place),
            what: `It is written by ${owner}.`,
            effect: 'It goes on being written; the migration fills Secrets of its own beside it.',
            next: 'Nothing now.',
            patch: undefined,
          },
        ],
  );
