/**
 * The shared layout: one Secret, one client certificate for all four clients.
 *
 * **Invariant:** reading what was written gives back what was meant; keys that are not the layout's are neither read nor written.
 */
import type { Certificate } from '../model/certificate.ts';
import type { Leaf } from '../model/material.ts';
import type { Content } from '../model/observation.ts';
import { SecretBytes } from '../model/secret-bytes.ts';
import type { StoredSecret } from '../model/stored.ts';
import { orderChain } from '../pki/chain.ts';
import { parseCertificates } from '../pki/parse.ts';

/** Secret keys of `argocd-repo-server-mtls` (docs/operator-manual/mtls, v3.5). */
export const MTLS_KEY = {
  clientCa: 'client-ca.crt',
  clientCertificate: 'client.crt',
  clientKey: 'client.key',
  serverCa: 'server-ca.crt',
} as const;

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

export const readLeaf = (
  secret: StoredSecret | undefined,
  certificateKey: string,
  keyKey: string,
): Content<Leaf> => {
  const certificate = secret?.data.get(certificateKey);
  const key = secret?.data.get(keyKey);
  if (certificate === undefined && key === undefined) return { state: 'absent' };
  if (certificate === undefined || key === undefined) {
    return {
      state: 'unreadable',
      why: `${certificate === undefined ? certificateKey : keyKey} is missing beside its other half`,
    };
  }
  try {
    // Go presents the first certificate of the file as the leaf, whatever follows (crypto/tls X509KeyPair).
    const [leaf, ...others] = parseCertificates(certificate.reveal());
    if (leaf === undefined) return { state: 'unreadable', why: `${certificateKey} holds no certificate` };
    return { state: 'present', value: { certificate: leaf, intermediates: orderChain(leaf, others), key } };
  } catch {
    return { state: 'unreadable', why: `${certificateKey} can't be parsed` };
  }
};

const pem = (certificates: readonly Certificate[]): SecretBytes =>
  SecretBytes.of(certificates.map((certificate) => certificate.pem).join(''));

/** What the mtls Secret shall hold; `undefined` leaves a key out. */
export interface MtlsContent {
  readonly clientCa: readonly Certificate[] | undefined;
  readonly leaf: Leaf | undefined;
  readonly serverCa: readonly Certificate[] | undefined;
}

export const writeMtls = (content: MtlsContent): ReadonlyMap<string, SecretBytes> => {
  const data = new Map<string, SecretBytes>();
  if (content.clientCa !== undefined) data.set(MTLS_KEY.clientCa, pem(content.clientCa));
  if (content.leaf !== undefined) {
    data.set(MTLS_KEY.clientCertificate, pem([content.leaf.certificate, ...content.leaf.intermediates]));
    data.set(MTLS_KEY.clientKey, content.leaf.key);
  }
  if (content.serverCa !== undefined) data.set(MTLS_KEY.serverCa, pem(content.serverCa));
  return data;
};

export const writeServing = (leaf: Leaf, anchors: readonly Certificate[]): ReadonlyMap<string, SecretBytes> =>
  new Map([
    [SERVING_KEY.certificate, pem([leaf.certificate, ...leaf.intermediates])],
    [SERVING_KEY.key, leaf.key],
    [SERVING_KEY.ca, pem(anchors)],
  ]);
