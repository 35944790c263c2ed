/** Extensions and alternative names that no sound issuer writes. */

import * as der from '../../kit/pki/der.ts';
import { extendedKeyUsage, keyUsage } from '../../kit/pki/extensions.ts';
import { type Extension, pemBlock, USAGE, writeCa, writeLeaf } from '../../kit/pki/index.ts';
import { client, good, goodRaw, HOST, type Row, root, server, TAKEN } from './row.ts';

const raw = (written: Buffer) => goodRaw({ certificatePem: pemBlock('CERTIFICATE', written) });
const extended = (...extensions: readonly Extension[]) =>
  raw(writeLeaf(root, { dns: [HOST], extensions }, good.key));
const named = (...names: readonly Uint8Array[]) =>
  raw(
    writeLeaf(
      root,
      { extensions: [{ oid: '2.5.29.17', critical: false, value: der.sequence(...names) }] },
      good.key,
    ),
  );
const critically = (...names: readonly Uint8Array[]) =>
  raw(
    writeLeaf(
      root,
      { extensions: [{ oid: '2.5.29.17', critical: true, value: der.sequence(...names) }] },
      good.key,
    ),
  );
/** The leaf as it should be, the CA with these name constraints. */
const constrained = (value: Uint8Array) =>
  goodRaw({
    anchorsPem: pemBlock(
      'CERTIFICATE',
      writeCa({ subject: root.subject, extensions: [{ oid: '2.5.29.30', critical: true, value }] }, root.key),
    ),
  });

