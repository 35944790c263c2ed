/** CAs that come without a leaf: what passes, and under which name the rest is refused. */
import { describe, expect, test } from '@jest/globals';
import { admitAnchors } from '../../agent/admission/admit-anchors.ts';
import { pemBlock } from '../kit/pki/der.ts';
import { makeCa, makeLeaf, makeSelfSigned, writeCa } from '../kit/pki/index.ts';

const AT = Date.UTC(2026, 5, 1);
const ca = makeCa();
const other = makeCa({ name: 'Other CA' });
const expired = makeCa({ notAfter: Date.UTC(2021, 0, 1) });

const codeOf = (pem: string): string => {
  const admission = admitAnchors('ca.crt in /in', pem, AT);
  return 'refusal' in admission ? admission.refusal.code : `${admission.anchors.length} CAs`;
};

describe('a bundle of CAs', () => {
  test.each([
    ['one CA', ca.pem, '1 CAs'],
    ['old and new side by side, one of them twice', ca.pem + other.pem + ca.pem, '2 CAs'],
    ['an expired one beside one that is not', ca.pem + expired.pem, '1 CAs'],
    ['a leaf that signed itself', makeSelfSigned().authority.pem, '1 CAs'],
    ['nothing', '', 'no-anchor'],
    ['text that is none', 'hello', 'unreadable'],
    ['a leaf', makeLeaf(ca).pem, 'anchor-not-ca'],
    ['a CA with a leaf beside it', ca.pem + makeLeaf(ca).pem, 'anchor-not-ca'],
    ['an expired one alone', expired.pem, 'anchor-expired'],
    [
      'a weak one beside a strong one',
      ca.pem + pemBlock('CERTIFICATE', writeCa({ key: 'rsa-1024' })),
      'weak-key',
    ],
    ['more than anybody needs', ca.pem.repeat(1_000), 'too-large'],
  ])('of %s', (_, pem, expected) => {
    expect(codeOf(pem)).toBe(expected);
  });
});
