/** Who signed whom, and what a CA may do. */
import {
  makeCa,
  makeKey,
  makeLeaf,
  pemBlock,
  rawMaterial,
  renewCaSameKey,
  replaceCa,
  USAGE,
  writeLeaf,
} from '../../kit/pki/index.ts';
import { between, client, good, goodRaw, HOST, leafOf, type Row, root, server, TAKEN } from './row.ts';

const UNKNOWN = 'x509: certificate signed by unknown authority';

/** A chain of so many CAs below the root. */
const chainOf = (length: number) =>
  Array.from({ length }).reduce((above: ReturnType<typeof makeCa>, _, place) => {
    return makeCa({ name: `Link ${place}`, issuer: above, key: root.key });
  }, root);

export const CHAINS: readonly Row[] = [
  {
    name: 'another CA of the same name signed the leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(good, [replaceCa(root)]),
    admission: 'chain-broken',
    go: server(UNKNOWN),
  },
  {
    name: 'two CAs of one name side by side, one of which signed the leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(good, [replaceCa(root), root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a missing intermediate',
    role: 'client',
    by: 'kit',
    raw: () => {
      const leaf = makeLeaf(between);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem });
    },
    admission: 'chain-broken',
    go: server(UNKNOWN),
  },
  {
    name: 'a missing intermediate of repo-server',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const leaf = leafOf({}, between);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem });
    },
    admission: 'chain-broken',
    go: client(UNKNOWN),
  },
  {
    name: 'an intermediate as the only CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const leaf = makeLeaf(between);
      return rawMaterial(leaf, [between], { certificatePem: leaf.pem });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a cross-signed intermediate, of which one way leads to the CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const crossed = renewCaSameKey(between, { issuer: makeCa({ name: 'Other root' }) });
      const leaf = makeLeaf(between);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem + crossed.pem + between.pem });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a cross-signed intermediate that leads to another CA only',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const crossed = renewCaSameKey(between, { issuer: makeCa({ name: 'Other root' }) });
      const leaf = leafOf({}, between);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem + crossed.pem });
    },
    admission: 'chain-broken',
    go: client(UNKNOWN),
  },
  {
    name: 'two CAs that signed each other',
    role: 'client',
    by: 'kit',
    raw: () => {
      const [one, other] = [makeCa({ name: 'One' }), makeCa({ name: 'Other' })];
      const [back, forth] = [renewCaSameKey(one, { issuer: other }), renewCaSameKey(other, { issuer: one })];
      const leaf = makeLeaf(one);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem + back.pem + forth.pem });
    },
    admission: 'chain-broken',
    go: server(UNKNOWN),
  },
  {
    name: 'the root permits no CA below it',
    role: 'client',
    by: 'kit',
    raw: () => {
      const short = makeCa({ name: 'Short root', pathLength: 0 });
      return rawMaterial(makeLeaf(makeCa({ name: 'Between', issuer: short })), [short]);
    },
    admission: 'path-length-exceeded',
    go: server('x509: too many intermediates for path length constraint'),
  },
  {
    name: 'an intermediate permits no CA below it',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const last = makeCa({ name: 'Last', issuer: root, pathLength: 0 });
      return rawMaterial(leafOf({}, makeCa({ name: 'One more', issuer: last })), [root]);
    },
    admission: 'path-length-exceeded',
    go: client('x509: too many intermediates for path length constraint'),
  },
  {
    name: 'a leaf as the CA of another leaf',
    role: 'client',
    by: 'kit',
    raw: () => {
      const issuer = makeCa({ name: 'half CA', ca: false });
      return rawMaterial(leafOf({}, issuer), [issuer]);
    },
    admission: 'anchor-not-ca',
    go: server('x509: certificate signed by unknown authority'),
  },
  {
    name: 'a leaf between leaf and CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      const half = makeCa({ name: 'half CA', issuer: root, ca: 'absent' });
      return rawMaterial(makeLeaf(half), [root]);
    },
    admission: 'several-leafs',
    go: server('x509'),
  },
  {
    name: 'a CA whose key usage does not permit it to sign certificates',
    role: 'client',
    by: 'kit',
    raw: () => {
      const mute = makeCa({ name: 'Mute CA', keyUsages: ['digitalSignature'] });
      return rawMaterial(leafOf({}, mute), [mute]);
    },
    admission: 'anchor-not-ca',
    go: server(UNKNOWN),
  },
  {
    name: 'an intermediate whose key usage does not permit it to sign certificates',
    role: 'client',
    by: 'kit',
    raw: () => {
      const mute = makeCa({ name: 'Mute', issuer: root, keyUsages: ['cRLSign'] });
      return rawMaterial(makeLeaf(mute), [root]);
    },
    admission: 'chain-broken',
    go: server(UNKNOWN),
  },
  {
    name: 'a CA of X.509 version 1',
    role: 'client',
    by: 'kit',
    raw: () => {
      const old = makeCa({ name: 'Version 1 CA', version: 1 });
      return rawMaterial(leafOf({}, old), [old]);
    },
    admission: 'anchor-not-ca',
    go: TAKEN,
    differs:
      'Go takes any certificate of version 1 for a CA when it is trusted. It can say of itself neither that it is one nor what it may sign; no issuer has made them for twenty years.',
  },
  {
    name: 'a leaf among the CAs',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: root.pem + leafOf({ name: 'misplaced' }).pem }),
    admission: 'anchor-not-ca',
    go: TAKEN,
    differs:
      'Go would trust that very leaf, whoever holds its key and whatever becomes of its CA. It was put there by mistake.',
  },
  {
    name: 'no CA',
    role: 'client',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: '' }),
    admission: 'no-anchor',
    go: server('invalid cert data'),
  },
  {
    name: 'no CA for clients that verify',
    role: 'serving',
    by: 'kit',
    raw: () => goodRaw({ anchorsPem: '\n' }),
    admission: 'no-anchor',
    go: client('invalid cert data'),
  },
  {
    name: 'a chain of eleven certificates',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(makeLeaf(chainOf(10)), [root]),
    admission: 'too-large',
    go: TAKEN,
    differs:
      'Go takes up to a hundred signatures. Every handshake would carry them; nobody has eleven CAs in a row on purpose.',
  },
  {
    name: 'a hundred and one CAs',
    role: 'client',
    by: 'kit',
    raw: () => {
      const key = makeKey('p256');
      const many = Array.from({ length: 100 }, (_, place) => makeCa({ name: `Public CA ${place}`, key }));
      return rawMaterial(good, [root, ...many]);
    },
    admission: 'too-large',
    go: TAKEN,
    differs:
      'Go takes them. A bundle of public CAs would let in whoever any of them vouches for, and every handshake names them all.',
  },
  {
    name: 'the issuer written in other letters of ASN.1 than the subject of its CA',
    role: 'client',
    by: 'kit',
    raw: () => {
      // PrintableString instead of UTF8String, the same text.
      const issuer = Buffer.from(root.subject);
      issuer[issuer.indexOf(0x0c)] = 0x13;
      return goodRaw({
        certificatePem: pemBlock('CERTIFICATE', writeLeaf(root, { instead: { issuer } }, good.key)),
      });
    },
    admission: 'chain-broken',
    go: server(UNKNOWN),
  },
  {
    name: 'a leaf for servers only',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ usages: [USAGE.server] }), [root]),
    admission: 'client-auth-missing',
    go: server('x509: certificate specifies an incompatible key usage'),
  },
  {
    name: 'a leaf for clients only, at repo-server',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ usages: [USAGE.client] }), [root]),
    admission: 'server-auth-missing',
    go: client('x509: certificate specifies an incompatible key usage'),
  },
  {
    name: 'a leaf without extended key usages',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ usages: [] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a leaf for any usage',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ usages: [USAGE.any] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'an intermediate for servers only',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(makeLeaf(makeCa({ name: 'Web', issuer: root, usages: [USAGE.server] })), [root]),
    admission: 'client-auth-missing',
    go: server('x509: certificate specifies an incompatible key usage'),
  },
  {
    name: 'a CA for clients only, above repo-server',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'Clients', usages: [USAGE.client] });
      return rawMaterial(leafOf({ dns: [HOST] }, ca), [ca]);
    },
    admission: 'server-auth-missing',
    go: client('x509: certificate specifies an incompatible key usage'),
  },
];
