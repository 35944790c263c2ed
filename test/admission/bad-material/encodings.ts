/** DER that no sound issuer writes. None of it can be made by `makeLeaf`, whose certificates the product's own reader has to take. */

import * as der from '../../kit/pki/der.ts';
import { type CertificateParts, pemBlock, writeCa, writeLeaf } from '../../kit/pki/index.ts';
import { client, good, goodRaw, HOST, type Row, root, server, TAKEN } from './row.ts';

const raw = (written: Buffer) => goodRaw({ certificatePem: pemBlock('CERTIFICATE', written) });
const written = (instead: CertificateParts) => raw(writeLeaf(root, { dns: [HOST], instead }, good.key));
const SINCE = der.time(Date.UTC(2020, 0, 1));
const until = (tag: number, text: string) =>
  written({ validity: der.sequence(SINCE, der.tlv(tag, Buffer.from(text))) });
const dn = (tag: number, content: Uint8Array): Buffer =>
  der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.tlv(tag, content))));
const subject = (name: Uint8Array) => raw(writeLeaf(root, { dns: [HOST], subject: name }, good.key));

/** The outermost length written in a form that BER permits and DER does not. */
const longForm = (bytes: Buffer): Buffer => {
  const content = bytes.subarray(4);
  return Buffer.concat([Buffer.from([0x30, 0x83, 0, content.length >> 8, content.length & 0xff]), content]);
};
const indefinite = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x30, 0x80]), bytes.subarray(4), Buffer.from([0, 0])]);

export const ENCODINGS: readonly Row[] = [
  {
    name: 'a negative serial number',
    role: 'client',
    by: 'kit',
    raw: () => written({ serial: der.tlv(2, Buffer.from([0x80])) }),
    admission: 'unreadable',
    go: client('x509: negative serial number'),
  },
  {
    name: 'the serial number 0',
    role: 'client',
    by: 'kit',
    raw: () => written({ serial: der.integer(0) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a serial number of 40 bytes',
    role: 'client',
    by: 'kit',
    raw: () => written({ serial: der.tlv(2, Buffer.alloc(40, 0x55)) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a serial number with a superfluous zero before it',
    role: 'client',
    by: 'kit',
    raw: () => written({ serial: der.tlv(2, Buffer.from([0, 0, 5])) }),
    admission: 'unreadable',
    go: client('x509: malformed serial number'),
  },
  {
    name: 'BER: a length of indefinite form',
    role: 'client',
    by: 'kit',
    raw: () => raw(indefinite(good.der)),
    admission: 'unreadable',
    go: client('x509: malformed certificate'),
  },
  {
    name: 'BER: a length longer than it must be',
    role: 'client',
    by: 'kit',
    raw: () => raw(longForm(good.der)),
    admission: 'unreadable',
    go: client('x509: malformed certificate'),
  },
  {
    name: 'two different signature algorithms inside and outside',
    role: 'client',
    by: 'kit',
    raw: () => written({ outerAlgorithm: der.sequence(der.oid('1.2.840.10045.4.3.3')) }),
    admission: 'unreadable',
    go: client('x509: inner and outer signature algorithm identifiers'),
  },
  {
    name: 'an empty list of extensions',
    role: 'client',
    by: 'kit',
    raw: () => written({ extensions: der.explicit(3, der.sequence()) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'version 1 with extensions',
    role: 'client',
    by: 'kit',
    raw: () => written({ version: Buffer.alloc(0) }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'version 5',
    role: 'client',
    by: 'kit',
    raw: () => written({ version: der.explicit(0, der.integer(4)) }),
    admission: 'unreadable',
    go: client('x509: invalid version'),
  },
  {
    name: 'no subject at all',
    role: 'client',
    by: 'kit',
    raw: () => subject(der.sequence()),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a NUL in the common name',
    role: 'client',
    by: 'kit',
    raw: () => subject(dn(0x0c, Buffer.from('repo\u0000client'))),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a common name that is not UTF-8',
    role: 'client',
    by: 'kit',
    raw: () => subject(dn(0x0c, Buffer.from([0xc3, 0x28]))),
    admission: 'unreadable',
    go: client('x509'),
  },
  {
    name: 'a letter in a PrintableString that it does not have',
    role: 'client',
    by: 'kit',
    raw: () => subject(dn(0x13, Buffer.from('repo@client'))),
    admission: 'unreadable',
    go: client('x509'),
  },
  {
    name: 'a BMPString of odd length',
    role: 'client',
    by: 'kit',
    raw: () => subject(dn(0x1e, Buffer.from([0, 65, 0]))),
    admission: 'unreadable',
    go: client('x509'),
  },
  {
    name: 'a line break and a control sequence in the common name',
    role: 'client',
    by: 'kit',
    raw: () => subject(dn(0x0c, Buffer.from('repo\n\u001b[31mclient'))),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a date without seconds',
    role: 'client',
    by: 'kit',
    raw: () => until(0x17, '4912312359Z'),
    admission: 'unreadable',
    go: TAKEN,
    differs:
      'RFC 5280 forbids it, and OpenSSL does not read it: Go alone would be right about when the certificate ends.',
  },
  {
    name: 'a date with a time zone',
    role: 'client',
    by: 'kit',
    raw: () => until(0x17, '491231235959+0100'),
    admission: 'unreadable',
    go: TAKEN,
    differs:
      'RFC 5280 forbids it. A date that one program counts otherwise than another ends too early for one of them.',
  },
  {
    name: 'a date that is none: the 31st of February',
    role: 'client',
    by: 'kit',
    raw: () => until(0x17, '490231000000Z'),
    admission: 'unreadable',
    go: client('x509'),
  },
  {
    name: 'a date of this century as GeneralizedTime',
    role: 'client',
    by: 'kit',
    raw: () => until(0x18, '20401231235959Z'),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a point that is not on its curve as the public key of the CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const spki = root.key.publicKey.export({ type: 'spki', format: 'der' });
      const off = Buffer.from(spki);
      off[off.length - 1] = (off[off.length - 1] ?? 0) ^ 1;
      const pem = pemBlock(
        'CERTIFICATE',
        writeCa({ subject: root.subject, instead: { publicKey: off } }, root.key),
      );
      return goodRaw({ anchorsPem: pem });
    },
    admission: 'unsupported-key',
    go: server('invalid cert data'),
  },
  {
    name: 'a point in compressed form as the public key of the CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const spki = root.key.publicKey.export({ type: 'spki', format: 'der' });
      const point = spki.subarray(spki.length - 65);
      const even = ((point[64] ?? 0) & 1) === 0;
      const short = Buffer.concat([Buffer.from([even ? 2 : 3]), point.subarray(1, 33)]);
      const publicKey = der.sequence(
        der.sequence(der.oid('1.2.840.10045.2.1'), der.oid('1.2.840.10045.3.1.7')),
        der.bits(short),
      );
      const pem = pemBlock(
        'CERTIFICATE',
        writeCa({ subject: root.subject, instead: { publicKey } }, root.key),
      );
      return goodRaw({ anchorsPem: pem });
    },
    admission: 'unsupported-key',
    go: server('invalid cert data'),
  },
];
