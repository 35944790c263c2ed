/**
 * What preflight looks at: one look at one instance, as plain values.
 *
 * **Invariant:** a check sees nothing else; equal inputs give equal findings.
 */
import type { FoundComponent } from '../argocd/discover.ts';
import type { ClientMounts, ComponentMounts, RepoServerMounts } from '../model/mounts.ts';
import type { Finding } from '../model/plan.ts';
import { CLIENT_COMPONENTS, type ClientComponent, type Component } from '../model/terms.ts';
import type { WorkloadRef } from '../model/workload.ts';
import type { InspectionView } from '../rotation/services.ts';

/** What the engine hands to preflight at each look. */
export type PreflightInput = InspectionView;

/**
 * One question to an instance. `blocking` is kept for what makes the plan's own steps harmful or useless: it also holds back renewals,
 * so everything else is a warning.
 */
export type Check = (input: PreflightInput) => readonly Finding[];

export interface FoundClient extends FoundComponent<ClientMounts> {
  readonly component: ClientComponent;
}

/** repo-server, where exactly one was found. */
export const foundRepoServer = ({
  discovery,
}: Pick<PreflightInput, 'discovery'>): FoundComponent<RepoServerMounts> | undefined =>
  discovery.repoServer.state === 'found' ? discovery.repoServer : undefined;

/** The clients that were found, in the order of the components. */
export const foundClients = ({ discovery }: Pick<PreflightInput, 'discovery'>): readonly FoundClient[] =>
  CLIENT_COMPONENTS.flatMap((component) => {
    const found = discovery.clients[component];
    return found.state === 'found' ? [{ component, ...found }] : [];
  });

export interface FoundAny extends FoundComponent<ComponentMounts> {
  readonly component: Component;
}

/** All components found, repo-server first. */
export function foundAll(input: PreflightInput): readonly FoundAny[] {
  const repoServer = foundRepoServer(input);
  return [
    ...(repoServer === undefined ? [] : [{ component: 'repo-server' as const, ...repoServer }]),
    ...foundClients(input),
  ];
}

/** `Deployment argocd/argocd-server`. */
export const nameOf = ({ kind, namespace, name }: WorkloadRef): string => `${kind} ${namespace}/${name}`;

/** `Secret argocd/argocd-repo-server-mtls`. */
export const secretName = (namespace: string, name: string): string => `Secret ${namespace}/${name}`;

/** A workload that runs nothing and is asked to run nothing: what is wrong with it hurts nobody now. */
export const isIdle = ({ workload, pods }: FoundComponent): boolean =>
  workload.replicas === 0 && pods.length === 0;
