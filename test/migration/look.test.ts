/** What `migrate look` finds, from objects as values to findings. */
import { describe, expect, test } from '@jest/globals';
import { renderLook } from '../../agent/cli/render-look.ts';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import { install } from '../kit/argocd/install.ts';
import { storedSecret } from '../kit/argocd/preflight.ts';
import { AT, lookAt, type Start } from '../kit/migration/sight.ts';
import { STARTS, staticSecret, storedConfigMap } from '../kit/migration/starts.ts';
import { keyPem, makeCa, makeKey, makeLeaf, pemBlock, USAGE } from '../kit/pki/index.ts';

const DAY = 24 * 60 * 60 * 1000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const codes = (start: Start) => lookAt(start).problems.map(({ code }) => code);
const root = makeCa({ name: 'Corp Root' });
const client = makeLeaf(root, { name: 'client', usages: [USAGE.client] });

describe.each(Object.entries(STARTS))('%s', (_name, start) => {
  const known = start();
  const found = lookAt(known);

  test('has its root and leafs found, each with what is above it', () => {
    const top = found.certificates.find(
      ({ fingerprint }) => fingerprint === known.root.certificate.fingerprint,
    );
    expect(top?.class).toBe('root');
    for (const leaf of found.certificates.filter(({ class: kind }) => kind === 'leaf'))
      expect(leaf.roots).toEqual([known.root.certificate.fingerprint]);
  });

  test('is shown in 100 columns, with no private key in any form of it', () => {
    const text = renderLook(found);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    const everything = text + JSON.stringify(found);
    expect(everything).not.toContain('PRIVATE KEY');
    for (const identity of [known.client, known.serving])
      expect(everything).not.toContain(identity?.keyPem.split('\n')[1] ?? 'nothing to find');
  });
});

describe('a certificate is found', () => {
  const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'under any name': { 'what.ever': root.pem },
    'in base64 twice': { ca: base64(root.pem) },
    'between other text': { notes: `our CA:\n${root.pem}\nask the platform team` },
    'in JSON': { 'bundle.json': JSON.stringify({ ca: root.pem }) },
    'beside a damaged block': {
      ca: `-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n${root.pem}`,
    },
  };

  test.each(Object.entries(forms))('%s', (_form, data) => {
    const found = lookAt({ secrets: [storedSecret('some', data)] });
    expect(found.certificates.map(({ fingerprint }) => fingerprint)).toEqual([root.certificate.fingerprint]);
  });

  test('as DER, and so is a key', () => {
    const der = root.key.privateKey.export({ type: 'pkcs8', format: 'der' });
    const found = lookAt({
      secrets: [
        storedSecret(
          'some',
          {},
          {
            data: new Map([
              ['ca.der', SecretBytes.ofBytes(root.der)],
              ['ca.key', SecretBytes.ofBytes(der)],
            ]),
          },
        ),
      ],
    });
    expect(found.certificates[0]?.keyPlaces.map(({ key }) => key)).toEqual(['ca.key']);
  });
});

describe('what belongs together', () => {
  test('is told by signatures and keys across Secrets and namespaces, not by names', () => {
    const impostor = makeCa({ name: 'Corp Root' });
    const found = lookAt({
      secrets: [
        storedSecret('a', { x: client.pem }),
        storedSecret('b', { y: client.keyPem }, { namespace: 'elsewhere' }),
        storedSecret('c', { z: root.pem }),
        storedSecret('d', { z: impostor.pem }),
      ],
    });
    const leaf = found.certificates.find(({ class: kind }) => kind === 'leaf');
    expect(leaf?.roots).toEqual([root.certificate.fingerprint]);
    expect(leaf?.keyPlaces).toEqual([{ kind: 'Secret', namespace: 'elsewhere', name: 'b', key: 'y' }]);
  });

  test('goes up through intermediates, and a chain is told from a bundle', () => {
    const between = makeCa({ name: 'Issuing', issuer: root });
    const leaf = makeLeaf(between, { name: 'deep' });
    const found = lookAt({
      secrets: [storedSecret('a', { chain: leaf.chainPem, cas: root.pem + between.pem })],
    });
    expect(found.certificates.map(({ class: kind }) => kind).toSorted()).toEqual([
      'intermediate',
      'leaf',
      'root',
    ]);
    expect(found.bundles.map(({ kind, place }) => [place.key, kind])).toEqual([
      ['chain', 'chain'],
      ['cas', 'bundle'],
    ]);
    expect(found.certificates.find(({ class: kind }) => kind === 'leaf')?.roots).toEqual([
      root.certificate.fingerprint,
    ]);
  });

  test('and what stands in several places is one certificate', () => {
    const found = lookAt({ secrets: [storedSecret('a', { one: root.pem, two: root.pem })] });
    expect(found.certificates.map(({ places }) => places.map(({ key }) => key))).toEqual([['one', 'two']]);
  });
});

