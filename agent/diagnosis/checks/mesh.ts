/**
 * Whether a mesh's proxy stands between the agent's calls and repo-server.
 */
import { type MeshProxy, proxiesIn, proxyOf } from '../../argocd/mesh.ts';
import { type Check, foundRepoServer, nameOf } from '../input.ts';

/** What the mesh is told so that it lets calls through to repo-server's own TLS. Each mesh's own documentation. */
const LET_THROUGH: Readonly<Record<string, string>> = {
  Istio: 'a PeerAuthentication for repo-server with mode PERMISSIVE for its port',
  'Istio, ambient': 'a PeerAuthentication for repo-server with mode PERMISSIVE for its port',
  Linkerd: 'the annotation config.linkerd.io/default-inbound-policy: all-unauthenticated',
  Consul: 'mutualTLSMode: permissive in its ServiceDefaults',
  Kuma: 'a MeshTLS policy with mode Permissive for it',
};

export const meshProxy: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (repoServer === undefined || input.settings.state === 'disabled') return [];
  const { workload, pods } = repoServer;
  const found = new Map<string, MeshProxy>();
  for (const proxy of [...proxiesIn(workload.template), ...pods.flatMap((pod) => proxyOf(pod) ?? [])]) {
    if (!found.has(proxy.name)) found.set(proxy.name, proxy);
  }
  const [first] = found.values();
  if (first === undefined) return [];
  const shown = [...found.values()].map(({ mesh, name, fact }) => `${name} of ${mesh} (${fact})`);
  const way = LET_THROUGH[first.mesh] ?? 'its permissive mode, for the port of repo-server';
  return [
    {
      code: 'proxy-in-the-way',
      severity: 'warning',
      about: nameOf(workload.ref),
      what: `A proxy stands in front of repo-server: ${shown.join(', ')}.`,
      effect:
        'Traffic goes on. Where the proxy is strict it answers the calls of the agent itself, so that nothing can be proved of repo-server: neither that it accepts a certificate nor that it refuses one. Such answers count as unknown, never as disproven, and a plan waits where it needs a proof, renewals included. Where the proxy lets calls through, they count in full.',
      next: `Let calls through to repo-server (${way}), well before what is published expires. mTLS underneath is then enabled and proved as if there were no proxy, and after that the proxy can be taken away: docs/mesh.md.`,
      patch: undefined,
    },
  ];
};
