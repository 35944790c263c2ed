/** Validity, to the second. */

import * as der from '../../kit/pki/der.ts';
import { makeCa, makeLeaf, rawMaterial, renewCaSameKey } from '../../kit/pki/index.ts';
import { between, client, HOST, leafOf, NOON, type Row, root, server, TAKEN } from './row.ts';

const DAY = 24 * 3_600_000;
const EXPIRED = 'x509: certificate has expired or is not yet valid';
const SINCE = der.time(Date.UTC(2020, 0, 1));
/** RFC 5280, 4.1.2.5: what a certificate says that has no well-defined end. */
const NEVER = der.tlv(0x18, Buffer.from('99991231235959Z'));

export const DATES: readonly Row[] = [
  {
    name: 'an expired leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ notAfter: NOON - DAY }), [root]),
    admission: 'expired',
    go: server(EXPIRED),
  },
  {
    name: 'a leaf that is not yet valid',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ notBefore: NOON + DAY }), [root]),
    admission: 'not-yet-valid',
    go: client(EXPIRED),
  },
  {
    name: 'the first second of validity',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ notBefore: NOON }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'one millisecond before the first second',
    role: 'client',
    by: 'kit',
    at: NOON - 1,
    raw: () => rawMaterial(leafOf({ notBefore: NOON }), [root]),
    admission: 'not-yet-valid',
    go: server(EXPIRED),
  },
  {
    name: 'the last second of validity',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ notAfter: NOON }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'one millisecond after the last second',
    role: 'client',
    by: 'kit',
    at: NOON + 1,
    raw: () => rawMaterial(leafOf({ notAfter: NOON }), [root]),
    admission: 'expired',
    go: server(EXPIRED),
  },
  {
    name: 'an end before the beginning',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ notBefore: NOON - DAY, notAfter: NOON - 2 * DAY }), [root]),
    admission: 'expired',
    go: server(EXPIRED),
  },
  {
    name: 'an expired CA above a leaf that is valid',
    role: 'client',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'Old CA', notAfter: NOON - DAY });
      return rawMaterial(leafOf({}, ca), [ca]);
    },
    admission: 'anchor-expired',
    go: server(EXPIRED),
  },
  {
    name: 'a CA that is not yet valid',
    role: 'serving',
    by: 'kit',
    raw: () => {
      const ca = makeCa({ name: 'Early CA', notBefore: NOON + DAY });
      return rawMaterial(leafOf({}, ca), [ca]);
    },
    admission: 'not-yet-valid',
    go: client(EXPIRED),
  },
  {
    name: 'an expired CA and the same one renewed, side by side',
    role: 'client',
    by: 'kit',
    raw: () => {
      const old = makeCa({ name: 'Old CA', notAfter: NOON - DAY });
      return rawMaterial(leafOf({}, old), [old, renewCaSameKey(old)]);
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'an expired intermediate',
    role: 'client',
    by: 'kit',
    raw: () => {
      const old = makeCa({ name: 'Old between', issuer: root, notAfter: NOON - DAY });
      return rawMaterial(makeLeaf(old, { dns: [HOST] }), [root]);
    },
    admission: 'expired',
    go: server(EXPIRED),
  },
  {
    name: 'an expired intermediate beside the same one renewed',
    role: 'client',
    by: 'kit',
    raw: () => {
      const old = renewCaSameKey(between, { issuer: root, notAfter: NOON - DAY });
      const leaf = makeLeaf(between);
      return rawMaterial(leaf, [root], { certificatePem: leaf.pem + old.pem + between.pem });
    },
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'no well-defined end: the year 9999',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ instead: { validity: der.sequence(SINCE, NEVER) } }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
];
