/**
 * Everything that the values of some objects hold, each certificate and key once, with every place where it stands.
 *
 * **Invariant:** what stands in several places is one thing; nothing is judged here.
 */

import type { Certificate } from '../../model/certificate.ts';
import type { Fingerprint, KeyFingerprint } from '../../model/fingerprint.ts';
import type { FoundBundle, FoundStore, KeyPlace, ObjectKind } from '../../model/migration-findings.ts';
import { SecretBytes } from '../../model/secret-bytes.ts';
import type { StoredConfigMap, StoredSecret } from '../../model/stored.ts';
import { isEmpty, partsOf, type ReadKey } from './value.ts';

/** A Secret or ConfigMap as it was read; `values` are the decoded bytes. */
export interface ReadObject {
  readonly kind: ObjectKind;
  readonly stored: StoredSecret | StoredConfigMap;
  readonly values: ReadonlyMap<string, SecretBytes>;
}

export const readSecretObject = (stored: StoredSecret): ReadObject => ({
  kind: 'Secret',
  stored,
  values: stored.data,
});

export const readConfigMapObject = (stored: StoredConfigMap): ReadObject => ({
  kind: 'ConfigMap',
  stored,
  values: new Map([
    ...Object.entries(stored.data).map(([key, text]) => [key, SecretBytes.of(text)] as const),
    ...(stored.binaryData ?? []),
  ]),
});

export interface PlacedCertificate {
  readonly certificate: Certificate;
  readonly places: readonly KeyPlace[];
}

export interface PlacedKey {
  readonly key: Extract<ReadKey, { state: 'read' }>;
  readonly places: readonly KeyPlace[];
}

export interface Collected {
  readonly certificates: readonly PlacedCertificate[];
  readonly keys: readonly PlacedKey[];
  /** Keys that can't be opened: each is a thing of its own. */
  readonly closedKeys: readonly { readonly state: 'encrypted' | 'unreadable'; readonly place: KeyPlace }[];
  readonly bundles: readonly FoundBundle[];
  readonly stores: readonly FoundStore[];
  /** Places whose value has base64 put on once too often. */
  readonly wrapped: readonly KeyPlace[];
  /** Every place in which anything was found. */
  readonly places: readonly KeyPlace[];
}

const add = <K, V extends { readonly places: readonly KeyPlace[] }>(
  found: Map<K, V>,
  id: K,
  value: V,
): void => {
  const before = found.get(id);
  const [place] = value.places;
  if (before === undefined) found.set(id, value);
  else if (place !== undefined && !before.places.includes(place))
    found.set(id, { ...before, places: [...before.places, place] });
};

export const collect = (objects: readonly ReadObject[]): Collected => {
  const certificates = new Map<Fingerprint, PlacedCertificate>();
  const keys = new Map<KeyFingerprint, PlacedKey>();
  const closedKeys: Collected['closedKeys'][number][] = [];
  const bundles: FoundBundle[] = [];
  const stores: FoundStore[] = [];
  const wrapped: KeyPlace[] = [];
  const places: KeyPlace[] = [];
  for (const { kind, stored, values } of objects) {
    for (const [key, value] of values) {
      const parts = partsOf(value);
      if (isEmpty(parts)) continue;
      const place: KeyPlace = { kind, namespace: stored.namespace, name: stored.name, key };
      places.push(place);
      if (parts.encodedTwice) wrapped.push(place);
      for (const certificate of parts.certificates)
        add(certificates, certificate.fingerprint, { certificate, places: [place] });
      for (const read of parts.keys) {
        if (read.state === 'read') add(keys, read.fingerprint, { key: read, places: [place] });
        else closedKeys.push({ state: read.state, place });
      }
      stores.push(...parts.closed.map((closed) => ({ place, ...closed })));
      if (parts.certificates.length > 1)
        bundles.push({
          place,
          kind: parts.certificates.some(({ isCa }) => !isCa) ? 'chain' : 'bundle',
          members: parts.certificates.map(({ fingerprint }) => fingerprint),
        });
    }
  }
  return {
    certificates: [...certificates.values()],
    keys: [...keys.values()],
    closedKeys,
    bundles,
    stores,
    wrapped,
    places,
  };
};
