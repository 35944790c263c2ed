/**
 * Vault PKI as a source: the contract of all sources, and what it does with the pending Secret and with what is published.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { Source } from '../../integrations/source.ts';
import { createVaultCa, createVaultRole } from '../cluster/harness/vault-pki.ts';
import { keyPem, makeCa, makeKey, makeLeaf } from '../kit/pki/index.ts';
import { PENDING, VaultBench, wanting } from '../kit/vault/bench.ts';
import { VaultStandIn } from '../kit/vault/stand-in/server.ts';
import { runSourceContract, type SourceWorld } from './source-contract.ts';

const NAMESPACE = 'argocd';
const DAY = 86_400_000;

let vault: VaultStandIn;
let token: string;
const benches: VaultBench[] = [];

beforeAll(async () => {
  vault = await VaultStandIn.start();
  await createVaultCa(vault.admin, 'pki');
  await createVaultRole(vault.admin, 'pki', 'client');
  token = await vault.admin.createToken(['root']);
});
afterAll(() => vault.stop());
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
  vault.interrupt = () => 'go on';
  vault.seen.length = 0;
});

const open = (start?: number): { readonly bench: VaultBench; readonly source: Source } => {
  const bench = new VaultBench(vault, {}, start);
  benches.push(bench);
  return { bench, source: bench.pki(bench.withToken(token), { ttl: 10 * DAY }) };
};

const asked = (): readonly string[] => vault.seen.map(({ method, path }) => `${method} ${path}`);

describe('Vault PKI', () => {
  runSourceContract({
    exceptions: {},
    make: (): SourceWorld => {
      const { bench, source } = open(Date.UTC(2026, 5, 1, 12, 0, 0));
      const { cluster } = bench;
      const until = (reason: 'forbidden' | 'timeout') => () => {
        cluster.failWith({ reason, resource: 'secrets' });
        return () => cluster.failWith(undefined);
      };
      return {
        source,
        deliver: ({ chainPem, keyPem: key }, { root }, at) =>
          cluster.putSecret(
            NAMESPACE,
            PENDING,
            { 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': root.pem },
            at,
          ),
        tear: ({ chainPem }, { root }, key) =>
          cluster.putSecret(
            NAMESPACE,
            PENDING,
            { 'tls.crt': chainPem, 'tls.key': key, 'ca.crt': root.pem },
            0,
          ),
        remove: () => cluster.dropSecret(NAMESPACE, PENDING),
        forbid: until('forbidden'),
        stall: until('timeout'),
        hold: () => cluster.hold(),
        asked: () => cluster.asked,
      };
    },
  });
});

describe('a pair that was issued', () => {
  test('is kept in the pending Secret by one write, and handed over from there until it is erased, without asking Vault', async () => {
    const { bench, source } = open();
    await source.issue?.('first', wanting());
    expect(bench.cluster.applied.map(({ name, ownership }) => [name, ownership])).toEqual([
      [PENDING, 'refuse-conflicts'],
    ]);
    vault.seen.length = 0;
    const reading = await source.read(wanting());
    expect(reading).toMatchObject({ state: 'ready', pendingSecret: PENDING });
    const { published } = wanting(bench.publish(reading));
    bench.cluster.putSecret(
      NAMESPACE,
      PENDING,
      { 'tls.crt': published?.certificatePem ?? '', 'tls.key': published?.key.reveal() ?? '', 'ca.crt': '' },
      0,
    );
    expect(await source.read(wanting(published))).toMatchObject({ state: 'ready', pendingSecret: PENDING });
    expect(asked()).toEqual([]);
  });

  test('has the version that it has once it is published', async () => {
    const { bench, source } = open();
    await source.issue?.('first', wanting());
    const pending = await source.read(wanting());
    const published = await source.read(wanting(bench.publish(pending)));
    expect(published).toMatchObject({ raw: { version: pending.state === 'ready' && pending.raw.version } });
    expect(published).not.toHaveProperty('pendingSecret');
  });

  test('is not issued again while it waits to be published', async () => {
    const { bench, source } = open();
    await source.issue?.('first', wanting());
    await source.issue?.('again', wanting());
    expect(bench.cluster.applied).toHaveLength(1);
  });

  test('has a key that Vault never saw', async () => {
    const { bench, source } = open();
    const bodies: string[] = [];
    vault.interrupt = (request) => {
      bodies.push(JSON.stringify(request.headers));
      return 'go on';
    };
    await source.issue?.('first', wanting());
    const { key } = bench.publish(await source.read(wanting()));
    expect(bodies.join()).not.toContain(key.reveal().split('\n')[1]);
    expect(asked()).toContain('POST pki/sign/client');
  });

  test('is written only where nobody wrote in between', async () => {
    const { bench, source } = open();
    vault.interrupt = (request) => {
      if (request.url?.includes('/sign/') === true)
        bench.cluster.putSecret(NAMESPACE, PENDING, { other: 'x' }, 0, 'somebody');
      return 'go on';
    };
    await expect(source.issue?.('first', wanting())).rejects.toMatchObject({ reason: 'conflict' });
    expect(bench.cluster.applied).toEqual([]);
  });
});

describe('a pending pair that can not be published', () => {
  const ca = makeCa();
  const now = Date.now();
  test.each([
    ['whose key is another one’s', makeLeaf(ca), keyPem(makeKey('p256')), /does not belong/],
    ['that expired', makeLeaf(ca, { notAfter: now - DAY }), undefined, /expired/],
    ['that is no certificate', undefined, 'x', /no certificate that can be read/],
  ])('%s is replaced, not waited for', async (_, identity, key, why) => {
    const { bench, source } = open();
    bench.cluster.putSecret(
      NAMESPACE,
      PENDING,
      { 'tls.crt': identity?.chainPem ?? 'x', 'tls.key': key ?? identity?.keyPem ?? '', 'ca.crt': ca.pem },
      0,
    );
    expect(await source.read(wanting())).toMatchObject({
      state: 'waiting',
      due: { why: expect.stringMatching(why) },
    });
    await source.issue?.('anew', wanting());
    expect(await source.read(wanting())).toMatchObject({ state: 'ready', pendingSecret: PENDING });
  });

  test('because it is older than what is published is left out', async () => {
    const { bench, source } = open();
    await source.issue?.('first', wanting());
    const old = await bench.cluster.readSecret(NAMESPACE, PENDING);
    bench.cluster.dropSecret(NAMESPACE, PENDING);
    await new Promise((resolve) => setImmediate(resolve));
    const later = makeLeaf(ca, { notBefore: Date.now() + DAY });
    const data = Object.fromEntries([...(old?.data ?? [])].map(([key, value]) => [key, value.reveal()]));
    bench.cluster.putSecret(NAMESPACE, PENDING, data, 0);
    const published = {
      certificatePem: later.chainPem,
      key: SecretBytes.of(later.keyPem),
      anchorsPem: ca.pem,
    };
    expect(await source.read(wanting(published))).toMatchObject({
      state: 'waiting',
      due: { why: expect.stringContaining('older than what is published') },
    });
  });
});

describe('what is published', () => {
  test('is looked at as often as the engine likes and asked about once a poll', async () => {
    const { bench, source } = open();
    const published = await bench.obtain(source);
    await source.read(wanting(published));
    vault.seen.length = 0;
    for (let turn = 0; turn < 20; turn += 1) await source.read(wanting(published));
    expect(asked()).toEqual([]);
    bench.clock.advance(60_000);
    for (let turn = 0; turn < 20; turn += 1) await source.read(wanting(published));
    expect(asked().filter((one) => one.endsWith('/json'))).toEqual(['GET pki/issuer/default/json']);
  });

  test('by another CA is looked for among the issuers once, however long it stays so', async () => {
    const { bench, source } = open();
    const ca = makeCa();
    const { chainPem, keyPem: key } = makeLeaf(ca);
    const published = { certificatePem: chainPem, key: SecretBytes.of(key), anchorsPem: ca.pem };
    for (let look = 0; look < 5; look += 1) {
      expect(await source.read(wanting(published))).toMatchObject({ state: 'waiting' });
      bench.clock.advance(60_000);
    }
    const others = asked().filter((one) => /issuer\/[0-9a-f-]{36}\/json/.test(one));
    expect(others).toHaveLength(1);
  });

  test('falls due at a moment of its own: the same for every look at it, another one for another leaf', async () => {
    const { bench, source } = open();
    const moments: (number | undefined)[] = [];
    const leafs = [];
    for (let leaf = 0; leaf < 6; leaf += 1) leafs.push(await bench.obtain(source));
    for (let hour = 140; hour < 170; hour += 1) {
      bench.clock.advance(hour === 140 ? 140 * 3_600_000 : 3_600_000);
      for (const [index, published] of leafs.entries()) {
        const looks = [await source.read(wanting(published)), await source.read(wanting(published))];
        expect(looks[0]).toEqual(looks[1]);
        if (looks[0]?.state === 'ready' && looks[0].due !== undefined) moments[index] ??= hour;
      }
    }
    expect(moments.filter((hour) => hour !== undefined)).toHaveLength(6);
    expect(new Set(moments).size).toBeGreaterThan(1);
    // 66 % of ten days less 5 % are 146.4 hours, 66 % are 158.4.
    for (const hour of moments) expect(Math.abs((hour ?? 0) - 152.5)).toBeLessThanOrEqual(6.5);
  });

  test('is unreachable, not gone, while Vault is dead; and Vault is not asked again at every look', async () => {
    const { bench, source } = open();
    const published = await bench.obtain(source);
    bench.clock.advance(60_000);
    vault.interrupt = (request) => {
      request.socket.destroy();
      return 'handled';
    };
    vault.seen.length = 0;
    for (let turn = 0; turn < 20; turn += 1)
      expect(await source.read(wanting(published))).toMatchObject({ state: 'unreachable' });
    expect(asked().length).toBeLessThanOrEqual(2);
  });

  test('is told to expire where Vault is dead as its end nears', async () => {
    const { bench, source } = open();
    const published = await bench.obtain(source);
    bench.clock.advance(9.5 * DAY);
    vault.interrupt = (request) => {
      request.socket.destroy();
      return 'handled';
    };
    expect(await source.read(wanting(published))).toMatchObject({
      state: 'unreachable',
      why: expect.stringMatching(/can not be reached.*Urgent: what is published expires at 20/),
    });
  });
});
