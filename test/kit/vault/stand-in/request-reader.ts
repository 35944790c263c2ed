/**
 * A certificate request (PKCS#10) as Vault reads one: its key, its names, and whether the key's owner signed it.
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import forge from 'node-forge';
import { Refused } from './answer.ts';

export interface ReadRequest {
  readonly publicKey: KeyObject;
  readonly commonName: string;
  readonly dns: readonly string[];
  readonly ips: readonly string[];
}

type Node = forge.asn1.Asn1;
const parts = (node: Node | undefined): readonly Node[] => (Array.isArray(node?.value) ? node.value : []);
const content = (node: Node | undefined): string => (typeof node?.value === 'string' ? node.value : '');
const bytes = (node: Node): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
const oidOf = (node: Node | undefined): string => forge.asn1.derToOid(forge.util.createBuffer(content(node)));

/** forge takes options here since 0.10; its published types still know the older flag only. */
const fromDer = forge.asn1.fromDer as unknown as (
  der: string,
  options: { readonly decodeBitStrings: boolean },
) => Node;

const ipText = (raw: string): string => {
  const octets = Buffer.from(raw, 'latin1');
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2).toString(16));
  return groups.join(':');
};

const HASH: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

export const readRequest = (pem: string): ReadRequest => {
  const base64 = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]+)-----END/.exec(pem)?.[1];
  if (base64 === undefined) throw new Refused(400, 'csr contains no data');
  const der = Buffer.from(base64, 'base64').toString('latin1');
  const [body, algorithm, signature] = parts(fromDer(der, { decodeBitStrings: false }));
  const [, subject, spki, attributes] = parts(body);
  if (body === undefined || spki === undefined)
    throw new Refused(400, 'certificate request could not be parsed');
  const publicKey = createPublicKey({ key: bytes(spki), format: 'der', type: 'spki' });
  const hash = HASH[oidOf(parts(algorithm)[0])];
  // The first byte of a bit string counts its unused bits.
  const signed = Buffer.from(content(signature).slice(1), 'latin1');
  if (hash === undefined || !verify(hash, bytes(body), publicKey, signed))
    throw new Refused(400, 'request signature invalid');
  const commonName = parts(subject)
    .flatMap((set) => parts(set))
    .filter((pair) => oidOf(parts(pair)[0]) === '2.5.4.3')
    .map((pair) => content(parts(pair)[1]))
    .join('');
  const extensions = parts(attributes).flatMap((attribute) =>
    oidOf(parts(attribute)[0]) === '1.2.840.113549.1.9.14' ? parts(parts(parts(attribute)[1])[0]) : [],
  );
  const names = extensions
    .filter((extension) => oidOf(parts(extension)[0]) === '2.5.29.17')
    .flatMap((extension) => parts(forge.asn1.fromDer(content(parts(extension).at(-1)))));
  const ofType = (type: number) => names.filter((name) => Number(name.type) === type).map(content);
  return { publicKey, commonName, dns: ofType(2), ips: ofType(7).map(ipText) };
};
