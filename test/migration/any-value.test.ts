/** Values that people keep in Secrets, and values that nobody would: looking at one never fails. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isEmpty, partsOf } from '../../agent/migration/findings/value.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { keyPem, makeCa, makeLeaf } from '../kit/pki/index.ts';
import { writePkcs12 } from '../kit/pki/pkcs12.ts';

const ca = makeCa();
const leaf = makeLeaf(ca);
const pem = Buffer.from(`${ca.pem}${keyPem(ca.key)}`);
const der = ca.key.privateKey.export({ type: 'pkcs8', format: 'der' });

const changed = (original: Buffer) =>
  fc
    .array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 })
    .map((changes) => {
      const copy = Buffer.from(original);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });

const value = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  changed(pem),
  changed(ca.der),
  changed(Buffer.from(der)),
  fc.nat(pem.length).map((length) => pem.subarray(0, length)),
);

test('a value of any bytes, damaged or cut off anywhere, is looked at without an error', () => {
  fc.assert(
    fc.property(value, (bytes) => {
      expect(isEmpty(partsOf(SecretBytes.ofBytes(bytes)))).toEqual(expect.any(Boolean));
      partsOf(SecretBytes.of(bytes.toString('base64')));
    }),
    { numRuns: 300 },
  );
});

test.each(['aes', '3des', 'none'] as const)(
  'a PKCS#12 (%s) is told as one, in base64 as well',
  (keyEncryption) => {
    const store = writePkcs12([leaf.key], [leaf.der, ca.der], { password: 'changeit', keyEncryption });
    for (const bytes of [store, Buffer.from(store.toString('base64'))])
      expect(partsOf(SecretBytes.ofBytes(bytes)).closed.map(({ form }) => form)).toEqual(['PKCS#12']);
  },
);
