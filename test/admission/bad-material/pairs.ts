/** Certificate and key that do not go together, or are not the one certificate and the one key that they should be. */
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { keyPem, makeCa, makeKey, makeLeaf, pemBlock, rawMaterial } from '../../kit/pki/index.ts';
import {
  between,
  client,
  good,
  goodRaw,
  leafOf,
  NOON,
  type Row,
  root,
  server,
  TAKEN,
  WRITTEN_ANEW,
} from './row.ts';

const secret = SecretBytes.of;
const rsa = () => makeKey('rsa-2048', 'bad material');
const UNPARSED_KEY = 'tls: failed to parse private key';
const NO_CERTIFICATE = 'tls: failed to find any PEM data in certificate input';
const NO_KEY = 'tls: failed to find any PEM data in key input';

const encrypted = (): string =>
  good.key.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
const encryptedSec1 = (): string =>
  good.key.privateKey
    .export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();

export const PAIRS: readonly Row[] = [
  {
    name: 'the key of another certificate',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret(keyPem(makeKey('p256'))) }),
    admission: 'key-mismatch',
    go: client('tls: private key does not match public key'),
  },
  {
    name: 'a key of another kind',
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ key: secret(keyPem(rsa())) }),
    admission: 'key-mismatch',
    go: server('tls: private key type does not match public key type'),
  },
  {
    name: "the CA's key instead of the leaf's",
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret(keyPem(root.key)) }),
    admission: 'key-mismatch',
    go: client('tls: private key does not match public key'),
  },
  {
    name: 'no key',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret('') }),
    admission: 'no-key',
    go: client(NO_KEY),
  },
  {
    name: 'a public key in the place of the private one',
    role: 'client',
    by: 'kit',
    raw: () =>
      goodRaw({ key: secret(good.key.publicKey.export({ type: 'spki', format: 'pem' }).toString()) }),
    admission: 'key-unreadable',
    go: client('tls: failed to find PEM block with type ending in "PRIVATE KEY"'),
  },
  {
    name: 'an encrypted PKCS#8 key',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret(encrypted()) }),
    admission: 'key-unreadable',
    go: client(UNPARSED_KEY),
  },
  {
    name: 'an encrypted traditional key (Proc-Type)',
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ key: secret(encryptedSec1()) }),
    admission: 'key-unreadable',
    go: server(UNPARSED_KEY),
  },
  {
    name: 'a SEC1 key',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret(keyPem(good.key, 'traditional')) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a PKCS#1 key',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const leaf = leafOf({ key: rsa() });
      return rawMaterial(leaf, [root], { key: secret(keyPem(rsa(), 'traditional')) });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a PKCS#8 key that says it is PKCS#1',
    role: 'client',
    by: 'kit',
    raw: () => {
      const leaf = leafOf({ key: rsa() });
      return rawMaterial(leaf, [root], {
        key: secret(keyPem(rsa()).replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY')),
      });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'two private keys',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ key: secret(good.keyPem + keyPem(makeKey('p256'))) }),
    admission: 'key-unreadable',
    go: TAKEN,
    differs:
      'Go takes the first key. Two are a mistake of whoever wrote them, and which one counts must not depend on their order.',
  },
  {
    name: 'no certificate',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: '' }),
    admission: 'no-certificate',
    go: client(NO_CERTIFICATE),
  },
  {
    name: 'two leafs',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem + leafOf({ name: 'other' }).pem }),
    admission: 'several-leafs',
    go: TAKEN,
    differs:
      'Go shows the first and sends the other along as if it were an intermediate. Which one is meant must not depend on the order.',
  },
  {
    name: 'the leaf twice',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem + good.pem }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'the CA before the leaf',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: root.pem + good.pem }),
    admission: 'accepted',
    go: client('tls: private key does not match public key'),
    differs: WRITTEN_ANEW,
  },
  {
    name: 'the root behind the leaf',
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: good.pem + root.pem }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'intermediates in the wrong order',
    role: 'client',
    by: 'kit',
    raw: () => {
      const below = makeCa({ name: 'Below', issuer: between });
      const leaf = makeLeaf(below);
      return rawMaterial(leaf, [root], {
        certificatePem: leaf.pem + between.pem + below.pem,
      });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a CA as the leaf',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: root.pem, key: secret(keyPem(root.key)) }),
    admission: 'leaf-is-ca',
    go: TAKEN,
    differs:
      'Go takes it. Its key would lie in the Secret of every client, and who reads it could issue certificates that repo-server accepts.',
  },
  {
    name: 'an intermediate CA as the leaf of repo-server',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'named CA', issuer: root });
      return goodRaw({ certificatePem: ca.pem, key: secret(keyPem(ca.key)) });
    },
    admission: 'leaf-is-ca',
    go: client('x509: certificate is not valid for any names'),
  },
  {
    name: 'a leaf that signed itself, trusted as itself',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'itself', ca: 'absent', keyUsages: ['digitalSignature'] });
      return {
        ...goodRaw({ certificatePem: ca.pem, anchorsPem: ca.pem }),
        key: secret(keyPem(ca.key)),
      };
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a certificate request in the place of the certificate',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ certificatePem: pemBlock('CERTIFICATE REQUEST', good.der) }),
    admission: 'unreadable',
    go: client('tls: failed to find "CERTIFICATE" PEM block'),
  },
  {
    name: 'a duplicate serial: leaf and CA have the same',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'Serial CA', serial: 7 });
      return rawMaterial(leafOf({ serial: 7, notAfter: NOON + 1000 }, ca), [ca]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
];
