/**
 * Secrets: read one by name, apply one, delete one.
 *
 * **Invariant:** Secrets are never listed here; only a named one is read.
 */
import { ApiError } from '../model/errors.ts';
import type { Precondition, StoredSecret } from '../model/stored.ts';
import type { SecretIntent } from '../ports.ts';
import { applyObject } from './apply.ts';
import { type ApiCall, type KubeClient, nameOf } from './client.ts';
import { toStoredSecret } from './convert-object.ts';
import { apiError } from './errors.ts';
import { readObject } from './read.ts';
import { RESOURCES } from './resources.ts';

const type = RESOURCES.Secret;

export const readSecret = async (
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<StoredSecret | undefined> => {
  const found = await readObject(client, type, namespace, name);
  return found === undefined ? undefined : toStoredSecret(found);
};

/**
 * A Secret's type can't be changed, and leaving out a `type` that we own would ask for `Opaque`: so the present type is read first
 * and applied as it is. That read also finds a lost precondition before anything is sent.
 *
 * @throws {ApiError} `conflict`, `field-conflict`, `invalid` (an immutable Secret), …
 */
export const applySecret = async (
  client: KubeClient,
  intent: SecretIntent,
  precondition: Precondition,
): Promise<StoredSecret> => {
  const { namespace, name } = intent;
  const call: ApiCall = { verb: 'patch', type, namespace, name };
  const present = await readSecret(client, namespace, name);
  if (precondition.expect === 'absent' && present !== undefined) {
    throw apiError(nameOf(call), 'conflict', 'the object was expected to be absent and is there', {
      status: 409,
    });
  }
  if (
    precondition.expect === 'version' &&
    (present?.uid !== precondition.uid || present.resourceVersion !== precondition.resourceVersion)
  ) {
    throw apiError(nameOf(call), 'conflict', 'the object is no longer the one that was read', {
      status: 409,
    });
  }
  const stored = await applyObject(
    client,
    {
      type,
      namespace,
      name,
      labels: intent.labels,
      annotations: intent.annotations,
      force: intent.ownership === 'adopt',
      content: {
        type: present?.type ?? intent.type,
        data: Object.fromEntries(
          [...intent.data].map(([key, value]) => [key, value.revealBytes().toString('base64')]),
        ),
      },
    },
    precondition,
  );
  return toStoredSecret(stored);
};

/**
 * Deletes exactly the object of the precondition. `absent` does nothing. Gone already is success.
 *
 * @throws {ApiError} `conflict` where it isn't that object any more.
 */
export const deleteSecret = async (
  client: KubeClient,
  namespace: string,
  name: string,
  precondition: Precondition,
): Promise<void> => {
  if (precondition.expect === 'absent') return;
  const { uid, resourceVersion } = precondition;
  try {
    await client.request({
      verb: 'delete',
      type,
      namespace,
      name,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    });
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'not-found') return;
    throw error;
  }
};
