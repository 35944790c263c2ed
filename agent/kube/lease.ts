/**
 * Leases: read one by name, write one.
 *
 * **Invariant:** a Lease changes hands only by compare-and-swap: of two contenders that read the same version, one gets a `conflict`.
 */
import type { LeaseIntent, StoredLease } from '../model/lease.ts';
import { FIELD_MANAGER } from '../model/product.ts';
import type { Instant } from '../model/terms.ts';
import type { Leases } from '../ports.ts';
import { applyObject } from './apply.ts';
import { type ClientTools, KubeClient } from './client.ts';
import {
  instantAt,
  type JsonObject,
  numberAt,
  objectAt,
  optionalTextAt,
  stringMapAt,
  textAt,
} from './json.ts';
import { readObject } from './read.ts';
import { RESOURCES } from './resources.ts';

const type = RESOURCES.Lease;

/** metav1.MicroTime: six digits. */
const microTime = (at: Instant): string => new Date(at).toISOString().replace(/Z$/, '000Z');

const toStoredLease = (object: JsonObject): StoredLease => {
  const metadata = objectAt(object, 'metadata');
  const spec = objectAt(object, 'spec');
  const seconds = numberAt(spec, 'leaseDurationSeconds', -1);
  return {
    namespace: textAt(metadata, 'namespace'),
    name: textAt(metadata, 'name'),
    uid: textAt(metadata, 'uid'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    holder: optionalTextAt(spec, 'holderIdentity') || undefined,
    duration: seconds < 0 ? undefined : seconds * 1000,
    acquiredAt: instantAt(spec, 'acquireTime'),
    renewedAt: instantAt(spec, 'renewTime'),
    transitions: numberAt(spec, 'leaseTransitions'),
    annotations: stringMapAt(metadata, 'annotations'),
  };
};

/** In a merge patch `null` takes a field away: nobody holds it then. The API wants a duration of at least a second. */
const patchOf = (
  intent: LeaseIntent,
  before: Pick<StoredLease, 'annotations'>,
  resourceVersion: string,
): JsonObject => ({
  metadata: {
    resourceVersion,
    annotations: {
      ...Object.fromEntries(Object.keys(before.annotations).map((name) => [name, null])),
      ...intent.annotations,
    },
  },
  spec: {
    holderIdentity: intent.holder ?? null,
    leaseDurationSeconds: Math.max(1, Math.ceil(intent.duration / 1000)),
    acquireTime: microTime(intent.acquiredAt),
    renewTime: microTime(intent.renewedAt),
    leaseTransitions: intent.transitions,
  },
});

/**
 * A Lease is created empty by an apply (so that `create` can be granted by name) and filled by a merge patch that carries the
 * resourceVersion. An apply owns nothing in it: one that comes late, when somebody has taken the Lease, changes nothing.
 */
export const createLeases = (tools: ClientTools): Leases => {
  const client = new KubeClient(tools);
  const read = async (namespace: string, name: string): Promise<StoredLease | undefined> => {
    const found = await readObject(client, type, namespace, name);
    return found === undefined ? undefined : toStoredLease(found);
  };
  const create = async (namespace: string, name: string): Promise<StoredLease> =>
    toStoredLease(
      await applyObject(
        client,
        { type, namespace, name, labels: {}, annotations: {}, content: {}, force: false },
        { expect: 'absent' },
      ),
    );
  return {
    readLease: read,
    writeLease: async (intent, before) => {
      const { namespace, name } = intent;
      const present = before ?? (await create(namespace, name));
      const { body } = await client.request({
        verb: 'patch',
        type,
        namespace,
        name,
        query: { fieldManager: FIELD_MANAGER },
        contentType: 'application/merge-patch+json',
        body: patchOf(intent, present, present.resourceVersion),
      });
      return toStoredLease(body);
    },
  };
};
