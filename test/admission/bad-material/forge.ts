/** What node-forge makes when it is called as its own examples call it. */
import forge from 'node-forge';
import type { RawMaterial } from '../../../agent/model/material.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { keyPem, makeKey } from '../../kit/pki/index.ts';
import { client, HOST, NOON, type Row, server, TAKEN } from './row.ts';

const YEAR = 365 * 24 * 3_600_000;

const keys = (label: string) => {
  const privatePem = keyPem(makeKey('rsa-2048', label));
  const privateKey = forge.pki.privateKeyFromPem(privatePem);
  return { privatePem, privateKey, publicKey: forge.pki.setRsaPublicKey(privateKey.n, privateKey.e) };
};
const ca = () => keys('bad material');
const own = () => keys('bad material of node-forge');

interface Options {
  readonly name?: string;
  readonly serial?: string;
  readonly digest?: forge.md.MessageDigest;
  readonly extensions?: readonly object[];
  readonly until?: Date;
}

const certificate = (
  subject: string,
  publicKey: forge.pki.rsa.PublicKey,
  options: Options,
): forge.pki.Certificate => {
  const made = forge.pki.createCertificate();
  made.publicKey = publicKey;
  made.serialNumber = options.serial ?? '01';
  made.validity.notBefore = new Date(NOON - YEAR);
  made.validity.notAfter = options.until ?? new Date(NOON + YEAR);
  made.setSubject([{ name: 'commonName', value: subject }]);
  made.setIssuer([{ name: 'commonName', value: 'forge CA' }]);
  made.setExtensions([...(options.extensions ?? [])]);
  return made;
};

const NAMED = { name: 'subjectAltName', altNames: [{ type: 2, value: HOST }] };

const material = (options: Options = {}, key?: (pem: string) => string): RawMaterial => {
  const authority = certificate('forge CA', ca().publicKey, {
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  authority.sign(ca().privateKey, forge.md.sha256.create());
  const leaf = certificate(options.name ?? 'repo-client', own().publicKey, {
    extensions: [NAMED],
    ...options,
  });
  leaf.sign(ca().privateKey, options.digest ?? forge.md.sha256.create());
  const { privatePem } = own();
  return {
    source: 'test source',
    version: '1',
    certificatePem: forge.pki.certificateToPem(leaf),
    key: SecretBytes.of(key?.(privatePem) ?? privatePem),
    anchorsPem: forge.pki.certificateToPem(authority),
  };
};

const row = (
  name: string,
  role: Row['role'],
  raw: Row['raw'],
  rest: Omit<Row, 'name' | 'role' | 'by' | 'raw'>,
): Row => ({
  name,
  role,
  by: 'node-forge',
  raw,
  ...rest,
});
const accepted = { admission: 'accepted', go: TAKEN } as const;

export const FORGE: readonly Row[] = [
  row('a plain pair', 'serving', () => material(), accepted),
  row('its default serial number, 00', 'client', () => material({ serial: '00' }), accepted),
  row(
    'a serial number whose first bit is set, which makes it negative',
    'client',
    () => material({ serial: 'ff01' }),
    {
      admission: 'unreadable',
      go: client('x509: negative serial number'),
    },
  ),
  row(
    'a common name that no PrintableString holds, in a PrintableString',
    'client',
    () => material({ name: 'repo_client' }),
    {
      admission: 'unreadable',
      go: client('invalid PrintableString'),
    },
  ),
  row('its default signature, SHA-1', 'client', () => material({ digest: forge.md.sha1.create() }), {
    admission: 'weak-signature',
    go: server('x509: cannot verify signature: insecure algorithm'),
  }),
  row('a signature with MD5', 'serving', () => material({ digest: forge.md.md5.create() }), {
    admission: 'weak-signature',
    go: client('x509: cannot verify signature: insecure algorithm'),
  }),
  row('an end after 2050', 'client', () => material({ until: new Date(Date.UTC(2060, 0, 1)) }), accepted),
  row(
    'extensions of Netscape',
    'client',
    () => material({ extensions: [NAMED, { name: 'nsCertType', client: true }] }),
    accepted,
  ),
  row(
    'a key encrypted by node-forge',
    'client',
    () =>
      material({}, (pem) =>
        forge.pki.encryptRsaPrivateKey(forge.pki.privateKeyFromPem(pem), 'x', { algorithm: 'aes256' }),
      ),
    { admission: 'key-unreadable', go: client('tls: failed to parse private key') },
  ),
  row(
    'a key encrypted by node-forge in the traditional way',
    'client',
    () =>
      material({}, (pem) =>
        forge.pki.encryptRsaPrivateKey(forge.pki.privateKeyFromPem(pem), 'x', {
          legacy: true,
          algorithm: 'aes256',
        }),
      ),
    { admission: 'key-unreadable', go: client('tls: failed to parse private key') },
  ),
];