describe('it is named', () => {
  const serving = (options: object) =>
    storedSecret('argocd-repo-server-tls', { 'tls.crt': makeLeaf(root, options).pem });

  test.each<readonly [string, string, Start]>([
    [
      'a key that fits nothing',
      'key-fits-nothing',
      { secrets: [storedSecret('a', { k: keyPem(makeKey('p256')) })] },
    ],
    [
      'a key in a ConfigMap',
      'key-in-config-map',
      { configMaps: [storedConfigMap('a', { c: client.pem, k: client.keyPem })] },
    ],
    [
      'an expired root',
      'root-expired',
      { secrets: [storedSecret('a', { c: makeCa({ notAfter: AT - DAY }).pem })] },
    ],
    [
      'what expires soon',
      'expires-soon',
      { secrets: [storedSecret('a', { c: makeLeaf(root, { notAfter: AT + DAY }).pem })] },
    ],
    ['a root without key', 'root-without-key', { secrets: [storedSecret('a', { c: root.pem })] }],
    [
      'a serving certificate with a common name only',
      'cn-only',
      { secrets: [serving({ usages: [USAGE.server] })] },
    ],
    [
      'one whose common name is what clients dial',
      'cn-only',
      { secrets: [serving({ name: 'argocd-repo-server', usages: [] })] },
    ],
    ['a leaf whose CA is not there', 'issuer-not-found', { secrets: [storedSecret('a', { c: client.pem })] }],
    [
      'a leaf of another root than repo-server trusts',
      'leaf-of-another-root',
      {
        secrets: [
          storedSecret('argocd-repo-server-mtls', {
            'client-ca.crt': makeCa({ name: 'Other' }).pem,
            'client.crt': client.pem,
            'client.key': client.keyPem,
          }),
        ],
      },
    ],
    ['base64 put on twice', 'base64-twice', staticSecret()],
    [
      'a damaged PEM block',
      'pem-damaged',
      { secrets: [storedSecret('a', { c: '-----BEGIN CERTIFICATE-----\nMIIB' })] },
    ],
    [
      'an encrypted key',
      'key-encrypted',
      {
        secrets: [
          storedSecret('a', {
            k: client.key.privateKey
              .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
              .toString(),
          }),
        ],
      },
    ],
    [
      'a PKCS#12 that opens with its password only',
      'keystore-closed',
      {
        secrets: [
          storedSecret(
            'a',
            {},
            {
              data: new Map([
                ['keystore.p12', SecretBytes.ofBytes(Buffer.from('308201000201033081f9', 'hex'))],
              ]),
            },
          ),
        ],
      },
    ],
    [
      'who may not list Secrets',
      'list-forbidden',
      { unreadable: [{ kind: 'Secret', namespace: 'argocd', name: undefined }] },
    ],
    ['a namespace that most likely is not there', 'namespace-empty', { searched: ['typo'], empty: ['typo'] }],
    [
      'workloads that somebody puts back',
      'workload-kept-by',
      {
        workloads: install().map((workload) => ({
          ...workload,
          annotations: { 'argocd.argoproj.io/tracking-id': 'argocd:apps/Deployment:argocd/x' },
        })),
      },
    ],
    ['that nothing of Argo CD is there', 'component-missing', { workloads: [] }],
  ])('%s', (_what, code, start) => {
    expect(codes(start)).toContain(code);
  });

  test('a Secret that Argo CD opens and that may not be read, and that alone is blocking', () => {
    const unreadable = (name: string) => ({ kind: 'Secret' as const, namespace: 'argocd', name });
    const found = lookAt({ unreadable: [unreadable('argocd-repo-server-mtls'), unreadable('other')] });
    expect(
      found.problems.map(({ severity, about, what }) => [severity, about, what.includes('RBAC: get')]),
    ).toEqual([
      ['blocking', 'Secret argocd/argocd-repo-server-mtls', true],
      ['warning', 'Secret argocd/other', true],
    ]);
  });
});

test("the announcement's client certificate with a common name only is no serving certificate", () => {
  const start = {
    secrets: [storedSecret('a', { c: makeLeaf(root, { name: 'argocd-client', usages: [] }).pem })],
  };
  expect(codes(start)).not.toContain('cn-only');
  expect(lookAt(start).certificates[0]?.uses).toEqual(['client']);
});

describe('what is for something else is left aside and never looked into', () => {
  const pair = { c: client.pem, k: client.keyPem };

  test.each([
    [
      'credentials of a repository',
      storedSecret('repo', pair, { labels: { 'argocd.argoproj.io/secret-type': 'repository' } }),
    ],
    ["argocd-server's own certificate", storedSecret('argocd-secret', pair)],
    [
      'the token of a ServiceAccount',
      storedSecret('t', pair, { type: 'kubernetes.io/service-account-token' }),
    ],
    [
      "the agent's own Secrets",
      storedSecret('x', pair, {
        owners: [
          {
            manager: FIELD_MANAGER,
            operation: 'Apply',
            subresource: undefined,
            time: undefined,
            dataKeys: ['c'],
            annotations: [],
          },
        ],
      }),
    ],
  ])('%s', (_what, secret) => {
    const found = lookAt({ secrets: [secret] });
    expect(found.certificates).toEqual([]);
    expect(found.objects.map(({ otherPurpose }) => otherPurpose)).toEqual([expect.any(String)]);
  });

  test("the cluster's own root", () => {
    const found = lookAt({
      configMaps: [storedConfigMap('kube-root-ca.crt', { 'ca.crt': pemBlock('CERTIFICATE', root.der) })],
    });
    expect(found.certificates).toEqual([]);
  });
});
