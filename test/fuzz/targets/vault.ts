/** Vault's answers, as its two kinds of source meet them. */
import { RotatorError } from '../../../agent/model/errors.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type { VaultConnectionSettings, VaultKvSpec, VaultPkiSpec } from '../../../agent/model/vault-spec.ts';
import { contentOf } from '../../../integrations/vault/answer.ts';
import type { Vault } from '../../../integrations/vault/connection.ts';
import { Issuers } from '../../../integrations/vault/issuers.ts';
import { VaultKvSource } from '../../../integrations/vault/kv-source.ts';
import { askForCertificate } from '../../../integrations/vault/signing.ts';
import { good, HOST, NOON, root } from '../../admission/bad-material/row.ts';
import { MemoryCluster } from '../../integrations/memory-cluster.ts';
import type { Target } from '../target.ts';

const NEXT = '\n# next answer\n';
const clock = { now: () => NOON };
const connection: VaultConnectionSettings = {
  name: 'fuzz',
  address: 'https://vault.example',
  caFile: undefined,
  namespace: undefined,
  timeout: 1000,
  auth: { method: 'tokenFile', path: '/token' },
};
const kv: VaultKvSpec = {
  type: 'vaultKv',
  connection,
  mount: 'kv',
  path: 'pair',
  fields: undefined,
  poll: 1000,
};
const pki: VaultPkiSpec = {
  type: 'vaultPki',
  connection,
  mount: 'pki',
  role: 'client',
  issuer: undefined,
  method: 'issue',
  key: 'ec-p256',
  commonName: undefined,
  altNames: [],
  ttl: undefined,
  renewAt: 0.66,
  poll: 1000,
};

/** Answers one text after the other, the last one again and again. */
const answering = (texts: readonly string[]): Vault => {
  let asked = 0;
  return {
    name: 'fuzz',
    ask: async (question) => {
      const text = texts[Math.min(asked, texts.length - 1)] ?? '';
      asked += 1;
      return contentOf('fuzz', question, { status: 200, text: SecretBytes.of(text), retryAfter: undefined });
    },
  };
};

const metadata = {
  data: {
    current_version: 2,
    versions: { 2: { created_time: '2026-05-01T00:00:00Z', deletion_time: '', destroyed: false } },
  },
};
const content = {
  data: {
    data: { certificate: good.pem, private_key: good.keyPem, issuing_ca: root.pem, ca_chain: [root.pem] },
  },
};
const texts = (...answers: readonly unknown[]): Buffer =>
  Buffer.from(answers.map((answer) => JSON.stringify(answer)).join(NEXT));

const WORDS = [
  NEXT,
  '"__proto__":{"polluted":true},',
  '"toString":1,',
  'null',
  'true',
  '{"toString":null}',
  '[[[[[[[[[[',
  '{"a":'.repeat(5000),
  '"current_version":1e309,',
  '\\ud800',
  '\\u0000',
];

export const VAULT_KV: Target = {
  name: "Vault's KV",
  seeds: () => [
    texts(metadata, content),
    texts(metadata, { data: { data: { 'tls.crt': good.pem, 'tls.key': good.keyPem } } }),
  ],
  form: 'text',
  words: WORDS,
  read: async (input) => {
    const context = {
      cluster: new MemoryCluster(),
      namespace: 'argocd',
      clock,
      purpose: 'client',
      pendingSecret: 'x',
    } as const;
    const source = new VaultKvSource(kv, context, answering(input.toString('utf8').split(NEXT)));
    const reading = await source.read();
    if ('next' in reading && reading.next.includes('defect')) throw new Error(reading.why);
    if (reading.state === 'ready' && reading.raw.version.length > 200)
      throw new Error('a version without a bound');
  },
};

export const VAULT_PKI: Target = {
  name: "Vault's PKI",
  seeds: () => [
    texts(content.data),
    texts({ data: { certificate: root.pem, ca_chain: [root.pem], issuer_id: 'a' } }),
    texts(
      { data: { keys: ['a', 'b'], default: 'a', issuer_ref: 'default' } },
      { data: { certificate: root.pem, ca_chain: [root.pem] } },
    ),
    texts({ data: { certificate: good.pem, private_key: good.keyPem, issuing_ca: root.pem } }),
  ],
  form: 'pem',
  words: WORDS,
  read: async (input) => {
    const answers = input.toString('utf8').split(NEXT);
    const names = { commonName: HOST, names: [HOST] };
    const settled = await Promise.allSettled([
      askForCertificate(answering(answers), pki, names, NOON),
      new Issuers(pki, answering(answers), clock).current(),
      new Issuers(pki, answering(answers), clock).signerOf(good.certificate),
    ]);
    const failed = settled.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    const untyped = failed.find((reason) => !(reason instanceof RotatorError));
    if (untyped !== undefined) throw untyped;
  },
};
