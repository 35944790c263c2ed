/**
 * Workloads and pods: list, annotate a template, evict.
 *
 * **Invariant:** of a workload only its template's annotations are ever written.
 */
import { ApiError } from '../model/errors.ts';
import { FIELD_MANAGER } from '../model/product.ts';
import type { Precondition } from '../model/stored.ts';
import type { Pod, Workload, WorkloadRef } from '../model/workload.ts';
import { type ApiCall, type KubeClient, nameOf } from './client.ts';
import { toPod, toWorkload } from './convert-workload.ts';
import { apiError } from './errors.ts';
import { listObjects } from './read.ts';
import { RESOURCES } from './resources.ts';

/** Deployments and StatefulSets of a namespace. */
export const listWorkloads = async (client: KubeClient, namespace: string): Promise<readonly Workload[]> => {
  const [deployments, statefulSets] = await Promise.all([
    listObjects(client, RESOURCES.Deployment, namespace),
    listObjects(client, RESOURCES.StatefulSet, namespace),
  ]);
  return [
    ...deployments.map((object) => toWorkload('Deployment', object)),
    ...statefulSets.map((object) => toWorkload('StatefulSet', object)),
  ];
};

export const listPods = async (client: KubeClient, namespace: string): Promise<readonly Pod[]> =>
  (await listObjects(client, RESOURCES.Pod, namespace)).map(toPod);

/**
 * Sets annotations on a workload's pod template.
 *
 * A JSON merge patch, not an apply: an apply parses the whole live object against its schema and fails on what other tools left in it
 * (duplicate env names, for one), can be refused for an annotation somebody edited by hand, and would take away annotations of an
 * earlier restart. A merge patch touches exactly the names given. The resourceVersion in it makes it a compare-and-swap; one is
 * never used twice, so it stands for the uid as well. Ownership is recorded under our field manager all the same.
 *
 * @throws {ApiError} `conflict` where the workload changed since it was read, `not-found` where it is gone.
 */
export const annotateTemplate = async (
  client: KubeClient,
  workload: WorkloadRef,
  annotations: Readonly<Record<string, string>>,
  precondition: Precondition,
): Promise<void> => {
  const call: ApiCall = {
    verb: 'patch',
    type: RESOURCES[workload.kind],
    namespace: workload.namespace,
    name: workload.name,
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/merge-patch+json',
  };
  if (precondition.expect === 'absent') {
    throw apiError(nameOf(call), 'unexpected', 'a workload that is absent has no template');
  }
  await client.request({
    ...call,
    body: {
      metadata: { resourceVersion: precondition.resourceVersion },
      spec: { template: { metadata: { annotations } } },
    },
  });
};

/**
 * Asks for a pod's eviction. A pod that is gone is success.
 *
 * @throws {ApiError} `too-many-requests` where a PodDisruptionBudget forbids it now, `conflict` where a pod of another uid has the name.
 */
export const evict = async (
  client: KubeClient,
  namespace: string,
  pod: string,
  uid: string,
): Promise<void> => {
  try {
    await client.request({
      verb: 'create',
      type: RESOURCES.Pod,
      namespace,
      name: pod,
      subresource: 'eviction',
      retry: false,
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pod, namespace },
        deleteOptions: { preconditions: { uid } },
      },
    });
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'not-found') return;
    throw error;
  }
};
