/**
 * Which workloads of a namespace are this Argo CD's components, and which pods run them.
 *
 * **Invariant:** where two workloads could be the same component, both are named and neither is chosen.
 */
import type { ClientMounts, ComponentMounts, RepoServerMounts } from '../model/mounts.ts';
import type { InstanceSettings } from '../model/settings.ts';
import { type ClientComponent, COMPONENTS, type Component } from '../model/terms.ts';
import type { Pod, PodTemplate, Workload, WorkloadRef } from '../model/workload.ts';
import { containerOf, runs } from './container.ts';
import { readClientMounts, readRepoServerMounts } from './template.ts';
import { type Version, versionOf } from './versions.ts';

export interface PodMounts<M> {
  readonly pod: Pod;
  /** By the pod's own spec, which a later template may differ from. */
  readonly mounts: M;
}

export interface FoundComponent<M extends ComponentMounts = ComponentMounts> {
  readonly state: 'found';
  readonly workload: Workload;
  /** Pods that run it or may: matched by the selector, neither succeeded nor failed. Terminating ones included. */
  readonly pods: readonly Pod[];
  /** By the workload's template: what the next pod gets. */
  readonly mounts: M;
  readonly podMounts: readonly PodMounts<M>[];
  readonly version: Version;
}

export type Discovered<M extends ComponentMounts = ComponentMounts> =
  | FoundComponent<M>
  /** Not installed here. `expected`: the name that the configuration gives, where it gives one. */
  | { readonly state: 'absent'; readonly expected: string | undefined }
  | { readonly state: 'ambiguous'; readonly candidates: readonly WorkloadRef[] };

export interface Discovery {
  readonly repoServer: Discovered<RepoServerMounts>;
  readonly clients: Readonly<Record<ClientComponent, Discovered<ClientMounts>>>;
  /** Pods that run one of the programs but belong to no workload found: nobody will restart them. */
  readonly strays: readonly { readonly component: Component; readonly pod: Pod }[];
}

const LABEL = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
} as const;

/** Upstream's name, which argo-helm and the operator prefix with a release's or custom resource's name. */
const defaultName = (component: Component): string => `argocd-${component}`;

/** Whether a pod template starts this component's program, another component's, or can't be told. */
function program(component: Component, template: PodTemplate): 'this' | 'another' | 'unknown' {
  if (template.containers.some((container) => runs(container, component))) return 'this';
  const another = COMPONENTS.some((other) => template.containers.some((container) => runs(container, other)));
  return another ? 'another' : 'unknown';
}

function isNamedLike(component: Component, workload: Workload): boolean {
  const { name } = workload.ref;
  const upstream = defaultName(component);
  if (name === upstream || name.endsWith(`-${upstream}`)) return true;
  if (workload.labels[LABEL.name] === upstream) return true;
  return workload.labels[LABEL.component] === component && workload.labels[LABEL.partOf] === 'argocd';
}

/** What a workload runs counts for more than what it is called: a name or label is asked only where the program can't be seen. */
function isCandidate(component: Component, workload: Workload): boolean {
  const seen = program(component, workload.template);
  return seen === 'unknown' ? isNamedLike(component, workload) : seen === 'this';
}

/** The component that a pod runs: by its program, else by the labels of upstream's manifests and argo-helm's. */
export function componentOf(pod: Pod): Component | undefined {
  const { labels } = pod;
  return (
    COMPONENTS.find((each) => program(each, pod.spec) === 'this') ??
    COMPONENTS.find(
      (each) =>
        labels[LABEL.name] === defaultName(each) ||
        (labels[LABEL.component] === each && labels[LABEL.partOf] === 'argocd'),
    )
  );
}

/** Succeeded or failed: nothing runs in it any more. */
export const isOver = (pod: Pod): boolean => pod.phase === 'Succeeded' || pod.phase === 'Failed';

/** Pods matched by a workload's selector; an empty selector matches none. */
export function podsOf(workload: Workload, pods: readonly Pod[]): readonly Pod[] {
  const wanted = Object.entries(workload.selector);
  if (wanted.length === 0) return [];
  return pods.filter(
    (pod) =>
      pod.namespace === workload.ref.namespace &&
      !isOver(pod) &&
      wanted.every(([label, value]) => pod.labels[label] === value),
  );
}

/** Upstream's controller-as-Deployment keeps the StatefulSet at zero replicas beside it: such a shell is no rival. */
const isShell = (workload: Workload): boolean => workload.replicas === 0 && workload.status.replicas === 0;

function candidates(component: Component, workloads: readonly Workload[]): readonly Workload[] {
  const all = workloads.filter((workload) => isCandidate(component, workload));
  if (all.length < 2) return all;
  const live = all.filter((workload) => !isShell(workload));
  return live.length === 0 ? all : live;
}

function find<M extends ComponentMounts>(
  component: Component,
  workloads: readonly Workload[],
  pods: readonly Pod[],
  configured: string | undefined,
  read: (template: PodTemplate) => M,
): Discovered<M> {
  const named = configured === undefined ? undefined : workloads.filter(({ ref }) => ref.name === configured);
  const live = named?.filter((workload) => !isShell(workload));
  const eligible =
    named === undefined
      ? candidates(component, workloads)
      : live !== undefined && live.length > 0
        ? live
        : named;
  const [workload, rival] = eligible;
  if (workload === undefined) return { state: 'absent', expected: configured };
  if (rival !== undefined) return { state: 'ambiguous', candidates: eligible.map(({ ref }) => ref) };
  const own = podsOf(workload, pods);
  const container = containerOf(component, workload.template);
  return {
    state: 'found',
    workload,
    pods: own,
    mounts: read(workload.template),
    podMounts: own.map((pod) => ({ pod, mounts: read(pod.spec) })),
    version: versionOf(container?.image ?? '', workload.labels, workload.template),
  };
}

/**
 * Finds the five components among a namespace's workloads. `params` is today's `argocd-cmd-params-cm`, empty where there is none.
 */
export function discover(
  workloads: readonly Workload[],
  pods: readonly Pod[],
  params: Readonly<Record<string, string>>,
  names: Pick<InstanceSettings['names'], 'workloads'>,
): Discovery {
  const client = (component: ClientComponent): Discovered<ClientMounts> =>
    find(component, workloads, pods, names.workloads[component], (template) =>
      readClientMounts(component, template, params),
    );
  const repoServer = find('repo-server', workloads, pods, names.workloads['repo-server'], (template) =>
    readRepoServerMounts(template, params),
  );
  const clients = {
    server: client('server'),
    'application-controller': client('application-controller'),
    'applicationset-controller': client('applicationset-controller'),
    'notifications-controller': client('notifications-controller'),
  };
  const known = [repoServer, ...Object.values(clients)].flatMap((found) => {
    if (found.state === 'found') return [found.workload];
    if (found.state === 'absent') return [];
    return workloads.filter(({ ref }) => found.candidates.includes(ref));
  });
  const owned = new Set(known.flatMap((workload) => podsOf(workload, pods).map(({ uid }) => uid)));
  return { repoServer, clients, strays: straysAmong(pods, owned) };
}

function straysAmong(pods: readonly Pod[], owned: ReadonlySet<string>): Discovery['strays'] {
  return pods
    .filter((pod) => !isOver(pod) && !owned.has(pod.uid))
    .flatMap((pod) => {
      const component = COMPONENTS.find((each) => program(each, pod.spec) === 'this');
      return component === undefined ? [] : [{ component, pod }];
    });
}
