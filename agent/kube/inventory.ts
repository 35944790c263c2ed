/**
 * Secrets and ConfigMaps of a namespace, all of them: for the `migrate` command, which works with its user's own rights.
 *
 * **Invariant:** nothing that runs in the pod uses this; no Role of `manifests/` has these verbs.
 */
import type { Inventory } from '../ports.ts';
import { type ClientTools, KubeClient } from './client.ts';
import { toStoredConfigMap, toStoredSecret } from './convert-object.ts';
import { listObjects } from './read.ts';
import { RESOURCES } from './resources.ts';

export const createInventory = (tools: ClientTools): Inventory => {
  const client = new KubeClient(tools);
  return {
    listSecrets: async (namespace) =>
      (await listObjects(client, RESOURCES.Secret, namespace)).map(toStoredSecret),
    listConfigMaps: async (namespace) =>
      (await listObjects(client, RESOURCES.ConfigMap, namespace)).map(toStoredConfigMap),
  };
};
