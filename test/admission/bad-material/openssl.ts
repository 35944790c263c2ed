/**
 * What OpenSSL's own commands make of it, as people call them (`openssl/make.ts`). Made once and committed: `npm test` may not assume an OpenSSL.
 */
import { readFileSync } from 'node:fs';
import type { RawMaterial } from '../../../agent/model/material.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { client, HOST, type Row, server, TAKEN } from './row.ts';

interface Made {
  readonly certificate: string;
  readonly key: string;
  readonly anchors: string;
}
const { made }: { readonly made: Readonly<Record<string, Made>> } = JSON.parse(
  readFileSync(new URL('openssl/made.json', import.meta.url), 'utf8'),
);

/** By its name in make.ts. */
const by = (name: string) => (): RawMaterial => {
  const found = made[name];
  if (found === undefined) throw new Error(`openssl/make.ts makes no ${name}`);
  return {
    source: 'test source',
    version: '1',
    certificatePem: found.certificate,
    key: SecretBytes.of(found.key),
    anchorsPem: found.anchors,
  };
};

const row = (
  name: string,
  role: Row['role'],
  made: string,
  rest: Omit<Row, 'name' | 'role' | 'by' | 'raw'>,
): Row => ({
  name,
  role,
  by: 'OpenSSL',
  raw: by(made),
  ...rest,
});
const accepted = { admission: 'accepted', go: TAKEN } as const;

export const OPENSSL: readonly Row[] = [
  row('a plain pair of `openssl ca`', 'client', 'plain', accepted),
  row('explicit EC parameters in the leaf', 'client', 'explicit-leaf', {
    admission: 'unsupported-key',
    go: client('x509: invalid ECDSA parameters'),
  }),
  row('explicit EC parameters in the CA', 'client', 'below-explicit', {
    admission: 'unsupported-key',
    go: server('invalid cert data'),
  }),
  row('a key on a Brainpool curve', 'serving', 'brainpool', {
    admission: 'unsupported-key',
    go: server('x509: unsupported elliptic curve'),
  }),
  row('a DSA key', 'client', 'dsa', { admission: 'unsupported-key', go: client('tls') }),
  row('RSA with the exponent 3', 'client', 'exponent-3', accepted),
  row('RSA with an exponent beyond 31 bits', 'client', 'long-exponent', {
    admission: 'unsupported-key',
    go: client('public exponent too large'),
  }),
  row('RSA 512', 'client', 'rsa-512', {
    admission: 'weak-key',
    go: client('tls: certificate RSA key size too small'),
  }),
  row('a key of `openssl ecparam -genkey`, its parameters before it', 'client', 'parameters', accepted),
  row('a key of `openssl pkcs8 -topk8`, encrypted', 'client', 'encrypted', {
    admission: 'key-unreadable',
    go: client('tls: failed to parse private key'),
  }),
  row('a key of `openssl rsa -des3 -traditional`', 'serving', 'des3', {
    admission: 'key-unreadable',
    go: server('tls: failed to parse private key'),
  }),
  row('SHA-1 with RSA under the leaf', 'client', 'sha1', {
    admission: 'weak-signature',
    go: server('x509: cannot verify signature: insecure algorithm'),
  }),
  row('SHA-3 under the leaf', 'client', 'sha3', {
    admission: 'weak-signature',
    go: server('x509: cannot verify signature: algorithm unimplemented'),
  }),
  row('RSASSA-PSS under the leaf, salt and hash of one length', 'client', 'pss', accepted),
  row('RSASSA-PSS under the leaf with a shorter salt', 'serving', 'pss-short-salt', {
    admission: 'weak-signature',
    go: client('x509: cannot verify signature: algorithm unimplemented'),
  }),
  row('a leaf without extensions, of version 1', 'client', 'version-1', accepted),
  row('a serving certificate without extensions, of version 1', 'serving', 'version-1', {
    admission: 'san-missing',
    go: client('x509: certificate is not valid for any names'),
  }),
  row("the announcement's recipe: a common name and no alternative one", 'serving', 'common-name-only', {
    admission: 'san-missing',
    go: client(`x509: certificate is not valid for any names, but wanted to match ${HOST}`),
  }),
  row('a leaf with the CA bit, as `openssl req -x509` gives it', 'client', 'recipe', {
    admission: 'leaf-is-ca',
    go: TAKEN,
    differs: 'Go takes it. Whoever reads its key could issue certificates that every repo-server accepts.',
  }),
  row('a TRUSTED CERTIFICATE of `openssl x509 -trustout`', 'client', 'trusted', {
    admission: 'unreadable',
    go: client('tls: failed to find "CERTIFICATE" PEM block'),
  }),
  row('a certificate behind its text', 'client', 'with-text', accepted),
  row('PKCS#7', 'client', 'pkcs7', {
    admission: 'unreadable',
    go: client('tls: failed to find "CERTIFICATE" PEM block'),
  }),
  row('a certificate request', 'client', 'request', {
    admission: 'unreadable',
    go: client('tls: failed to find "CERTIFICATE" PEM block'),
  }),
  row('a PKCS#12 taken apart, its attributes before each block', 'client', 'bag-attributes', accepted),
  row('a subject of several parts with a mail address', 'client', 'crowded', accepted),
  row('a host outside of the name constraints', 'serving', 'outside', {
    admission: 'chain-broken',
    go: client('x509: a root or intermediate certificate is not authorized to sign for this name'),
  }),
  row('the key of another certificate, both made by OpenSSL', 'client', 'another-key', {
    admission: 'key-mismatch',
    go: client('tls: private key does not match public key'),
  }),
];
