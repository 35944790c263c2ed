/**
 * Every refusal has its own test: material that has this one fault, and the values that the message must name.
 */
import { describe, expect, test } from '@jest/globals';
import { type Admission, admit } from '../../agent/admission/admit.ts';
import type { Certificate } from '../../agent/model/certificate.ts';
import { short } from '../../agent/model/fingerprint.ts';
import type { RawMaterial } from '../../agent/model/material.ts';
import { ADMISSION_CODES, type Refusal, type RefusalCode } from '../../agent/model/refusal.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import {
  keyPem,
  makeCa,
  makeKey,
  makeLeaf,
  makeSelfSigned,
  pemBlock,
  rawMaterial,
  replaceCa,
  USAGE,
} from '../kit/pki/index.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const DAY = 24 * 3600 * 1000;

const ca = makeCa({ name: 'Repo CA' });
const good = makeLeaf(ca, { name: 'repo-client' });

const refusalOf = (admission: Admission): Refusal | undefined =>
  'refusal' in admission ? admission.refusal : undefined;

interface Case {
  readonly code: RefusalCode;
  readonly because: string;
  readonly raw: () => RawMaterial;
  readonly says: () => readonly string[];
  readonly serving?: readonly string[];
}

const fp = (certificate: Certificate): string => short(certificate.fingerprint);
const weakCa = () => makeCa({ name: 'Small CA', key: makeKey('rsa-1024', 'weak') });

