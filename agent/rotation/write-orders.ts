/**
 * Says something to an instance: annotations of its orders ConfigMap, written with the rights of whoever runs the command.
 *
 * **Invariant:** bound to the version that was read; what was said of other matters stays as it is. The agent itself never calls this.
 */
import { ANNOTATION, PRODUCT } from '../model/product.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { Cluster } from '../ports.ts';

const ORDERS: readonly string[] = [
  ANNOTATION.approvedPlan,
  ANNOTATION.approvedBy,
  ANNOTATION.change,
  ANNOTATION.paused,
  ANNOTATION.pausedBy,
];

/** @throws ApiError `conflict` where somebody else wrote in between */
export const writeOrders = async (
  cluster: Pick<Cluster, 'readConfigMap' | 'applyConfigMap'>,
  { namespace, names }: Pick<InstanceSettings, 'namespace' | 'names'>,
  said: Readonly<Record<string, string>>,
): Promise<void> => {
  const stored = await cluster.readConfigMap(namespace, names.ordersConfigMap);
  const before = Object.entries(stored?.annotations ?? {}).filter(([name]) => ORDERS.includes(name));
  await cluster.applyConfigMap(
    {
      namespace,
      name: names.ordersConfigMap,
      labels: { 'app.kubernetes.io/managed-by': PRODUCT },
      annotations: { ...Object.fromEntries(before), ...said },
      data: {},
      // Annotations that were made by hand are taken over: the last word counts.
      ownership: 'adopt',
    },
    stored === undefined
      ? { expect: 'absent' }
      : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion },
  );
};
