/**
 * Which container of a pod runs Argo CD's program, and what its settings come to.
 *
 * **Invariant:** arguments are read as Argo CD's own flag parser (spf13/pflag) reads them; the last one of a name counts.
 */
import type { Setting } from '../model/mounts.ts';
import type { Component } from '../model/terms.ts';
import type { Container, ContainerStatus, EnvVar, Pod, PodTemplate } from '../model/workload.ts';
import { type Parameter, PROGRAMS } from './parameters.ts';
import { imageParts } from './versions.ts';

const words = (container: Container): readonly string[] => [...container.command, ...container.args];

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Container names of the upstream manifests are the workload's; argo-helm's are the component's. */
const CONTAINER_NAMES: Readonly<Record<Component, readonly string[]>> = {
  'repo-server': ['argocd-repo-server', 'repo-server'],
  server: ['argocd-server', 'server'],
  'application-controller': ['argocd-application-controller', 'application-controller'],
  'applicationset-controller': ['argocd-applicationset-controller', 'applicationset-controller'],
  'notifications-controller': ['argocd-notifications-controller', 'notifications-controller'],
};

/** True where this container is seen to start that component's program. */
export const runs = (container: Container, component: Component): boolean =>
  words(container).some((word) => baseName(word) === PROGRAMS[component]);

/** True where any of Argo CD's five programs is seen to be started. */
const runsAnything = (container: Container): boolean =>
  (Object.keys(PROGRAMS) as Component[]).some((component) => runs(container, component));

/**
 * The container that runs the component: the one that starts its program, else the one with its usual name, else the only one with an
 * Argo CD image. `undefined` where none of that singles one out.
 */
export function containerOf(component: Component, template: PodTemplate): Container | undefined {
  const starting = template.containers.filter((container) => runs(container, component));
  if (starting.length > 0) return starting.length === 1 ? starting[0] : undefined;
  const rest = template.containers.filter((container) => !runsAnything(container));
  const named = rest.filter(({ name }) => CONTAINER_NAMES[component].includes(name));
  if (named.length === 1) return named[0];
  const byImage = rest.filter(({ image }) => imageParts(image).name.includes('argocd'));
  return byImage.length === 1 ? byImage[0] : undefined;
}

/** The container of a pod that runs the component: the one that its spec singles out, else the first. */
export const mainContainer = (pod: Pod, component: Component): ContainerStatus | undefined => {
  const name = containerOf(component, pod.spec)?.name;
  return pod.containers.find((container) => container.name === name) ?? pod.containers[0];
};

/** True where the arguments are a shell's script: its flags can't be read from here. */
export const startsByShell = (container: Container): boolean =>
  words(container).some(
    (word, index, all) => word === '-c' && /^(?:ba|da|a)?sh$/.test(baseName(all[index - 1] ?? '')),
  );

/** Every value an argument list gives to a flag, in order; `--flag` alone is `true` for switches. */
function argumentValue(container: Container, flag: string, kind: 'text' | 'switch'): string | undefined {
  let value: string | undefined;
  const list = words(container);
  for (const [index, word] of list.entries()) {
    if (word === '--') break;
    if (word.startsWith(`--${flag}=`)) value = word.slice(flag.length + 3);
    else if (word === `--${flag}`) value = kind === 'switch' ? 'true' : (list[index + 1] ?? '');
  }
  return value;
}

/** The last variable of a name counts, as in the kubelet. */
const variable = (container: Container, name: string | undefined): EnvVar | undefined =>
  name === undefined ? undefined : container.env.findLast((env) => env.name === name);

/**
 * Where a setting comes from and what it is today. `params` is today's content of the ConfigMap that the variables refer to;
 * the running process has that of its start.
 */
export function setting(
  container: Container,
  parameter: Parameter,
  params: Readonly<Record<string, string>>,
  kind: 'text' | 'switch' = 'text',
): Setting {
  const argument = argumentValue(container, parameter.flag, kind);
  if (argument !== undefined) return { from: 'argument', value: argument };
  const env = variable(container, parameter.env);
  if (env?.configMapKey !== undefined) {
    const { configMap, key } = env.configMapKey;
    return { from: 'config-map', configMap, key, value: params[key], env };
  }
  if (env?.value !== undefined) return { from: 'env', value: env.value, env };
  return { from: 'default', value: parameter.fallback };
}

/** What the program makes of a setting: an empty or absent variable means the default, an empty argument means empty (util/env StringFromEnv). */
export function effective(found: Setting, parameter: Parameter): string {
  if (found.from === 'argument') return found.value;
  return found.value === undefined || found.value === '' ? parameter.fallback : found.value;
}

/** Switches: variables count by `true` in any case (util/env ParseBoolFromEnv), arguments as Go's strconv.ParseBool reads them. */
export function isOn(found: Setting, parameter: Parameter): boolean {
  const value = effective(found, parameter);
  return found.from === 'argument'
    ? ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)
    : /^true$/i.test(value);
}
