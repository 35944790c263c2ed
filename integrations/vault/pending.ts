/**
 * The Secret in which a pair stays from its issuance until it is published.
 *
 * **Invariant:** a pair in it is handed over only where it could be published: whole, alive, with the names that are wanted, and not older than
 * what is published.
 */
import type { Certificate } from '../../agent/model/certificate.ts';
import type { PublishedPair } from '../../agent/model/material.ts';
import { PRODUCT } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Precondition, StoredSecret } from '../../agent/model/stored.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { splitChain } from '../../agent/pki/chain.ts';
import { parseCertificates } from '../../agent/pki/parse.ts';
import { keyBelongsTo } from '../../agent/pki/private-key.ts';
import type { SecretIntent } from '../../agent/ports.ts';
import { isNamedBy } from './wanted-names.ts';

const KEY = { certificate: 'tls.crt', key: 'tls.key', anchors: 'ca.crt' } as const;

export interface Pair {
  readonly leaf: Certificate;
  readonly certificatePem: string;
  readonly key: SecretBytes;
  readonly anchorsPem: string;
}

export type Pending =
  | { readonly state: 'absent' }
  | { readonly state: 'unusable'; readonly why: string }
  | { readonly state: 'usable'; readonly pair: Pair; readonly changedAt: Instant | undefined };

/** The leaf of a chain; `undefined` where the text is no chain with exactly one. */
export const leafOf = (certificatePem: string): Certificate | undefined => {
  try {
    const { leafs } = splitChain(parseCertificates(certificatePem));
    return leafs.length === 1 ? leafs[0] : undefined;
  } catch {
    return undefined;
  }
};

const belongs = (key: SecretBytes, leaf: Certificate): boolean => {
  try {
    return keyBelongsTo(key, leaf);
  } catch {
    return false;
  }
};

/** When the certificate in it was last written, as the API server recorded it. */
const changedAt = (stored: StoredSecret): Instant | undefined => {
  const times = stored.owners
    .filter((owner) => owner.dataKeys.includes(KEY.certificate))
    .flatMap((owner) => owner.time ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
};

export const readPending = (
  stored: StoredSecret | undefined,
  published: PublishedPair | undefined,
  wanted: readonly string[],
  now: Instant,
): Pending => {
  const unusable = (why: string): Pending => ({ state: 'unusable', why: `the pending pair ${why}` });
  if (stored === undefined || stored.data.size === 0) return { state: 'absent' };
  const text = (key: string): string => stored.data.get(key)?.reveal() ?? '';
  const certificatePem = text(KEY.certificate);
  const key = stored.data.get(KEY.key) ?? SecretBytes.of('');
  const leaf = leafOf(certificatePem);
  if (leaf === undefined) return unusable('has no certificate that can be read');
  if (!belongs(key, leaf)) return unusable('has a key that does not belong to its certificate');
  if (leaf.notAfter <= now) return unusable('expired before it was published');
  const missing = wanted.filter((name) => !isNamedBy(leaf, name));
  if (missing.length > 0) return unusable(`lacks the name ${missing.join(', ')}`);
  const present = published === undefined ? undefined : leafOf(published.certificatePem);
  if (present !== undefined && present.fingerprint !== leaf.fingerprint && present.notBefore > leaf.notBefore)
    return unusable('is older than what is published');
  const pair = { leaf, certificatePem, key, anchorsPem: text(KEY.anchors) };
  return { state: 'usable', pair, changedAt: changedAt(stored) };
};

export const pendingIntent = (namespace: string, name: string, pair: Pair): SecretIntent => ({
  namespace,
  name,
  type: 'Opaque',
  labels: { 'app.kubernetes.io/managed-by': PRODUCT },
  annotations: {},
  data: new Map([
    [KEY.certificate, SecretBytes.of(pair.certificatePem)],
    [KEY.key, pair.key],
    [KEY.anchors, SecretBytes.of(pair.anchorsPem)],
  ]),
  ownership: 'refuse-conflicts',
});

export const preconditionOf = (stored: StoredSecret | undefined): Precondition =>
  stored === undefined
    ? { expect: 'absent' }
    : { expect: 'version', uid: stored.uid, resourceVersion: stored.resourceVersion };
