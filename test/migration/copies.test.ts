/** What a migration copies into the Secrets that it makes. */
import { expect, test } from '@jest/globals';
import { copiedData } from '../../agent/migration/planning/copies.ts';
import type { CopiedValue } from '../../agent/model/migration.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { keyPem, makeCa } from '../kit/pki/index.ts';

const root = makeCa({ name: 'Root' });
const between = makeCa({ name: 'Issuing', issuer: root });
const from = { kind: 'Secret', namespace: 'security', name: 'pki', key: 'everything' } as const;
const certificate = (to: string, fingerprint = root.certificate.fingerprint): CopiedValue => ({
  to,
  from,
  part: { kind: 'certificate', fingerprint },
});
const key: CopiedValue = {
  to: 'tls.key',
  from,
  part: { kind: 'private-key', keyFingerprint: between.certificate.keyFingerprint },
};
const everything = SecretBytes.of(
  Buffer.from(`${root.pem}${keyPem(root.key)}${between.pem}${keyPem(between.key)}`).toString('base64'),
);

test('of a value with much in it, in base64 twice, only what the plan names is taken, as clean PEM', () => {
  const data = copiedData(
    [
      certificate('tls.crt', between.certificate.fingerprint),
      certificate('tls.crt'),
      certificate('ca.crt'),
      key,
    ],
    () => everything,
  );
  expect(data.get('tls.crt')?.reveal()).toBe(between.pem + root.pem);
  expect(data.get('ca.crt')?.reveal()).toBe(root.pem);
  expect(data.get('tls.key')?.equals(SecretBytes.of(keyPem(between.key)))).toBe(true);
});

test.each([
  ['is gone', undefined],
  ['holds another CA now', SecretBytes.of(makeCa().pem)],
  ['is no PEM any more', SecretBytes.of('nothing')],
])('where the place %s, nothing is made, and the error names it without quoting it', (_how, value) => {
  expect(() => copiedData([certificate('ca.crt')], () => value)).toThrow(
    /is not in Secret\/security\/pki\/everything any more/,
  );
  expect(() => copiedData([key], () => value)).toThrow(/private key/);
});