export const EXTENSIONS: readonly Row[] = [
  {
    name: 'an extension twice',
    role: 'client',
    by: 'kit',
    raw: () => extended(extendedKeyUsage([USAGE.client])),
    admission: 'unreadable',
    go: client('x509: certificate contains duplicate extension'),
  },
  {
    name: 'a CA bit that is neither true nor false in DER',
    role: 'client',
    by: 'kit',
    raw: () =>
      extended({ oid: '2.5.29.19', critical: true, value: der.sequence(der.tlv(1, Buffer.from([1]))) }),
    admission: 'unreadable',
    go: client('x509: invalid basic constraints'),
  },
  {
    name: 'a negative path length in the CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const value = der.sequence(der.boolean(true), der.tlv(2, Buffer.from([0xff])));
      const pem = pemBlock(
        'CERTIFICATE',
        writeCa(
          { subject: root.subject, ca: 'absent', extensions: [{ oid: '2.5.29.19', critical: true, value }] },
          root.key,
        ),
      );
      return goodRaw({ anchorsPem: pem });
    },
    admission: 'unreadable',
    go: server('invalid cert data'),
  },
  {
    name: 'bytes behind the value of an extension',
    role: 'client',
    by: 'kit',
    raw: () =>
      raw(
        writeLeaf(
          root,
          {
            keyUsages: 'absent',
            extensions: [
              {
                ...keyUsage(['digitalSignature']),
                value: Buffer.concat([keyUsage(['digitalSignature']).value, Buffer.from([5, 0])]),
              },
            ],
          },
          good.key,
        ),
      ),
    admission: 'unreadable',
    go: TAKEN,
    differs: 'Go overlooks what follows the value. What an extension says must not depend on who reads it.',
  },
  {
    name: 'a critical subject key identifier',
    role: 'client',
    by: 'kit',
    raw: () => extended({ oid: '2.5.29.14', critical: true, value: der.octets(Buffer.alloc(20, 1)) }),
    admission: 'unreadable',
    go: client('x509: subject key identifier incorrectly marked critical'),
  },
  {
    name: 'an empty list of alternative names',
    role: 'client',
    by: 'kit',
    raw: () => named(),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'an alternative name that is an address of three bytes',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(7, Buffer.from([10, 0, 0]))),
    admission: 'unreadable',
    go: client('x509: cannot parse IP address of length 3'),
  },
  {
    name: 'an alternative name that is no URI',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(6, Buffer.from('http://[::1'))),
    admission: 'unreadable',
    go: client('x509: cannot parse URI'),
  },
  {
    name: 'a host of letters beyond ASCII',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(2, Buffer.from('b\u00fccher.example', 'latin1'))),
    admission: 'unreadable',
    go: client('x509: SAN dNSName is malformed'),
  },
  {
    name: 'a host that looks alike, with a Cyrillic letter',
    role: 'serving',
    by: 'kit',
    raw: () => named(der.implicit(2, Buffer.from(`\u0430${HOST.slice(1)}`))),
    admission: 'unreadable',
    go: server('x509: SAN dNSName is malformed'),
  },
  {
    name: 'a mail address beyond ASCII',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(1, Buffer.from('j\u00fcrgen@example.org', 'latin1'))),
    admission: 'unreadable',
    go: client('x509: SAN rfc822Name is malformed'),
  },
  {
    name: 'a URI with a port, which is none of the plain ones',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(6, Buffer.from('https://example.org:8443/repo'))),
    admission: 'unreadable',
    go: TAKEN,
    differs:
      "What Go takes for a URI is a parser of its own. Only plain ones are read, as SPIFFE's: of others it would be a guess.",
  },
  {
    name: 'a SPIFFE ID',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(6, Buffer.from('spiffe://example.org/ns/argocd/sa/argocd-server'))),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'an IPv4 address written as IPv6',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(7, Buffer.from('00000000000000000000ffff0a000007', 'hex'))),
    admission: 'unreadable',
    go: client('x509: SAN iPAddress contains IPv4-mapped IPv6 address'),
  },
  {
    name: 'critical alternative names of an unknown kind only',
    role: 'client',
    by: 'kit',
    raw: () => critically(der.implicit(8, Buffer.from([42, 3, 4]))),
    admission: 'chain-broken',
    go: server('x509: unhandled critical extension'),
  },
  {
    name: 'an object identifier with a part beyond 31 bits',
    role: 'client',
    by: 'kit',
    raw: () => extended({ oid: '2.25.4294967296', critical: false, value: der.empty() }),
    admission: 'unreadable',
    go: client('x509: malformed extension OID field'),
  },
  {
    name: 'a critical authority key identifier',
    role: 'client',
    by: 'kit',
    raw: () =>
      extended({
        oid: '2.5.29.35',
        critical: true,
        value: der.sequence(der.implicit(0, Buffer.alloc(20, 1))),
      }),
    admission: 'unreadable',
    go: client('x509: authority key identifier incorrectly marked critical'),
  },
  {
    name: 'an authority key identifier that is not the one of the CA',
    role: 'client',
    by: 'kit',
    raw: () =>
      extended({
        oid: '2.5.29.35',
        critical: false,
        value: der.sequence(der.implicit(0, Buffer.alloc(20, 1))),
      }),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a certificate policy twice',
    role: 'client',
    by: 'kit',
    raw: () => {
      const policy = der.sequence(der.oid('1.2.3.4'));
      return extended({ oid: '2.5.29.32', critical: false, value: der.sequence(policy, policy) });
    },
    admission: 'unreadable',
    go: client('x509: invalid certificate policies'),
  },
  {
    name: 'name constraints in the CA that constrain nothing',
    role: 'client',
    by: 'kit',
    raw: () => constrained(der.sequence()),
    admission: 'unreadable',
    go: server('invalid cert data'),
  },
  {
    name: 'a name constraint in the CA for addresses with a mask that is none',
    role: 'client',
    by: 'kit',
    raw: () =>
      constrained(
        der.sequence(
          der.explicit(0, der.sequence(der.implicit(7, Buffer.from([10, 0, 0, 0, 255, 0, 255, 0])))),
        ),
      ),
    admission: 'unreadable',
    go: server('invalid cert data'),
  },
  {
    name: 'a name constraint in the CA for a domain with a dot at its end',
    role: 'client',
    by: 'kit',
    raw: () =>
      constrained(der.sequence(der.explicit(0, der.sequence(der.implicit(2, Buffer.from('example.org.')))))),
    admission: 'unreadable',
    go: server('invalid cert data'),
  },
  {
    name: 'an unknown kind of alternative name',
    role: 'client',
    by: 'kit',
    raw: () => named(der.implicit(8, Buffer.from([42, 3, 4])), der.implicit(2, Buffer.from(HOST))),
    admission: 'accepted',
    go: TAKEN,
  },
];
