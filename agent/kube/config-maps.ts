/**
 * ConfigMaps: read one by name, apply one.
 *
 * **Invariant:** ConfigMaps are never listed; only a named one is read.
 */
import type { Precondition, StoredConfigMap } from '../model/stored.ts';
import type { ConfigMapIntent } from '../ports.ts';
import { applyObject } from './apply.ts';
import type { KubeClient } from './client.ts';
import { toStoredConfigMap } from './convert-object.ts';
import { readObject } from './read.ts';
import { RESOURCES } from './resources.ts';

const type = RESOURCES.ConfigMap;

export const readConfigMap = async (
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<StoredConfigMap | undefined> => {
  const found = await readObject(client, type, namespace, name);
  return found === undefined ? undefined : toStoredConfigMap(found);
};

/** @throws {ApiError} `conflict`, `field-conflict`, … as {@link applyObject}. */
export const applyConfigMap = async (
  client: KubeClient,
  intent: ConfigMapIntent,
  precondition: Precondition,
): Promise<StoredConfigMap> => {
  const { namespace, name, labels, annotations } = intent;
  const force = intent.ownership === 'adopt';
  const content = { data: intent.data };
  return toStoredConfigMap(
    await applyObject(client, { type, namespace, name, labels, annotations, force, content }, precondition),
  );
};
