/**
 * Secrets and ConfigMaps: API JSON → model.
 *
 * **Invariant:** ownership is read from managedFields as it stands; nothing is guessed from annotations.
 */
import { SecretBytes } from '../model/secret-bytes.ts';
import type { FieldOwner, StoredConfigMap, StoredObject, StoredSecret } from '../model/stored.ts';
import {
  asObject,
  booleanAt,
  instantAt,
  type JsonObject,
  objectAt,
  objectsAt,
  optionalTextAt,
  stringMapAt,
  textAt,
} from './json.ts';

/** Names below a `f:…` node, without the node's own mark (`.`). */
const fieldNames = (fields: JsonObject, ...path: readonly string[]): readonly string[] =>
  Object.keys(objectAt(fields, ...path.map((part) => `f:${part}`)))
    .filter((key) => key.startsWith('f:'))
    .map((key) => key.slice(2));

/** One entry of managedFields (fieldsV1: sigs.k8s.io/structured-merge-diff fieldpath/serialize.go). */
const toFieldOwner = (entry: JsonObject): FieldOwner => {
  const fields = asObject(entry.fieldsV1);
  return {
    manager: textAt(entry, 'manager'),
    operation: textAt(entry, 'operation') === 'Apply' ? 'Apply' : 'Update',
    subresource: optionalTextAt(entry, 'subresource'),
    time: instantAt(entry, 'time'),
    dataKeys: [
      ...new Set(['data', 'stringData', 'binaryData'].flatMap((section) => fieldNames(fields, section))),
    ],
    annotations: fieldNames(fields, 'metadata', 'annotations'),
  };
};

const toStoredObject = (object: JsonObject): StoredObject => {
  const metadata = objectAt(object, 'metadata');
  return {
    namespace: textAt(metadata, 'namespace'),
    name: textAt(metadata, 'name'),
    uid: textAt(metadata, 'uid'),
    resourceVersion: textAt(metadata, 'resourceVersion'),
    createdAt: instantAt(metadata, 'creationTimestamp') ?? 0,
    labels: stringMapAt(metadata, 'labels'),
    annotations: stringMapAt(metadata, 'annotations'),
    immutable: booleanAt(object, 'immutable'),
    owners: objectsAt(metadata, 'managedFields').map(toFieldOwner),
    ownerReferences: objectsAt(metadata, 'ownerReferences').map((owner) => ({
      kind: textAt(owner, 'kind'),
      name: textAt(owner, 'name'),
    })),
  };
};

const secretValues = (object: JsonObject, section: string): ReadonlyMap<string, SecretBytes> =>
  new Map(
    Object.entries(stringMapAt(object, section)).map(([key, value]) => [
      key,
      SecretBytes.ofBytes(Buffer.from(value, 'base64')),
    ]),
  );

export const toStoredSecret = (object: JsonObject): StoredSecret => ({
  ...toStoredObject(object),
  type: optionalTextAt(object, 'type') ?? 'Opaque',
  data: secretValues(object, 'data'),
});

export const toStoredConfigMap = (object: JsonObject): StoredConfigMap => ({
  ...toStoredObject(object),
  data: stringMapAt(object, 'data'),
  binaryData: secretValues(object, 'binaryData'),
});
