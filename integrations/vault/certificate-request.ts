/**
 * A key pair and the request (PKCS#10, RFC 2986) that asks for its certificate.
 *
 * **Invariant:** node-forge writes the ASN.1 here and does no cryptography; keys and signatures come from `node:crypto`, FIPS or not.
 */
import { createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { VaultKey } from '../../agent/model/vault-spec.ts';
import { pemText } from '../../agent/pki/pem.ts';
import { VaultFailure } from './failure.ts';

export interface RequestNames {
  readonly commonName: string | undefined;
  /** DNS names and addresses. */
  readonly names: readonly string[];
}

export interface KeyAndRequest {
  /** PKCS#8 PEM. */
  readonly key: SecretBytes;
  readonly requestPem: string;
}

const { Class, Type } = forge.asn1;
type Node = forge.asn1.Asn1;

const universal = (type: forge.asn1.Type, value: string | Node[]): Node =>
  forge.asn1.create(Class.UNIVERSAL, type, Array.isArray(value), value);
const sequence = (...parts: Node[]): Node => universal(Type.SEQUENCE, parts);
const set = (...parts: Node[]): Node => universal(Type.SET, parts);
const oid = (dotted: string): Node => universal(Type.OID, forge.asn1.oidToDer(dotted).getBytes());
const octets = (content: string): Node => universal(Type.OCTETSTRING, content);
/** No bit of the last byte is unused. */
const bits = (content: string): Node => universal(Type.BITSTRING, `\x00${content}`);
const context = (number: number, value: string | Node[]): Node =>
  forge.asn1.create(Class.CONTEXT_SPECIFIC, number as forge.asn1.Type, Array.isArray(value), value);

const bytesOf = (node: Node): string => forge.asn1.toDer(node).getBytes();
const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const OID = {
  commonName: '2.5.4.3',
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectAltName: '2.5.29.17',
} as const;

interface Algorithm {
  readonly make: () => Promise<KeyObject>;
  /** For `crypto.sign`; `null` where the algorithm has its own. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
  readonly oid: string;
  /** RSA's identifier carries a NULL (RFC 4055, 5), the others nothing. */
  readonly parameters: readonly Node[];
}

const pair = promisify(generateKeyPair);

const ec = (namedCurve: string, hash: 'sha256' | 'sha384' | 'sha512', signature: string): Algorithm => ({
  make: async () => (await pair('ec', { namedCurve })).privateKey,
  hash,
  oid: signature,
  parameters: [],
});

const rsa = (modulusLength: number): Algorithm => ({
  make: async () => (await pair('rsa', { modulusLength })).privateKey,
  hash: 'sha256',
  oid: '1.2.840.113549.1.1.11',
  parameters: [universal(Type.NULL, '')],
});

const ALGORITHMS: Readonly<Record<VaultKey, Algorithm>> = {
  'ec-p256': ec('P-256', 'sha256', '1.2.840.10045.4.3.2'),
  'ec-p384': ec('P-384', 'sha384', '1.2.840.10045.4.3.3'),
  'ec-p521': ec('P-521', 'sha512', '1.2.840.10045.4.3.4'),
  'rsa-2048': rsa(2048),
  'rsa-3072': rsa(3072),
  'rsa-4096': rsa(4096),
  ed25519: {
    make: async () => (await pair('ed25519')).privateKey,
    hash: null,
    oid: '1.3.101.112',
    parameters: [],
  },
};

/** An address as in a certificate: 4 or 16 bytes. `URL` writes every spelling of an IPv6 address in one way. */
const addressBytes = (address: string): string => {
  if (!isIPv6(address)) return String.fromCharCode(...address.split('.').map(Number));
  const [front = '', back] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const head = groups(front);
  const tail = groups(back ?? '');
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return String.fromCharCode(...all.flatMap((group) => [group >> 8, group & 0xff]));
};

const altNames = (names: readonly string[]): Node =>
  sequence(...names.map((name) => (isIP(name) === 0 ? context(2, name) : context(7, addressBytes(name)))));

/** CertificationRequestInfo (RFC 2986, 4.1). */
const information = ({ commonName, names }: RequestNames, spki: Uint8Array): Node =>
  sequence(
    universal(Type.INTEGER, '\x00'),
    sequence(
      ...(commonName === undefined
        ? []
        : [set(sequence(oid(OID.commonName), universal(Type.UTF8, forge.util.encodeUtf8(commonName))))]),
    ),
    forge.asn1.fromDer(binary(spki)),
    context(
      0,
      names.length === 0
        ? []
        : [
            sequence(
              oid(OID.extensionRequest),
              set(sequence(sequence(oid(OID.subjectAltName), octets(bytesOf(altNames(names)))))),
            ),
          ],
    ),
  );

/** @throws VaultFailure where this Node makes no such key (FIPS) */
export const makeKeyAndRequest = async (kind: VaultKey, names: RequestNames): Promise<KeyAndRequest> => {
  const algorithm = ALGORITHMS[kind];
  let key: KeyObject;
  try {
    key = await algorithm.make();
  } catch (error) {
    throw new VaultFailure(
      'invalid',
      `No key of the kind ${kind} can be made here (FIPS mode permits few kinds).`,
      'Set `key` of that source to ec-p256 or rsa-3072.',
      { cause: error },
    );
  }
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const body = information(names, spki);
  const signature = sign(algorithm.hash, Buffer.from(bytesOf(body), 'latin1'), key);
  const request = sequence(
    body,
    sequence(oid(algorithm.oid), ...algorithm.parameters),
    bits(binary(signature)),
  );
  return {
    key: SecretBytes.of(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    requestPem: pemText('CERTIFICATE REQUEST', Buffer.from(bytesOf(request), 'latin1')),
  };
};