const CASES: readonly Case[] = [
  {
    code: 'unreadable',
    because: 'the certificate is cut off',
    raw: () => rawMaterial(good, [ca], { certificatePem: good.pem.slice(0, 200) }),
    says: () => ['certificate of test source', 'no end'],
  },
  {
    code: 'unreadable',
    because: 'one certificate of the CA bundle is damaged, though Go would skip it',
    raw: () =>
      rawMaterial(good, [ca], {
        anchorsPem: ca.pem + pemBlock('CERTIFICATE', Buffer.from('3003020101', 'hex')),
      }),
    says: () => ['CA bundle of test source'],
  },
  {
    code: 'unreadable',
    because: "the issuer's upcoming CA is not PEM",
    raw: () => rawMaterial(good, [ca], { upcomingAnchorsPem: 'c29tZXRoaW5n' }),
    says: () => ["issuer's CA of test source"],
  },
  {
    code: 'no-certificate',
    because: 'the certificate is blank',
    raw: () => rawMaterial(good, [ca], { certificatePem: ' \n' }),
    says: () => ['test source'],
  },
  {
    code: 'several-leafs',
    because: 'two certificates without the CA bit are presented',
    raw: () => rawMaterial(good, [ca], { certificatePem: good.pem + makeLeaf(ca, { name: 'other' }).pem }),
    says: () => ['2 certificates', 'CN=repo-client', 'CN=other'],
  },
  {
    code: 'leaf-is-ca',
    because: 'what is presented is a CA',
    raw: () => ({
      ...rawMaterial(good, [ca], { certificatePem: ca.pem }),
      key: SecretBytes.of(keyPem(ca.key)),
    }),
    says: () => ['CN=Repo CA', fp(ca.certificate)],
  },
  {
    code: 'no-key',
    because: 'the key is blank',
    raw: () => rawMaterial(good, [ca], { key: SecretBytes.of('') }),
    says: () => ['test source'],
  },
  {
    code: 'key-unreadable',
    because: 'the key is no PEM',
    raw: () => rawMaterial(good, [ca], { key: SecretBytes.of('hunter2') }),
    says: () => ['no PEM private key'],
  },
  {
    code: 'key-unreadable',
    because: 'the key is encrypted',
    raw: () => {
      const pem = good.key.privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      });
      return rawMaterial(good, [ca], { key: SecretBytes.of(pem.toString()) });
    },
    says: () => ['encrypted'],
  },
  {
    code: 'key-mismatch',
    because: "the key is another certificate's",
    raw: () => rawMaterial(good, [ca], { key: SecretBytes.of(keyPem(makeKey('p256'))) }),
    says: () => ['CN=repo-client', fp(good.certificate)],
  },
  {
    code: 'no-anchor',
    because: 'ca.crt is missing, as with ACME issuers',
    raw: () => rawMaterial(good, []),
    says: () => ['ca.crt'],
  },
  {
    code: 'anchor-not-ca',
    because: 'what is to be trusted lacks the CA bit',
    raw: () => {
      const issuer = makeCa({ name: 'Half CA', ca: false });
      return rawMaterial(makeLeaf(issuer), [issuer]);
    },
    says: () => ['CN=Half CA', 'CA bit'],
  },
  {
    code: 'anchor-not-ca',
    because: 'what is to be trusted may not sign certificates',
    raw: () => {
      const issuer = makeCa({ name: 'Mute CA', keyUsages: ['digitalSignature'] });
      return rawMaterial(makeLeaf(issuer), [issuer]);
    },
    says: () => ['CN=Mute CA', 'key usage'],
  },
  {
    code: 'anchor-not-ca',
    because: 'a second CA in the bundle lacks the CA bit',
    raw: () => rawMaterial(good, [ca, makeCa({ name: 'Half CA', ca: 'absent' })]),
    says: () => ['CN=Half CA'],
  },
  {
    code: 'anchor-not-ca',
    because: 'another leaf that signed itself is to be trusted beside the one that is presented',
    raw: () => {
      const { identity, authority } = makeSelfSigned();
      return rawMaterial(identity, [authority, makeSelfSigned({ name: 'another' }).authority]);
    },
    says: () => ['CN=another', 'CA bit'],
  },
  {
    code: 'anchor-expired',
    because: 'the only CA has expired',
    raw: () => {
      const issuer = makeCa({ name: 'Old CA', notAfter: NOW - DAY });
      return rawMaterial(makeLeaf(issuer), [issuer]);
    },
    says: () => ['CN=Old CA', '2026-05-31T12:00:00Z'],
  },
  {
    code: 'chain-broken',
    because: 'another CA of the same name signed the leaf',
    raw: () => rawMaterial(good, [replaceCa(ca)]),
    says: () => ['CN=repo-client', 'was not signed by the key of CN=Repo CA'],
  },
  {
    code: 'chain-broken',
    because: 'an intermediate is missing',
    raw: () => {
      const between = makeCa({ name: 'Between', issuer: ca });
      const leaf = makeLeaf(between);
      return rawMaterial(leaf, [ca], { certificatePem: leaf.pem });
    },
    says: () => ['issued by CN=Between, which is not there'],
  },
  {
    code: 'chain-broken',
    because: 'an intermediate may not sign certificates',
    raw: () => {
      const between = makeCa({ name: 'Between', issuer: ca, keyUsages: ['cRLSign'] });
      return rawMaterial(makeLeaf(between), [ca]);
    },
    says: () => ['CN=Between', 'may not sign certificates'],
  },
  {
    code: 'path-length-exceeded',
    because: 'the root permits no CA below it',
    raw: () => {
      const root = makeCa({ name: 'Short Root', pathLength: 0 });
      return rawMaterial(makeLeaf(makeCa({ name: 'Between', issuer: root })), [root]);
    },
    says: () => ['CN=Short Root', 'permits 0 CA certificates below it, 1 are there'],
  },
  {
    code: 'client-auth-missing',
    because: 'the leaf is for servers only',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'a-server', usages: [USAGE.server] }), [ca]),
    says: () => ['CN=a-server', 'clientAuth', USAGE.server],
  },
  {
    code: 'client-auth-missing',
    because: 'a CA on the way is for servers only',
    raw: () => {
      const issuer = makeCa({ name: 'Server CA', usages: [USAGE.server] });
      return rawMaterial(makeLeaf(issuer), [issuer]);
    },
    says: () => ['CN=Server CA', USAGE.server],
  },
  {
    code: 'server-auth-missing',
    because: 'the leaf is for clients only',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'a-client', usages: [USAGE.client] }), [ca]),
    says: () => ['CN=a-client', 'serverAuth', USAGE.client],
    serving: [],
  },
  {
    code: 'san-missing',
    because: 'the name dialled is in the common name only',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'argocd-repo-server', dns: ['localhost'] }), [ca]),
    says: () => ['does not name argocd-repo-server', 'localhost', 'common name is not looked at'],
    serving: ['argocd-repo-server'],
  },
  {
    code: 'expired',
    because: 'the leaf has expired by a second',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'late', notAfter: NOW - 1000 }), [ca]),
    says: () => ['CN=late', '2026-06-01T11:59:59Z'],
  },
  {
    code: 'expired',
    because: 'an intermediate has expired',
    raw: () => {
      const between = makeCa({ name: 'Between', issuer: ca, notAfter: NOW - DAY });
      return rawMaterial(makeLeaf(between), [ca]);
    },
    says: () => ['CN=Between', 'expired on 2026-05-31'],
  },
  {
    code: 'not-yet-valid',
    because: 'the leaf begins in an hour',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'early', notBefore: NOW + 3_600_000 }), [ca]),
    says: () => ['CN=early', '2026-06-01T13:00:00Z'],
  },
  {
    code: 'not-yet-valid',
    because: 'its CA begins tomorrow',
    raw: () => {
      const issuer = makeCa({ name: 'Young CA', notBefore: NOW + DAY });
      return rawMaterial(makeLeaf(issuer), [issuer]);
    },
    says: () => ['CN=Young CA', 'valid from 2026-06-02'],
  },
  {
    code: 'weak-key',
    because: 'the leaf has RSA 1024',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'small', key: makeKey('rsa-1024', 'weak') }), [ca]),
    says: () => ['CN=small', '1024 bits', '2048'],
  },
  {
    code: 'weak-key',
    because: 'a trusted CA beside the right one has RSA 1024',
    raw: () => rawMaterial(good, [ca, weakCa()]),
    says: () => ['CN=Small CA', '1024 bits'],
  },
  {
    code: 'weak-signature',
    because: 'the leaf is signed with SHA-1',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'sha', hash: 'sha1' }), [ca]),
    says: () => ['CN=sha', 'ecdsa-with-SHA1'],
  },
  {
    code: 'weak-signature',
    because: 'the leaf is signed with MD5',
    raw: () => {
      const issuer = makeCa({ key: makeKey('rsa-2048', 'common') });
      return rawMaterial(makeLeaf(issuer, { name: 'md', hash: 'md5' }), [issuer]);
    },
    says: () => ['CN=md', 'md5WithRSAEncryption'],
  },
  {
    code: 'weak-signature',
    because: 'an intermediate is signed with SHA-1',
    raw: () => rawMaterial(makeLeaf(makeCa({ name: 'Between', issuer: ca, hash: 'sha1' })), [ca]),
    says: () => ['CN=Between', 'ecdsa-with-SHA1'],
  },
  {
    code: 'unsupported-key',
    because: 'the curve is none that TLS in Go knows',
    raw: () => rawMaterial(makeLeaf(ca, { name: 'odd', key: 'secp256k1' }), [ca]),
    says: () => ['CN=odd', 'ECDSA secp256k1'],
  },
  {
    code: 'unsupported-key',
    because: 'a trusted CA has an Ed448 key',
    raw: () => rawMaterial(good, [ca, makeCa({ name: 'Odd CA', key: 'ed448' })]),
    says: () => ['CN=Odd CA', 'ed448'],
  },
  {
    code: 'too-large',
    because: 'the CA bundle would fill a Secret',
    raw: () => rawMaterial(good, [], { anchorsPem: ca.pem.repeat(600) }),
    says: () => ['CA bundle', 'at most 262144'],
  },
  {
    code: 'too-large',
    because: 'the chain is longer than any real one',
    raw: () => rawMaterial(good, [ca], { certificatePem: good.pem.repeat(11) }),
    says: () => ['chain of 11 certificates'],
  },
];

describe('material is refused', () => {
  test.each(CASES)('as $code where $because', ({ code, raw, says, serving }) => {
    const admission =
      serving === undefined
        ? admit(raw(), 'client', NOW)
        : admit(raw(), 'serving', NOW, { dialledNames: serving });
    const refusal = refusalOf(admission);
    expect(refusal?.code).toBe(code);
    for (const value of says()) expect(`${refusal?.what} ${refusal?.next}`).toContain(value);
  });

  test('for every reason that admission knows', () => {
    expect([...new Set(CASES.map(({ code }) => code))].sort()).toEqual([...ADMISSION_CODES].sort());
  });

  test('in words that name what was found, what it means and what to do, and never quote a key', () => {
    for (const { raw, serving } of CASES) {
      const material = raw();
      const refusal = refusalOf(
        admit(material, serving === undefined ? 'client' : 'serving', NOW, { dialledNames: serving ?? [] }),
      );
      for (const part of [refusal?.what, refusal?.effect, refusal?.next])
        expect(part).toMatch(/^\S.{10,}\.$/s);
      const text = JSON.stringify(refusal);
      for (const line of material.key.reveal().split('\n'))
        if (line.length > 12 && !line.startsWith('-----')) expect(text).not.toContain(line);
    }
  });
});
