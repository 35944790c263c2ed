/**
 * Published files as Secret values, and back.
 *
 * **Invariant:** reading what was written gives back what was meant; keys that are not the layout's are neither read nor written.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import type { Content } from '../model/observation.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { FileKeys, Slot } from '../model/slot.ts';
import type { StoredSecret } from '../model/stored.ts';
import { orderChain } from '../pki/chain.ts';
import { parseCertificates } from '../pki/parse.ts';

/** Secret keys of `argocd-repo-server-mtls` as Argo CD's manifests project them (argo-cd v3.6.1, docs/operator-manual/mtls). */
export const FILE_KEYS: FileKeys = {
  clientCa: 'client-ca.crt',
  clientCertificate: 'client.crt',
  clientKey: 'client.key',
  serverCa: 'server-ca.crt',
};

/** Secret keys of `argocd-repo-server-tls`. */
export const SERVING_KEY = { certificate: 'tls.crt', key: 'tls.key', ca: 'ca.crt' } as const;

export const readBundle = (
  secret: StoredSecret | undefined,
  key: string,
): Content<readonly Certificate[]> => {
  const value = secret?.data.get(key);
  if (value === undefined || value.reveal().trim() === '') return { state: 'absent' };
  try {
    const certificates = parseCertificates(value.reveal());
    return certificates.length === 0
      ? { state: 'unreadable', why: `${key} holds no certificate` }
      : { state: 'present', value: certificates };
  } catch {
    return { state: 'unreadable', why: `${key} can't be parsed` };
  }
};

/** The pair in a place. */
export const readLeaf = (
  secret: StoredSecret | undefined,
  slot: Pick<Slot, 'certificate' | 'key'>,
): Content<Leaf> => {
  const certificate = secret?.data.get(slot.certificate);
  const key = secret?.data.get(slot.key);
  if (certificate === undefined && key === undefined) return { state: 'absent' };
  if (certificate === undefined || key === undefined) {
    return {
      state: 'unreadable',
      why: `${certificate === undefined ? slot.certificate : slot.key} is missing beside its other half`,
    };
  }
  try {
    // Go presents the first certificate of the file as the leaf, whatever follows (crypto/tls X509KeyPair).
    const [leaf, ...others] = parseCertificates(certificate.reveal());
    if (leaf === undefined) return { state: 'unreadable', why: `${slot.certificate} holds no certificate` };
    return { state: 'present', value: { certificate: leaf, intermediates: orderChain(leaf, others), key } };
  } catch {
    return { state: 'unreadable', why: `${slot.certificate} can't be parsed` };
  }
};

/** A leaf with its intermediates, as PEM. */
export const chainPem = (leaf: Leaf): string =>
  [leaf.certificate, ...leaf.intermediates].map((certificate) => certificate.pem).join('');

export const bundlePem = (certificates: readonly Certificate[]): string =>
  certificates.map((certificate) => certificate.pem).join('');

/** What one Secret for clients or repo-server's trust shall hold; `undefined` leaves a key out. */
export interface FilesContent {
  readonly clientCa: readonly Certificate[] | undefined;
  readonly leafs: readonly { readonly slot: Slot; readonly leaf: Leaf }[];
  readonly serverCa: readonly Certificate[] | undefined;
}

export const writeFiles = (
  { clientCa, leafs, serverCa }: FilesContent,
  keys: FileKeys,
): ReadonlyMap<string, SecretBytes> =>
  new Map([
    ...(clientCa === undefined ? [] : [[keys.clientCa, SecretBytes.of(bundlePem(clientCa))] as const]),
    ...leafs.flatMap(({ slot, leaf }) => [
      [slot.certificate, SecretBytes.of(chainPem(leaf))] as const,
      [slot.key, leaf.key] as const,
    ]),
    ...(serverCa === undefined ? [] : [[keys.serverCa, SecretBytes.of(bundlePem(serverCa))] as const]),
  ]);

export const writeServing = (leaf: Leaf, anchors: readonly Certificate[]): ReadonlyMap<string, SecretBytes> =>
  new Map([
    [SERVING_KEY.certificate, SecretBytes.of(chainPem(leaf))],
    [SERVING_KEY.key, leaf.key],
    [SERVING_KEY.ca, SecretBytes.of(bundlePem(anchors))],
  ]);
