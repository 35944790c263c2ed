/**
 * What the API says of the other pods, and of this one.
 *
 * **Invariant:** the record is read first, then the pods: who is in the list and not in the record told nothing, however young it is.
 */
import { mainContainer } from '../argocd/container.ts';
import { componentOf, isOver } from '../argocd/discover.ts';
import { ApiError } from '../model/errors.ts';
import { isExpired, type StoredLease } from '../model/lease.ts';
import { ANNOTATION } from '../model/product.ts';
import type { StoredConfigMap } from '../model/stored.ts';
import type { Component, Instant } from '../model/terms.ts';
import type { Pod } from '../model/workload.ts';
import type { Turn } from './decision/situation.ts';
import type { Reader } from './history.ts';
import { readRecord, type SharedRecord } from './record.ts';
import { leaseName, type SidecarApi, type SidecarMemory, type SidecarServices } from './services.ts';

export interface LivePod {
  readonly pod: Pod;
  readonly component: Component;
}

export interface ApiView {
  readonly state: 'known';
  readonly stored: StoredConfigMap | undefined;
  readonly record: SharedRecord;
  readonly own: Pod;
  readonly reader: Reader;
  /** The others that run a component of Argo CD. */
  readonly others: readonly LivePod[];
  readonly lease: StoredLease | undefined;
  readonly turn: Turn | undefined;
}

export type ApiAnswer =
  | ApiView
  | { readonly state: 'none' }
  | { readonly state: 'unreachable'; readonly why: string };

const turnOf = (lease: StoredLease | undefined, memory: SidecarMemory, now: Instant): Turn | undefined => {
  if (lease === undefined) return undefined;
  const { resourceVersion, holder } = lease;
  if (memory.lease?.resourceVersion !== resourceVersion) memory.lease = { resourceVersion, seenAt: now };
  if (holder === undefined) return undefined;
  return {
    holder,
    pods: (lease.annotations[ANNOTATION.replicas] ?? '').split(',').filter((uid) => uid !== ''),
    expired: isExpired(lease, memory.lease.seenAt, now),
  };
};

const readerOf = (pod: Pod, component: Component): Reader => ({
  startedAt: mainContainer(pod, component)?.startedAt,
  readyAt: pod.readySince,
});

const ask = async (
  { settings, clock }: SidecarServices,
  { cluster, leases, namespace, pod: name }: SidecarApi,
  memory: SidecarMemory,
): Promise<ApiAnswer> => {
  const stored = await cluster.readConfigMap(namespace, settings.names.record);
  const pods = (await cluster.listPods(namespace)).filter((pod) => !isOver(pod));
  const own = pods.find((pod) => pod.name === name);
  if (own === undefined)
    return {
      state: 'unreachable',
      why: `there is no pod ${namespace}/${name}; look at POD_NAME and POD_NAMESPACE.`,
    };
  const record = readRecord(stored?.data ?? {});
  const lease =
    settings.restart === 'evict' ? await leases.readLease(namespace, leaseName(settings)) : undefined;
  return {
    state: 'known',
    stored,
    record,
    own,
    reader: readerOf(own, settings.component),
    others: pods.flatMap((pod) => {
      const component = record.pods.get(pod.uid)?.component ?? componentOf(pod);
      return pod.uid === own.uid || component === undefined ? [] : [{ pod, component }];
    }),
    lease,
    turn: turnOf(lease, memory, clock.now()),
  };
};

/** Never throws: an API that doesn't answer is an answer too. */
export const askApi = async (services: SidecarServices, memory: SidecarMemory): Promise<ApiAnswer> => {
  const { api } = services;
  if (api === undefined) return { state: 'none' };
  try {
    return await ask(services, api, memory);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { state: 'unreachable', why: `${error.what} ${error.next}` };
  }
};
