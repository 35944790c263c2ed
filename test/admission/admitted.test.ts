/**
 * What passes the gate, and what it has become.
 */
import { describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import type { Material, RawMaterial } from '../../agent/model/material.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import {
  type KeySpec,
  keyPem,
  makeCa,
  makeKey,
  makeLeaf,
  makeSelfSigned,
  rawMaterial,
  replaceCa,
  USAGE,
} from '../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const ca = makeCa({ name: 'Repo CA' });

const admitted = (raw: RawMaterial, at = NOW): Material => {
  const admission = admit(raw, 'client', at);
  if ('refusal' in admission) throw new Error(admission.refusal.what);
  return admission.material;
};

describe('material is admitted', () => {
  test.each<KeySpec>(['rsa-2048', 'rsa-3072', 'rsa-4096', 'p256', 'p384', 'p521', 'ed25519'])(
    'with %s keys in leaf and CA',
    (spec) => {
      const issuer = makeCa({ key: makeKey(spec, 'ca') });
      const leaf = makeLeaf(issuer, { key: makeKey(spec, 'leaf') });
      expect(admitted(rawMaterial(leaf, [issuer])).leaf.certificate.fingerprint).toBe(
        leaf.certificate.fingerprint,
      );
    },
  );

  test.each<KeySpec>(['rsa-2048', 'p256'])('with a %s key in its traditional form', (spec) => {
    const leaf = makeLeaf(ca, { key: makeKey(spec, 'leaf') });
    const key = SecretBytes.of(keyPem(leaf.key, 'traditional'));
    expect(admitted(rawMaterial(leaf, [ca], { key })).leaf.key.equals(key)).toBe(true);
  });

  test('with RSASSA-PSS signatures', () => {
    const issuer = makeCa({ key: makeKey('rsa-2048', 'ca'), pss: true });
    expect(admitted(rawMaterial(makeLeaf(issuer, { pss: true }), [issuer])).anchors).toHaveLength(1);
  });

  test('with a key that stands behind text and a byte order mark, which are not passed on: Go would not find it', () => {
    const leaf = makeLeaf(ca);
    const key = SecretBytes.of(`\uFEFFBag Attributes\r\n${leaf.keyPem.replace(/\n/g, '\r\n')}`);
    expect(admitted(rawMaterial(leaf, [ca], { key })).leaf.key.reveal()).toBe(leaf.keyPem);
  });

  test('in whatever order the certificates come, and put into the order of the chain without the root', () => {
    const between = makeCa({ name: 'Between', issuer: ca });
    const below = makeCa({ name: 'Below', issuer: between });
    const leaf = makeLeaf(below);
    const certificatePem = [ca, between, below, leaf].map((part) => part.pem).join('');
    const { intermediates } = admitted(rawMaterial(leaf, [ca], { certificatePem })).leaf;
    expect(intermediates.map((certificate) => certificate.subject)).toEqual(['CN=Below', 'CN=Between']);
  });

  test('without extended key usages, which permit any', () => {
    expect(admitted(rawMaterial(makeLeaf(ca, { usages: [] }), [ca]))).toBeDefined();
    expect(admitted(rawMaterial(makeLeaf(ca, { usages: [USAGE.any] }), [ca]))).toBeDefined();
  });

  test('to the very last second of its validity', () => {
    const leaf = makeLeaf(ca, { notBefore: NOW, notAfter: NOW });
    expect(admitted(rawMaterial(leaf, [ca]))).toBeDefined();
  });

  test('where the leaf signed itself and is trusted as itself, as Go accepts it', () => {
    const { identity, authority } = makeSelfSigned();
    const material = admitted(rawMaterial(identity, [authority]));
    expect(material.anchors).toEqual([identity.certificate]);
    expect(material.leaf.intermediates).toEqual([]);
  });

  test('under an intermediate that is trusted by itself', () => {
    const between = makeCa({ name: 'Between', issuer: ca });
    expect(admitted(rawMaterial(makeLeaf(between), [between])).anchors).toEqual([between.certificate]);
  });

  test('under an intermediate that is trusted by itself, whoever signed that one and how', () => {
    const between = makeCa({ name: 'Between', issuer: ca, hash: 'sha1' });
    expect(admitted(rawMaterial(makeLeaf(between), [between])).anchors).toEqual([between.certificate]);
  });

  test('with old and new CA of one name side by side', () => {
    const next = replaceCa(ca);
    expect(admitted(rawMaterial(makeLeaf(next), [ca, next])).anchors).toHaveLength(2);
    expect(admitted(rawMaterial(makeLeaf(ca), [ca, next])).anchors).toHaveLength(2);
  });

  test('without the expired CAs of its bundle, where another remains', () => {
    const old = makeCa({ name: 'Old CA', notAfter: NOW - 1000 });
    expect(admitted(rawMaterial(makeLeaf(ca), [old, ca])).anchors).toEqual([ca.certificate]);
  });

  test("with the issuer's upcoming CA, where that is not trusted already nor expired", () => {
    const next = replaceCa(ca);
    const old = makeCa({ name: 'Old CA', notAfter: NOW - 1000 });
    const raw = rawMaterial(makeLeaf(ca), [ca], { upcomingAnchorsPem: next.pem + ca.pem + old.pem });
    expect(admitted(raw).upcomingAnchors).toEqual([next.certificate]);
  });

  test('to serve, where wildcard or address cover what is dialled', () => {
    const leaf = makeLeaf(ca, { dns: ['*.argocd.svc', 'argocd-repo-server'], ips: ['10.0.0.7'] });
    const dialledNames = ['argocd-repo-server', 'repo.argocd.svc', '10.0.0.7'];
    expect('material' in admit(rawMaterial(leaf, [ca]), 'serving', NOW, { dialledNames })).toBe(true);
  });
});
