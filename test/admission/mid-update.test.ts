/**
 * Half an update is waited for, a minute long; what is wrong is refused.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { midUpdate, UPDATE_TAKES } from '../../agent/admission/mid-update.ts';
import type { RawMaterial } from '../../agent/model/material.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { keyPem, makeCa, makeKey, makeLeaf, rawMaterial } from '../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const ca = makeCa({ name: 'Repo CA' });
const leaf = makeLeaf(ca);

const judged = (raw: RawMaterial, changedAt: number | undefined, at = NOW) => {
  const admission = admit(raw, 'client', at);
  if (!('refusal' in admission)) throw new Error('it was let through');
  return { code: admission.refusal.code, mid: midUpdate(admission.refusal, changedAt, at) };
};

const HALVES: readonly (readonly [string, RawMaterial])[] = [
  [
    'a new certificate beside the old key',
    rawMaterial(leaf, [ca], { key: SecretBytes.of(keyPem(makeKey('p256'))) }),
  ],
  ['a certificate without its key', rawMaterial(leaf, [ca], { key: SecretBytes.of('') })],
  ['a key without its certificate', rawMaterial(leaf, [ca], { certificatePem: '' })],
  ['a new leaf beside the old CA', rawMaterial(leaf, [makeCa({ name: 'Repo CA' })])],
  ['a pair whose CA is not there yet', rawMaterial(leaf, [])],
];

describe.each(HALVES)('%s', (_, raw) => {
  test('is waited for while it may be half an update, and the sentence says until when', () => {
    expect(judged(raw, NOW - UPDATE_TAKES + 1).mid).toMatchObject({
      why: expect.stringContaining('may not be complete yet'),
      next: expect.stringMatching(/From 2026-06-01T12:00:00Z on it is refused as [a-z-]+\./),
    });
  });

  test('is refused a minute after its last change, and where nobody knows when that was', () => {
    expect(judged(raw, NOW - UPDATE_TAKES).mid).toBeUndefined();
    expect(judged(raw, undefined).mid).toBeUndefined();
  });

  test('is waited for where the writer’s clock is ahead, and not for longer than that', () => {
    expect(judged(raw, NOW + 5_000).mid).toBeDefined();
    expect(judged(raw, NOW + 3_600_000).mid).toBeUndefined();
  });
});

test.each<[string, RawMaterial]>([
  ['an expired leaf', rawMaterial(makeLeaf(ca, { notAfter: NOW - 1 }), [ca])],
  ['a text that is no PEM', rawMaterial(leaf, [ca], { certificatePem: 'hunter2' })],
  [
    'a leaf that may not identify a client',
    rawMaterial(makeLeaf(ca, { usages: ['1.3.6.1.5.5.7.3.1'] }), [ca]),
  ],
])('%s is refused at once: no second half makes it right', (_, raw) => {
  expect(judged(raw, NOW).mid).toBeUndefined();
});
