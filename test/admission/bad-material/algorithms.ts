/** Kinds and lengths of keys, and how certificates are signed. */
import { type KeySpec, makeCa, makeKey, rawMaterial } from '../../kit/pki/index.ts';
import { client, leafOf, type Row, root, server, TAKEN } from './row.ts';

const rsa = (spec: KeySpec) => makeKey(spec, 'bad material');
const leafWith = (spec: KeySpec) => rawMaterial(leafOf({ key: rsa(spec) }), [root]);
const caWith = (spec: KeySpec, options: Parameters<typeof makeCa>[0] = {}) => {
  const ca = makeCa({ name: `${spec} CA`, key: rsa(spec), ...options });
  return rawMaterial(leafOf({}, ca), [ca]);
};
const OLD_SIGNATURE = 'x509: cannot verify signature: insecure algorithm';

export const ALGORITHMS: readonly Row[] = [
  {
    name: 'RSA 1024 in the leaf',
    role: 'client',
    by: 'kit',
    raw: () => leafWith('rsa-1024'),
    admission: 'weak-key',
    go: TAKEN,
    differs:
      'Go takes RSA from 1024 bits. A key of that length can be broken, and no CA has issued it for ten years.',
  },
  {
    name: 'RSA 1024 in the CA',
    role: 'serving',
    by: 'kit',
    raw: () => caWith('rsa-1024'),
    admission: 'weak-key',
    go: TAKEN,
    differs:
      'Go takes RSA from 1024 bits. Who breaks the key of a CA is let in with whatever certificate he likes.',
  },
  {
    name: 'RSA 2048 in leaf and CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'RSA CA', key: rsa('rsa-2048') });
      return rawMaterial(leafOf({ key: rsa('rsa-2048') }, ca), [ca]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'SHA-1 under the leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ hash: 'sha1' }), [root]),
    admission: 'weak-signature',
    go: server(OLD_SIGNATURE),
  },
  {
    name: 'SHA-1 under the leaf of repo-server, by an RSA CA',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'RSA CA', key: rsa('rsa-2048') });
      return rawMaterial(leafOf({ hash: 'sha1' }, ca), [ca]);
    },
    admission: 'weak-signature',
    go: client(OLD_SIGNATURE),
  },
  {
    name: 'MD5 under the leaf',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'RSA CA', key: rsa('rsa-2048') });
      return rawMaterial(leafOf({ hash: 'md5' }, ca), [ca]);
    },
    admission: 'weak-signature',
    go: server(OLD_SIGNATURE),
  },
  {
    name: 'SHA-224 under the leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ hash: 'sha224' }), [root]),
    admission: 'weak-signature',
    go: server('x509: cannot verify signature: algorithm unimplemented'),
  },
  {
    name: "SHA-1 under the CA's own certificate",
    role: 'client',
    by: 'kit',
    raw: () => caWith('p256', { hash: 'sha1' }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'RSASSA-PSS under the leaf',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'RSA CA', key: rsa('rsa-2048') });
      return rawMaterial(leafOf({ pss: true }, ca), [ca]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a key for RSASSA-PSS only',
    role: 'client',
    by: 'kit',
    raw: () => leafWith('rsa-pss'),
    admission: 'unsupported-key',
    go: client('private key with unknown algorithm: 1.2.840.113549.1.1.10'),
  },
  {
    name: 'P-384 and P-521',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'P-521 CA', key: 'p521' });
      return rawMaterial(leafOf({ key: 'p384' }, ca), [ca]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'P-224 in the leaf',
    role: 'client',
    by: 'kit',
    raw: () => leafWith('p224'),
    admission: 'unsupported-key',
    go: client('tls: unsupported certificate curve'),
  },
  {
    name: 'P-224 in the CA',
    role: 'client',
    by: 'kit',
    raw: () => caWith('p224'),
    admission: 'unsupported-key',
    go: TAKEN,
    differs:
      'Go still verifies with P-224. Its TLS shows no leaf with it, and a CA with such a key is weaker than all others that are accepted.',
  },
  {
    name: 'secp256k1 in the leaf',
    role: 'client',
    by: 'kit',
    raw: () => leafWith('secp256k1'),
    admission: 'unsupported-key',
    go: client('x509: unsupported elliptic curve'),
  },
  {
    name: 'secp256k1 in the CA',
    role: 'client',
    by: 'kit',
    raw: () => caWith('secp256k1'),
    admission: 'unsupported-key',
    go: server('invalid cert data'),
  },
  {
    name: 'Ed25519 in leaf and CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'Ed25519 CA', key: 'ed25519' });
      return rawMaterial(leafOf({ key: 'ed25519' }, ca), [ca]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'Ed448 in the leaf',
    role: 'serving',
    by: 'kit',
    raw: () => leafWith('ed448'),
    admission: 'unsupported-key',
    go: server('tls'),
  },
];
