/**
 * Objects that `migrate` makes: created by POST, so that what is there is never merged into, and deleted by uid.
 *
 * **Invariant:** the kinds of this table are all that a migration can make; nothing that runs in the pod uses it.
 */
import { ApiError, RotatorError } from '../model/errors.ts';
import { FIELD_MANAGER } from '../model/product.ts';
import type { OwnObject, OwnObjectIntent, OwnObjectPlace, OwnObjects } from '../ports.ts';
import { type ClientTools, KubeClient } from './client.ts';
import { asObject, type JsonObject, objectAt, stringMapAt, textAt } from './json.ts';
import { readObject } from './read.ts';
import { apiVersion, RESOURCES, type ResourceType } from './resources.ts';

const MADE: readonly ResourceType[] = [
  RESOURCES.Secret,
  RESOURCES.ConfigMap,
  RESOURCES.Certificate,
  { group: 'cert-manager.io', version: 'v1', plural: 'issuers', kind: 'Issuer' },
  { group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles', kind: 'Role' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'rolebindings', kind: 'RoleBinding' },
];

const typeOf = (place: OwnObjectPlace): ResourceType => {
  const type = MADE.find((each) => each.kind === place.kind && apiVersion(each) === place.apiVersion);
  if (type !== undefined) return type;
  throw new RotatorError('refused', {
    what: `The plan has a ${place.kind} of ${place.apiVersion} (${place.namespace}/${place.name}), which no migration makes.`,
    effect: 'Nothing was written.',
    next: 'Write the plan anew with migrate plan, by this version of the program.',
  });
};

const toOwn = (place: OwnObjectPlace, found: JsonObject): OwnObject => {
  const metadata = objectAt(found, 'metadata');
  return {
    apiVersion: place.apiVersion,
    kind: place.kind,
    namespace: place.namespace,
    name: place.name,
    uid: textAt(metadata, 'uid'),
    annotations: stringMapAt(metadata, 'annotations'),
  };
};

const bodyOf = ({ manifest, data }: OwnObjectIntent): JsonObject => {
  const body = asObject(manifest);
  if (data.size === 0) return body;
  return {
    ...body,
    data: {
      ...objectAt(body, 'data'),
      ...Object.fromEntries(
        [...data].map(([key, value]) => [key, value.revealBytes().toString('base64')] as const),
      ),
    },
  };
};

export const createOwnObjects = (tools: ClientTools): OwnObjects => {
  const client = new KubeClient(tools);
  return {
    read: async (place) => {
      const found = await readObject(client, typeOf(place), place.namespace, place.name);
      return found === undefined ? undefined : toOwn(place, found);
    },
    make: async (intent, how) => {
      await client.request({
        verb: 'create',
        type: typeOf(intent),
        namespace: intent.namespace,
        query: {
          fieldManager: FIELD_MANAGER,
          fieldValidation: 'Strict',
          ...(how === 'rehearse' ? { dryRun: 'All' } : {}),
        },
        body: bodyOf(intent),
      });
    },
    remove: async (place, uid) => {
      try {
        await client.request({
          verb: 'delete',
          type: typeOf(place),
          namespace: place.namespace,
          name: place.name,
          body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
        });
      } catch (error) {
        if (error instanceof ApiError && error.reason === 'not-found') return;
        throw error;
      }
    },
  };
};
