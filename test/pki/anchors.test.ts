/**
 * Chains as Go's crypto/x509 accepts them. `test/kit/pki/differential/run.ts` asks Go itself about thousands of made-up ones.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anchors } from '../../agent/pki/anchors.ts';
import { orderChain, splitChain } from '../../agent/pki/chain.ts';
import { type Presented, verifyChain } from '../../agent/pki/verify.ts';
import {
  type Authority,
  type KeySpec,
  makeCa,
  makeKey,
  makeLeaf,
  nameConstraints,
  renewCaSameKey,
  replaceCa,
  USAGE,
} from '../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1);
const root = makeCa({ name: 'Root' });
const between = makeCa({ name: 'Between', issuer: root });
const leaf = makeLeaf(between);

const accepts = (presented: { readonly leaf: Presented }, ca: Authority, purpose?: 'client' | 'serving') =>
  anchors(presented.leaf, ca.certificate, NOW, purpose);
const under = (ca: Authority) => accepts(makeLeaf(ca), ca);

describe('a leaf is accepted', () => {
  test.each<KeySpec>(['rsa-2048', 'rsa-4096', 'p256', 'p384', 'p521', 'ed25519'])(
    'under a CA with a %s key',
    (spec) => {
      expect(under(makeCa({ key: makeKey(spec, 'ca') }))).toBe(true);
    },
  );

  test('under the root, over an intermediate', () => {
    expect(accepts(leaf, root)).toBe(true);
  });

  test('under the intermediate itself, which is no root', () => {
    expect(accepts(leaf, between)).toBe(true);
  });

  test('under a renewal of its CA with the same key, and under the CA that was renewed', () => {
    const renewed = renewCaSameKey(root);
    expect(accepts(makeLeaf(root), renewed)).toBe(true);
    expect(accepts(makeLeaf(renewed), root)).toBe(true);
  });

  test('with intermediates in any order and some that have nothing to do with it', () => {
    const below = makeCa({ name: 'Below', issuer: between });
    const made = makeLeaf(below);
    const intermediates = [between.certificate, makeCa().certificate, below.certificate];
    expect(anchors({ certificate: made.certificate, intermediates }, root.certificate, NOW)).toBe(true);
  });

  test('over the way that works, where two intermediates have one name', () => {
    const twin = replaceCa(between, { issuer: makeCa({ name: 'Elsewhere' }) });
    const intermediates = [twin.certificate, between.certificate];
    expect(anchors({ certificate: leaf.certificate, intermediates }, root.certificate, NOW)).toBe(true);
  });

  test('under a cross-signed CA by either root', () => {
    const other = makeCa({ name: 'Other root' });
    const crossed = renewCaSameKey(between, { issuer: other });
    const intermediates = [between.certificate, crossed.certificate];
    for (const ca of [root, other])
      expect(anchors({ certificate: leaf.certificate, intermediates }, ca.certificate, NOW)).toBe(true);
  });

  test('where it is the trusted certificate itself', () => {
    expect(anchors(leaf.leaf, leaf.certificate, NOW)).toBe(true);
  });

  test('under an anchor of version 1, which has no extensions to say that it is a CA', () => {
    expect(under(makeCa({ version: 1 }))).toBe(true);
  });

  test('under an anchor whose own signature is SHA-1: it is trusted because it is there', () => {
    expect(under(makeCa({ hash: 'sha1' }))).toBe(true);
  });

  test('under a CA with a path length of 0 directly', () => {
    expect(under(makeCa({ pathLength: 0 }))).toBe(true);
  });

  test('on its first and its last second', () => {
    const made = makeLeaf(root, { notBefore: NOW, notAfter: NOW + 1000 });
    expect(anchors(made.leaf, root.certificate, NOW)).toBe(true);
    expect(anchors(made.leaf, root.certificate, NOW + 1000)).toBe(true);
  });

  test('with a name that its CA permits', () => {
    const ca = makeCa({ extensions: [nameConstraints({ permittedDns: ['svc'], excludedDns: ['bad.svc'] })] });
    expect(accepts(makeLeaf(ca, { dns: ['repo.argocd.SVC'] }), ca)).toBe(true);
  });
});

describe('a leaf is refused', () => {
  test('under another CA of the same name', () => {
    expect(accepts(leaf, replaceCa(root))).toBe(false);
    expect(accepts(makeLeaf(root), replaceCa(root))).toBe(false);
  });

  test('without its intermediate', () => {
    expect(anchors({ certificate: leaf.certificate, intermediates: [] }, root.certificate, NOW)).toBe(false);
  });

  test('under an anchor that lacks the CA bit, or the right to sign', () => {
    expect(under(makeCa({ ca: false }))).toBe(false);
    expect(under(makeCa({ ca: 'absent' }))).toBe(false);
    expect(under(makeCa({ keyUsages: ['digitalSignature'] }))).toBe(false);
  });

  test('under an anchor with a shorter path length than its way is long', () => {
    const short = makeCa({ pathLength: 0 });
    expect(accepts(makeLeaf(makeCa({ issuer: short, name: 'Between' })), short)).toBe(false);
  });

  test.each([-1, 1001])('%i ms from its validity of one second', (offset) => {
    const made = makeLeaf(root, { notBefore: NOW, notAfter: NOW + 1000 });
    expect(anchors(made.leaf, root.certificate, NOW + offset)).toBe(false);
  });

  test('outside the validity of an intermediate or of the anchor itself', () => {
    expect(under(makeCa({ notAfter: NOW - 1 }))).toBe(false);
    expect(under(makeCa({ notBefore: NOW + 1000 }))).toBe(false);
    expect(accepts(makeLeaf(makeCa({ name: 'Between', issuer: root, notAfter: NOW - 1 })), root)).toBe(false);
  });

  test("with a SHA-1 signature, its own or an intermediate's", () => {
    expect(accepts(makeLeaf(root, { hash: 'sha1' }), root)).toBe(false);
    expect(accepts(makeLeaf(makeCa({ name: 'Between', issuer: root, hash: 'sha1' })), root)).toBe(false);
  });

  test('for a purpose that it, an intermediate or the anchor does not permit', () => {
    expect(accepts(makeLeaf(root, { usages: [USAGE.server] }), root, 'client')).toBe(false);
    expect(accepts(makeLeaf(root, { usages: [USAGE.client] }), root, 'serving')).toBe(false);
    const servers = makeCa({ usages: [USAGE.server] });
    expect(accepts(makeLeaf(servers), servers, 'client')).toBe(false);
    expect(accepts(makeLeaf(servers), servers, 'serving')).toBe(true);
    expect(accepts(makeLeaf(servers), servers)).toBe(true);
  });

  test('with a name that its CA does not permit, and with any that a constraint on other names meets', () => {
    const ca = makeCa({
      extensions: [
        nameConstraints({
          permittedDns: ['.svc'],
          excludedDns: ['bad.svc'],
          permittedIps: [['10.0.0.0', '255.0.0.0']],
        }),
      ],
    });
    expect(accepts(makeLeaf(ca, { dns: ['svc'] }), ca)).toBe(false);
    expect(accepts(makeLeaf(ca, { dns: ['repo.example'] }), ca)).toBe(false);
    expect(accepts(makeLeaf(ca, { dns: ['x.bad.svc'] }), ca)).toBe(false);
    expect(accepts(makeLeaf(ca, { dns: ['*.svc'] }), ca)).toBe(false);
    expect(accepts(makeLeaf(ca, { ips: ['11.0.0.1'] }), ca)).toBe(false);
    expect(accepts(makeLeaf(ca, { ips: ['10.9.9.9'] }), ca)).toBe(true);
    expect(accepts(makeLeaf(ca, { ips: ['fe80::1'] }), ca)).toBe(false);
  });

  test('with a critical extension that Go does not know', () => {
    const extensions = [{ oid: '1.2.3.4', critical: true, value: Buffer.from([5, 0]) }];
    expect(accepts(makeLeaf(root, { extensions }), root)).toBe(false);
    expect(under(makeCa({ extensions }))).toBe(false);
  });

  test('under an anchor whose key Go does not read', () => {
    expect(under(makeCa({ key: 'secp256k1' }))).toBe(false);
    expect(under(makeCa({ key: 'ed448' }))).toBe(false);
    expect(under(makeCa({ key: makeKey('rsa-pss', 'ca') }))).toBe(false);
  });

  test('where intermediates sign each other in a circle, in finite time', () => {
    const a = makeCa({ name: 'A', issuer: root });
    const b = makeCa({ name: 'B', issuer: a });
    const circle = renewCaSameKey(a, { issuer: b });
    const made = makeLeaf(a);
    const intermediates = [b.certificate, circle.certificate];
    expect(anchors({ certificate: made.certificate, intermediates }, root.certificate, NOW)).toBe(false);
  });
});

describe('what is wrong is named', () => {
  test('with the certificate at fault', () => {
    const old = makeCa({ name: 'Between', issuer: root, notAfter: NOW - 1 });
    const verdict = verifyChain(makeLeaf(old).leaf, [root.certificate], NOW);
    expect(verdict).toMatchObject({
      ok: false,
      faults: [{ kind: 'expired', about: { subject: 'CN=Between' } }],
    });
  });

  test('and where nothing is, with the chain that holds', () => {
    const verdict = verifyChain(leaf.leaf, [root.certificate], NOW, 'client');
    expect(verdict.ok && verdict.chain.map((certificate) => certificate.subject)).toEqual([
      'CN=test-leaf',
      'CN=Between',
      'CN=Root',
    ]);
  });
});

describe('a chain file', () => {
  const below = makeCa({ name: 'Below', issuer: between });
  const made = makeLeaf(below);
  const parts = [made, below, between, root].map((part) => part.certificate);

  test('comes apart into leaf and ordered intermediates without the root, whatever its order and repetitions', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...parts, ...parts], { minLength: 8 }), (certificates) => {
        expect(splitChain(certificates)).toEqual({
          leafs: [made.certificate],
          intermediates: [below.certificate, between.certificate],
        });
      }),
      { numRuns: 30 },
    );
  });

  test('loses what is not linked to the leaf, such as a CA of the right name and the wrong key', () => {
    const foreign = replaceCa(below, { issuer: between }).certificate;
    expect(orderChain(made.certificate, [foreign, between.certificate, below.certificate])).toEqual([
      below.certificate,
      between.certificate,
    ]);
  });

  test('without a leaf says so by an empty list', () => {
    expect(splitChain([root.certificate, between.certificate]).leafs).toEqual([]);
  });
});
