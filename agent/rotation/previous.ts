/**
 * The leafs that a rotation replaced, in a Secret of the agent's own until their refusal is proved.
 *
 * **Invariant:** they are kept for as long as the configuration allows and never longer than the rotation; nobody mounts them.
 */
import { bundlePem, chainPem, readBundle, readLeaf } from '../layout/files.ts';
import type { Certificate } from '../model/certificate.ts';
import { short } from '../model/fingerprint.ts';
import type { Leaf } from '../model/material.ts';
import type { PreviousLeafs } from '../model/observation.ts';
import { ANNOTATION_PREFIX, PRODUCT } from '../model/product.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { Precondition, StoredSecret } from '../model/stored.ts';
import type { Instant } from '../model/terms.ts';
import type { Cluster } from '../ports.ts';

const KEPT_AT = `${ANNOTATION_PREFIX}/kept-at`;
const ANCHORS = 'ca.crt';
const CERTIFICATE = /^([0-9a-f]+)\.crt$/;

export const preconditionOf = (
  stored: { readonly uid: string; readonly resourceVersion: string } | undefined,
): Precondition =>
  stored === undefined
    ? { expect: 'absent' }
    : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion };

export const readPrevious = (stored: StoredSecret | undefined): PreviousLeafs | undefined => {
  if (stored === undefined) return undefined;
  const leafs = [...stored.data.keys()].flatMap((certificate): readonly Leaf[] => {
    const name = CERTIFICATE.exec(certificate)?.[1];
    if (name === undefined || certificate === ANCHORS) return [];
    const content = readLeaf(stored, { certificate, key: `${name}.key` });
    return content.state === 'present' ? [content.value] : [];
  });
  if (leafs.length === 0) return undefined;
  const anchors = readBundle(stored, ANCHORS);
  const keptAt = Number(stored.annotations[KEPT_AT]);
  return {
    leafs,
    anchors: anchors.state === 'present' ? anchors.value : [],
    keptAt: Number.isFinite(keptAt) ? keptAt : stored.createdAt,
  };
};

const unique = (certificates: readonly Certificate[]): readonly Certificate[] => [
  ...new Map(certificates.map((certificate) => [certificate.fingerprint, certificate])).values(),
];

/** Adds a leaf to those that are kept, in one write. The time limit goes on counting from the first one. */
export const keepPrevious = async (
  cluster: Cluster,
  settings: InstanceSettings,
  leaf: Leaf,
  anchors: readonly Certificate[],
  stored: StoredSecret | undefined,
  at: Instant,
): Promise<void> => {
  const before = readPrevious(stored);
  const leafs = [...(before?.leafs ?? []), leaf];
  await cluster.applySecret(
    {
      namespace: settings.namespace,
      name: settings.names.previousSecret,
      type: 'Opaque',
      labels: { 'app.kubernetes.io/managed-by': PRODUCT },
      annotations: { [KEPT_AT]: String(before?.keptAt ?? at) },
      data: new Map([
        ...leafs.flatMap((each): readonly (readonly [string, SecretBytes])[] => {
          const name = short(each.certificate.fingerprint);
          return [
            [`${name}.crt`, SecretBytes.of(chainPem(each))],
            [`${name}.key`, each.key],
          ];
        }),
        [ANCHORS, SecretBytes.of(bundlePem(unique([...(before?.anchors ?? []), ...anchors])))],
      ]),
      ownership: 'refuse-conflicts',
    },
    preconditionOf(stored),
  );
};

export const erasePrevious = async (
  cluster: Cluster,
  settings: InstanceSettings,
  stored: StoredSecret | undefined,
): Promise<void> => {
  if (stored === undefined) return;
  await cluster.deleteSecret(settings.namespace, settings.names.previousSecret, preconditionOf(stored));
};
