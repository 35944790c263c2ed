/**
 * Who opens files of which Secret, by the templates and by the pods that live, and whether a component has moved to the new ones.
 *
 * **Invariant:** a pod counts until it is gone; a template that has moved says nothing about the pods from before.
 */
import type { FoundComponent } from '../../argocd/discover.ts';
import { caPathOf } from '../../argocd/template.ts';
import { hasMtls } from '../../argocd/versions.ts';
import {
  type FoundClient,
  foundClients,
  foundRepoServer,
  type PreflightInput,
} from '../../diagnosis/input.ts';
import { clientNeeds, type Need, repoServerNeeds, trouble } from '../../diagnosis/needs.ts';
import type { ClientMounts, ComponentMounts, FileOrigin, RepoServerMounts } from '../../model/mounts.ts';
import type { Component } from '../../model/terms.ts';

const originsOf = (component: Component, mounts: ComponentMounts): readonly FileOrigin[] => {
  if (mounts.role === 'repo-server') return [mounts.clientCa, mounts.servingCertificate, mounts.servingKey];
  const verifies = component !== 'repo-server' && caPathOf(component, mounts) !== '';
  return [mounts.certificate, mounts.key, ...(verifies ? [mounts.serverCa] : [])];
};

const componentsOf = (
  view: PreflightInput,
): readonly (FoundComponent<ComponentMounts> & { readonly component: Component })[] => {
  const repoServer = foundRepoServer(view);
  return [
    ...(repoServer === undefined ? [] : [{ component: 'repo-server' as const, ...repoServer }]),
    ...foundClients(view),
  ];
};

/**
 * Templates and pods that open a file of one of these Secrets, by name. `needing`: only those whose pods can't start without it.
 */
export const openers = (
  view: PreflightInput,
  secrets: readonly string[],
  which: 'all' | 'needing' = 'all',
): readonly string[] => {
  const opens = (component: Component, mounts: ComponentMounts): boolean =>
    originsOf(component, mounts).some(
      (origin) =>
        origin.from === 'secret' && secrets.includes(origin.secret) && (which === 'all' || !origin.optional),
    );
  return componentsOf(view).flatMap(({ component, workload, mounts, podMounts }) => [
    ...(opens(component, mounts) ? [`${workload.ref.kind} ${workload.ref.name}`] : []),
    ...podMounts.filter((each) => opens(component, each.mounts)).map(({ pod }) => `Pod ${pod.name}`),
  ]);
};

const clientTrouble = (client: FoundClient, mounts: ClientMounts, view: PreflightInput): readonly Need[] => {
  const { certificate, key, serverCa } = clientNeeds({ ...client, mounts }, view);
  const verifies = caPathOf(client.component, mounts) !== '';
  return [certificate, key, ...(verifies ? [serverCa] : [])];
};

const serverTrouble = (
  found: FoundComponent<RepoServerMounts>,
  mounts: RepoServerMounts,
  view: PreflightInput,
): readonly Need[] => {
  const { clientCa, serving } = repoServerNeeds({ ...found, mounts }, view);
  return [clientCa, ...(view.settings.serving === undefined ? [] : serving)];
};

interface Movable {
  readonly component: Component;
  readonly found: FoundComponent<ComponentMounts>;
  readonly template: readonly Need[];
  readonly pods: readonly { readonly pod: string; readonly needs: readonly Need[] }[];
}

const movables = (view: PreflightInput): readonly Movable[] => {
  const repoServer = foundRepoServer(view);
  return [
    ...foundClients(view).map((client) => ({
      component: client.component,
      found: client,
      template: clientTrouble(client, client.mounts, view),
      pods: client.podMounts.map(({ pod, mounts }) => ({
        pod: pod.name,
        needs: clientTrouble(client, mounts, view),
      })),
    })),
    ...(repoServer === undefined
      ? []
      : [
          {
            component: 'repo-server' as const,
            found: repoServer,
            template: serverTrouble(repoServer, repoServer.mounts, view),
            pods: repoServer.podMounts.map(({ pod, mounts }) => ({
              pod: pod.name,
              needs: serverTrouble(repoServer, mounts, view),
            })),
          },
        ]),
  ];
};

/** What is still to come until these components, their pods included, open the files that the migration publishes; one sentence each. */
export const notMoved = (view: PreflightInput, components: readonly Component[]): readonly string[] =>
  movables(view)
    .filter(({ component }) => components.includes(component))
    .flatMap(({ found, template, pods }) => {
      const { kind, name } = found.workload.ref;
      if (hasMtls(found.version) === 'no') return [`${kind} ${name} is older than 3.5`];
      const [first] = template.flatMap((need) => trouble(need) ?? []);
      if (first !== undefined) return [`${kind} ${name}: ${first}`];
      const old = pods.filter(({ needs }) => needs.some((need) => trouble(need) !== undefined));
      return old.length === 0 ? [] : [`${kind} ${name}: ${old.map(({ pod }) => pod).join(', ')} from before`];
    });
