/**
 * Counts the pods of Argo CD that were replaced, by whoever did it: an eviction changes no generation.
 */
import type { Api, KubeObject } from '../harness/api.ts';
import { sleep } from '../harness/wait.ts';

const COMPONENT =
  /^argocd-(repo-server|server|application-controller|applicationset-controller|notifications-controller)$/;

export interface ReplacedPods {
  /** Component → how many of its pods are there anew. Leaves out those with none. */
  soFar(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** A pod lives for seconds at least, so looking every second misses none. */
export const countReplacedPods = async (api: Api, namespace: string): Promise<ReplacedPods> => {
  const look = async (): Promise<readonly (readonly [string, string])[]> =>
    (await api.list<KubeObject>(`/api/v1/namespaces/${namespace}/pods`)).flatMap(({ metadata }) => {
      const [, component] = COMPONENT.exec(metadata.labels?.['app.kubernetes.io/name'] ?? '') ?? [];
      return component === undefined ? [] : [[metadata.uid ?? '', component] as const];
    });
  const before = new Set((await look()).map(([uid]) => uid));
  const fresh = new Map<string, string>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      // A list that fails is made again a second later.
      for (const [uid, component] of await look().catch(() => []))
        if (!before.has(uid)) fresh.set(uid, component);
      await sleep(1_000);
    }
  })();
  return {
    soFar: () => {
      const counts: Record<string, number> = {};
      for (const component of fresh.values()) counts[component] = (counts[component] ?? 0) + 1;
      return counts;
    },
    stop: async () => {
      stopped = true;
      await watching;
    },
  };
};
