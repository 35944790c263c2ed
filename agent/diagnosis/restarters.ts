/**
 * Other programs that restart workloads when a Secret or ConfigMap changes, by their annotations on the workload or its pod template.
 */
import type { Workload } from '../model/workload.ts';

export interface Restarter {
  readonly program: string;
  /** Annotation as found, `name: value`. */
  readonly annotation: string;
}

type Annotations = Readonly<Record<string, string>>;

const on = (annotations: Annotations, name: string): boolean => annotations[name]?.toLowerCase() === 'true';

/** Reloader takes the list as regular expressions (pkg/common, ShouldReload). */
function mentions(list: string | undefined, names: readonly string[]): boolean {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .some((part) => names.some((name) => part === name || isMatch(part, name)));
}

function isMatch(pattern: string, name: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(name);
  } catch {
    return false;
  }
}

/** docs.stakater.com/reloader 1.4, annotation reference. */
const RELOADER_SWITCHES = [
  'reloader.stakater.com/auto',
  'secret.reloader.stakater.com/auto',
  'configmap.reloader.stakater.com/auto',
] as const;

function reloader(annotations: Annotations, { secrets, configMaps, matched }: Watchable): string | undefined {
  if (on(annotations, 'reloader.stakater.com/ignore')) return undefined;
  const switched = RELOADER_SWITCHES.find((name) => on(annotations, name));
  if (switched !== undefined) return switched;
  const named = [
    ['secret.reloader.stakater.com/reload', secrets],
    ['configmap.reloader.stakater.com/reload', configMaps],
  ] as const;
  const list = named.find(([name, objects]) => mentions(annotations[name], objects));
  if (list !== undefined) return list[0];
  return matched && on(annotations, 'reloader.stakater.com/search')
    ? 'reloader.stakater.com/search'
    : undefined;
}

/** Marks that a restarter left when it last acted, or by which it is told to act. */
const OTHERS: readonly { readonly program: string; readonly annotation: string; readonly switch: boolean }[] =
  [
    { program: 'Vault Secrets Operator', annotation: 'vso.secrets.hashicorp.com/restartedAt', switch: false },
    { program: 'Wave', annotation: 'wave.pusher.com/update-on-config-change', switch: true },
  ];

/** What a restarter may react to: the objects that the agent writes. */
export interface Watchable {
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
  /** One of them carries `reloader.stakater.com/match`, which workloads with `search` follow. */
  readonly matched: boolean;
}

/** Every other restarter that shows on this workload. */
export function restarters(workload: Workload, watchable: Watchable): readonly Restarter[] {
  const annotations: Annotations = { ...workload.template.annotations, ...workload.annotations };
  const shown = (name: string): string => `${name}: ${annotations[name] ?? ''}`;
  const byReloader = reloader(annotations, watchable);
  return [
    ...(byReloader === undefined ? [] : [{ program: 'Reloader', annotation: shown(byReloader) }]),
    ...OTHERS.filter(({ annotation, switch: isSwitch }) =>
      isSwitch ? on(annotations, annotation) : annotations[annotation] !== undefined,
    ).map(({ program, annotation }) => ({ program, annotation: shown(annotation) })),
  ];
}
