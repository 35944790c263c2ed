/**
 * Patches that mend what a check found, as YAML for `kubectl patch --patch-file` or a kustomize patch.
 *
 * **Invariant:** a patch is a strategic merge patch that changes only what its finding is about.
 */
import { stringify } from 'yaml';
import type { Container, Workload } from '../model/workload.ts';

interface PatchParts {
  readonly template?: object;
  readonly spec?: object;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** A patch of one workload. */
export const workloadPatch = ({ ref }: Workload, { template, spec, annotations }: PatchParts): string =>
  stringify({
    apiVersion: 'apps/v1',
    kind: ref.kind,
    metadata: { name: ref.name, namespace: ref.namespace, ...(annotations !== undefined && { annotations }) },
    ...((spec !== undefined || template !== undefined) && {
      spec: { ...spec, ...(template !== undefined && { template: { spec: template } }) },
    }),
  });

export const secretPatch = (
  namespace: string,
  name: string,
  labels: Readonly<Record<string, null>>,
): string => stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels } });

/** Replaces file-by-file subPath mounts by one mount of the directory. */
export const wholeDirectoryPatch = (
  workload: Workload,
  container: Container,
  volume: string,
  paths: readonly string[],
  directory: string,
): string =>
  workloadPatch(workload, {
    template: {
      containers: [
        {
          name: container.name,
          volumeMounts: [
            ...paths.map((mountPath) => ({ mountPath, $patch: 'delete' })),
            { name: volume, mountPath: directory },
          ],
        },
      ],
    },
  });

/** Seconds that a stopping repo-server goes on serving, so that its endpoint is gone before it is: 6 were enough in the measurements. */
export const PRE_STOP_SECONDS = 6;

export const preStopPatch = (workload: Workload, container: Container): string =>
  workloadPatch(workload, {
    template: {
      containers: [
        { name: container.name, lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } } },
      ],
    },
  });
