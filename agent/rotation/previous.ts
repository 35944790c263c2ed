/**
 * The leaf that a rotation replaced, in a Secret of the agent's own until its refusal is proved.
 *
 * **Invariant:** it is kept for as long as the configuration allows and never longer than the rotation; nobody mounts it.
 */
import { readBundle, readLeaf } from '../layout/shared.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import type { PreviousLeaf } from '../model/observation.ts';
import { ANNOTATION_PREFIX, PRODUCT } from '../model/product.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { InstanceSettings } from '../model/settings.ts';
import type { Precondition, StoredSecret } from '../model/stored.ts';
import type { Instant } from '../model/terms.ts';
import type { Cluster } from '../ports.ts';

const KEPT_AT = `${ANNOTATION_PREFIX}/kept-at`;
const KEY = { certificate: 'tls.crt', key: 'tls.key', anchors: 'ca.crt' } as const;

export const preconditionOf = (
  stored: { readonly uid: string; readonly resourceVersion: string } | undefined,
): Precondition =>
  stored === undefined
    ? { expect: 'absent' }
    : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion };

export const readPrevious = (stored: StoredSecret | undefined): PreviousLeaf | undefined => {
  const leaf = readLeaf(stored, KEY.certificate, KEY.key);
  const anchors = readBundle(stored, KEY.anchors);
  if (stored === undefined || leaf.state !== 'present') return undefined;
  const keptAt = Number(stored.annotations[KEPT_AT]);
  return {
    leaf: leaf.value,
    anchors: anchors.state === 'present' ? anchors.value : [],
    keptAt: Number.isFinite(keptAt) ? keptAt : stored.createdAt,
  };
};

export const keepPrevious = async (
  cluster: Cluster,
  settings: InstanceSettings,
  leaf: Leaf,
  anchors: readonly Certificate[],
  stored: StoredSecret | undefined,
  at: Instant,
): Promise<void> => {
  const text = (certificates: readonly Certificate[]) =>
    certificates.map((certificate) => certificate.pem).join('');
  await cluster.applySecret(
    {
      namespace: settings.namespace,
      name: settings.names.previousSecret,
      type: 'Opaque',
      labels: { 'app.kubernetes.io/managed-by': PRODUCT },
      annotations: { [KEPT_AT]: String(at) },
      data: new Map([
        [KEY.certificate, SecretBytes.of(text([leaf.certificate, ...leaf.intermediates]))],
        [KEY.key, leaf.key],
        [KEY.anchors, SecretBytes.of(text(anchors))],
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
