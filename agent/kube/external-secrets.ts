/**
 * External Secrets' ExternalSecret: read one.
 *
 * **Invariant:** nothing of it is ever written; a refresh is its own controller's business.
 */
import type { ExternalSecret } from '../ports.ts';
import type { KubeClient } from './client.ts';
import { type JsonObject, objectAt, objectsAt, optionalTextAt, textAt } from './json.ts';
import { readObject } from './read.ts';
import { EARLIER, RESOURCES } from './resources.ts';

export const toExternalSecret = (object: JsonObject): ExternalSecret => {
  const metadata = objectAt(object, 'metadata');
  const status = objectAt(object, 'status');
  const name = textAt(metadata, 'name');
  return {
    namespace: textAt(metadata, 'namespace'),
    name,
    // Left out or empty, the Secret has the ExternalSecret's name (externalsecret_controller.go, v0.20.4).
    target: optionalTextAt(objectAt(object, 'spec', 'target'), 'name') || name,
    conditions: objectsAt(status, 'conditions').map((condition) => ({
      type: textAt(condition, 'type'),
      status: textAt(condition, 'status'),
      reason: textAt(condition, 'reason'),
      message: textAt(condition, 'message'),
    })),
  };
};

/** In the version that the server knows: what is not there in either is not there. */
export const readExternalSecret = async (
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<ExternalSecret | undefined> => {
  const types = [RESOURCES.ExternalSecret, EARLIER.ExternalSecret].filter((type) => type !== undefined);
  for (const type of types) {
    const found = await readObject(client, type, namespace, name);
    if (found !== undefined) return toExternalSecret(found);
  }
  return undefined;
};
