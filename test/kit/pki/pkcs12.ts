/**
 * PKCS#12 files for tests, for every kind of key, in the ways in which tools encrypt them.
 *
 * **Invariant:** the outline is written by the kit's own DER writer; encryption comes from node:crypto (AES) or node-forge (what OpenSSL 3 calls legacy).
 */
import forge from 'node-forge';
import { explicit, integer, octets, oid, sequence } from './der.ts';
import type { KeyPair } from './keys.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED = '1.2.840.113549.1.7.6';
const BAG = {
  key: '1.2.840.113549.1.12.10.1.1',
  shrouded: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
};
const X509 = '1.2.840.113549.1.9.22.1';
const SHA1 = '1.3.14.3.2.26';
const RC2_40 = '1.2.840.113549.1.12.1.6';

/** `aes`: PBES2, as OpenSSL 3 and cert-manager's `Modern2023`. `3des`, `rc2`: as older tools; `rc2` is for certificates only. */
export type Encryption = 'aes' | '3des' | 'none';

export interface Pkcs12Options {
  readonly password: string;
  readonly keyEncryption?: Encryption;
  readonly certificateEncryption?: 'rc2' | 'none';
  readonly mac?: 'sha1' | 'absent';
  /** Rounds of the MAC's key. */
  readonly rounds?: number;
}

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('binary');
const bytes = (text: string): Buffer => Buffer.from(text, 'binary');

const keyBag = (key: KeyPair, encryption: Encryption, password: string): Buffer => {
  const plain = key.privateKey.export({ type: 'pkcs8', format: 'der' });
  if (encryption === 'none') return sequence(oid(BAG.key), explicit(0, plain));
  const shrouded =
    encryption === 'aes'
      ? key.privateKey.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: password })
      : bytes(
          forge.asn1
            .toDer(
              forge.pki.encryptPrivateKeyInfo(forge.asn1.fromDer(binary(plain)), password, {
                algorithm: '3des',
              }),
            )
            .getBytes(),
        );
  return sequence(oid(BAG.shrouded), explicit(0, shrouded));
};

const certificateBag = (der: Uint8Array): Buffer =>
  sequence(oid(BAG.certificate), explicit(0, sequence(oid(X509), explicit(0, octets(der)))));

const data = (content: Uint8Array): Buffer => sequence(oid(DATA), explicit(0, octets(content)));

/** pbeWithSHAAnd40BitRC2-CBC, as OpenSSL before 3 encrypts certificates. */
const rc2 = (content: Uint8Array, password: string): Buffer => {
  const salt = Buffer.from('0102030405060708', 'hex');
  const derived = (id: 1 | 2, size: number): forge.util.ByteStringBuffer =>
    forge.pkcs12.generateKey(password, forge.util.createBuffer(binary(salt)), id, 2048, size);
  const cipher = forge.rc2.createEncryptionCipher(derived(1, 5).getBytes(), 40);
  cipher.start(derived(2, 8));
  cipher.update(forge.util.createBuffer(binary(content)));
  cipher.finish();
  const encrypted = bytes(cipher.output.getBytes());
  const algorithm = sequence(oid(RC2_40), sequence(octets(salt), integer(2048)));
  // [0] IMPLICIT OCTET STRING
  const header =
    encrypted.length < 0x80
      ? [0x80, encrypted.length]
      : [0x80, 0x82, encrypted.length >> 8, encrypted.length & 0xff];
  const implicitContent = Buffer.concat([Buffer.from(header), encrypted]);
  return sequence(
    oid(ENCRYPTED),
    explicit(0, sequence(integer(0), sequence(oid(DATA), algorithm, implicitContent))),
  );
};

const macOf = (safe: Buffer, password: string, rounds: number): Buffer => {
  const salt = Buffer.from('1112131415161718', 'hex');
  const key = forge.pkcs12.generateKey(
    password,
    forge.util.createBuffer(binary(salt)),
    3,
    Math.min(rounds, 4096),
    20,
  );
  const mac = forge.hmac.create();
  mac.start('sha1', key);
  mac.update(binary(safe));
  const digest = sequence(sequence(oid(SHA1)), octets(bytes(mac.getMac().getBytes())));
  return sequence(digest, octets(salt), integer(rounds));
};

/** One PKCS#12 with these keys and certificates (DER). */
export const writePkcs12 = (
  keys: readonly KeyPair[],
  certificates: readonly Uint8Array[],
  options: Pkcs12Options,
): Buffer => {
  const { password, keyEncryption = 'aes', certificateEncryption = 'none', rounds = 2048 } = options;
  const held = sequence(...certificates.map(certificateBag));
  const safe = sequence(
    certificateEncryption === 'rc2' ? rc2(held, password) : data(held),
    data(sequence(...keys.map((key) => keyBag(key, keyEncryption, password)))),
  );
  return sequence(
    integer(3),
    data(safe),
    ...(options.mac === 'absent' ? [] : [macOf(safe, password, rounds)]),
  );
};
