/**
 * Vault KV as a source: the contract of all sources, and how rarely Vault is asked.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { admit } from '../../agent/admission/admit.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';
import { VaultBench, wanting } from '../kit/vault/bench.ts';
import { type Interruption, VaultStandIn } from '../kit/vault/stand-in/server.ts';
import { runSourceContract, type SourceWorld } from './source-contract.ts';

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const POLL = 30_000;
const LONGEST_BACK_OFF = 60_000;

let vault: VaultStandIn;
let token: string;
let paths = 0;
const benches: VaultBench[] = [];

beforeAll(async () => {
  vault = await VaultStandIn.start();
  await vault.admin.enableKv('secret');
  token = await vault.admin.createToken(['root']);
});
afterAll(() => vault.stop());
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
  vault.interrupt = () => 'go on';
  vault.seen.length = 0;
});

const open = () => {
  const bench = new VaultBench(vault, {}, NOW);
  benches.push(bench);
  paths += 1;
  const path = `argocd/contract-${paths}`;
  const connection = bench.connection(bench.withToken(token), { timeout: 1_000 });
  return { bench, path, source: bench.kv(connection, { path }) };
};

const asked = () =>
  vault.seen
    .filter(({ path }) => path.startsWith('secret/'))
    .map(({ path }) => ({ verb: 'read', resource: path, name: path }));

describe('Vault KV', () => {
  runSourceContract({
    exceptions: {
      rights: 'it asks nothing of the Kubernetes API, and what Vault permits stands in Vault’s policies',
    },
    make: (): SourceWorld => {
      const { bench, path, source } = open();
      const put = (certificate: string, key: string, ca: string, at: number): void => {
        vault.kv('secret').put(path, { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca }, at);
        bench.clock.advance(POLL);
      };
      const until = (interruption: Interruption) => () => {
        vault.interrupt = interruption;
        return () => {
          vault.interrupt = () => 'go on';
          bench.clock.advance(LONGEST_BACK_OFF);
        };
      };
      return {
        source,
        deliver: ({ chainPem, keyPem }, { root }, at) => put(chainPem, keyPem, root.pem, at),
        tear: ({ chainPem }, { root }, key) => put(chainPem, key, root.pem, NOW),
        remove: () => {
          vault.kv('secret').forget(path);
          bench.clock.advance(POLL);
        },
        forbid: until((request, response) => {
          if (request.url?.includes('/secret/') !== true) return 'go on';
          response.writeHead(403, { 'content-type': 'application/json' });
          response.end('{"errors":["permission denied"]}');
          return 'handled';
        }),
        stall: until(() => 'handled'),
        hold: () => {
          const { promise, resolve } = Promise.withResolvers<'go on'>();
          vault.interrupt = () => promise;
          return () => {
            vault.interrupt = () => 'go on';
            resolve('go on');
          };
        },
        asked,
      };
    },
  });
});

describe('a secret in KV', () => {
  const { chainPem, keyPem } = makeLeaf(makeCa());

  test('is looked at once a poll by its metadata, and read once a version', async () => {
    const { bench, path, source } = open();
    vault.kv('secret').put(path, { certificate: chainPem, private_key: keyPem }, NOW);
    for (let look = 0; look < 10; look += 1) {
      await source.read(wanting());
      await source.read(wanting());
      bench.clock.advance(POLL);
    }
    const calls = asked().map(({ name }) => name.split('/')[1]);
    expect(calls.filter((kind) => kind === 'metadata')).toHaveLength(10);
    expect(calls.filter((kind) => kind === 'data')).toHaveLength(1);
  });

  test.each([
    ['without a key', { 'tls.crt': chainPem }],
    ['whose values are no PEM', { 'tls.crt': 'SGVsbG8=', 'tls.key': 'x' }],
    ['with numbers in place of text', { 'tls.crt': 1, 'tls.key': 2 }],
    ['without any field', {}],
  ])('%s is no pair: nothing that admission lets through', async (_, data) => {
    const { path, source } = open();
    vault.kv('secret').put(path, data, NOW);
    const reading = await source.read(wanting());
    expect(['refused', 'ready']).toContain(reading.state);
    if (reading.state === 'ready') {
      expect(admit(reading.raw, 'client', NOW)).toHaveProperty('refusal');
    }
  });
});
