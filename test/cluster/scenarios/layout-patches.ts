/**
 * The patches that `plan` prints for a layout, applied as a team would.
 */
import { parse } from 'yaml';
import type { Api, KubeObject } from '../harness/api.ts';
import { workloadPath } from '../harness/argocd.ts';
import type { AgentPod } from './agent-pod.ts';

/** As `kubectl patch --patch-file` does it. Answers the workload, which rolls from now on. */
export const applyPatch = async (api: Api, namespace: string, patch: string): Promise<string> => {
  const { kind, metadata, spec } = parse(patch) as KubeObject & { spec: unknown };
  const workload = `${kind.toLowerCase()}s/${metadata.name}`;
  await api.strategicMerge(workloadPath(namespace, workload), { spec });
  return workload;
};

/** Codes under which a volume is told that does not show what the layout has. */
const OF_VOLUMES = ['file-not-mounted', 'other-layout'];

/**
 * An Argo CD as it came, where nothing is published yet: each client's volume shows what the layout will have.
 *
 * @throws where `plan` prints no patch for one of the clients
 */
export const projectLayout = async (
  { api, agent }: { readonly api: Api; readonly agent: AgentPod },
  namespace: string,
  type: 'keys' | 'secrets',
): Promise<void> => {
  const findings = await agent.findings({
    instances: [
      {
        name: namespace,
        namespace,
        layout: { type },
        clients: { default: { secret: { name: 'not-there-yet' } } },
      },
    ],
  });
  const patches = findings.flatMap(({ code, patch }) =>
    OF_VOLUMES.includes(code) && patch !== undefined ? [patch] : [],
  );
  if (patches.length !== 4) {
    const found = findings.map(({ code }) => code).join(', ');
    throw new Error(`${namespace}: ${patches.length} patches are printed for four clients (${found})`);
  }
  for (const patch of patches) await applyPatch(api, namespace, patch);
};
