import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { makeCa, makeLeaf } from '../../kit/pki/index.ts';
import { VaultBench, wanting } from '../../kit/vault/bench.ts';
import { admitted } from './pki.ts';
import { KV_POLICY, type WorldOf } from './world.ts';

const ca = makeCa({ name: 'Bank CA' });
const pairOf = (name: string) => {
  const { chainPem, keyPem, certificate } = makeLeaf(ca, { name });
  return { certificate, data: { 'tls.crt': chainPem, 'tls.key': keyPem, 'ca.crt': ca.pem } };
};

let paths = 0;

export const kvSentences = (worldOf: WorldOf): void => {
  let bench: VaultBench;
  let token: string;

  beforeAll(async () => {
    const { admin } = worldOf();
    await admin.enableKv('secret');
    await admin.policy('kv-argocd', KV_POLICY('secret', 'argocd/*'));
    token = await admin.createToken(['kv-argocd']);
  });
  afterEach(() => bench.close());

  const open = (over: Parameters<VaultBench['kv']>[1] = {}) => {
    bench = new VaultBench(worldOf());
    paths += 1;
    const path = `argocd/client-${paths}`;
    const put = (data: Readonly<Record<string, unknown>>) => worldOf().admin.writeKv('secret', path, data);
    const source = bench.kv(bench.withToken(token), { path, ...over });
    const look = () => {
      bench.clock.advance(30_000);
      return source.read(wanting());
    };
    return { put, path, look, source };
  };

  test('a pair is handed over with its version and the time at which it was written', async () => {
    const { put, look } = open();
    const { certificate, data } = pairOf('first');
    await put(data);
    const reading = await look();
    expect(admitted(reading, bench).leaf.certificate.fingerprint).toBe(certificate.fingerprint);
    expect(reading).toMatchObject({ raw: { version: expect.stringMatching(/^version 1 of 20/) } });
    const age = reading.state === 'ready' ? bench.clock.now() - (reading.changedAt ?? 0) : undefined;
    expect(Math.abs(age ?? Infinity)).toBeLessThan(300_000);
  });

  test('a new version is seen at the next poll and not before', async () => {
    const { put, look, source } = open();
    await put(pairOf('first').data);
    const before = await look();
    const { certificate, data } = pairOf('second');
    await put(data);
    expect(await source.read(wanting())).toEqual(before);
    expect(admitted(await look(), bench).leaf.certificate.fingerprint).toBe(certificate.fingerprint);
  });

  test('nothing there, a deleted version and a secret that was forgotten are waited for', async () => {
    const { put, look, path } = open();
    const { admin } = worldOf();
    const state = async () => (await look()).state;
    expect(await state()).toBe('waiting');
    await put(pairOf('first').data);
    expect(await state()).toBe('ready');
    await admin.deleteKv('secret', path);
    expect(await look()).toMatchObject({ state: 'waiting', why: expect.stringContaining('deleted') });
    await put(pairOf('second').data);
    expect(await state()).toBe('ready');
    await admin.forgetKv('secret', path);
    expect(await state()).toBe('waiting');
  });

  test('a secret that is forgotten and put again between two looks is another one, though its version is 1 again', async () => {
    const { put, look, path } = open();
    await put(pairOf('first').data);
    const before = await look();
    await worldOf().admin.forgetKv('secret', path);
    const { certificate, data } = pairOf('second');
    await put(data);
    const after = await look();
    expect(admitted(after, bench).leaf.certificate.fingerprint).toBe(certificate.fingerprint);
    const versions = [before, after].map((reading) => reading.state === 'ready' && reading.raw.version);
    expect(new Set(versions).size).toBe(2);
  });

  test('what the policy does not permit is named by path and capability', async () => {
    const { path } = open();
    const poor = await worldOf().admin.createToken(['default']);
    expect(await bench.kv(bench.withToken(poor), { path }).read(wanting())).toMatchObject({
      state: 'unreachable',
      next: `Grant the capability "read" on path "secret/metadata/${path}" in a policy of the agent's login.`,
    });
  });

  test('fields by names of one’s own are found by the configuration, and a wrong name tells what is there', async () => {
    const { put, look } = open({ fields: { certificate: 'chain', key: 'secretKey', ca: 'roots' } });
    const { data } = pairOf('first');
    await put({ chain: data['tls.crt'], secretKey: data['tls.key'], cas: ca.pem });
    expect(await look()).toMatchObject({
      state: 'refused',
      refusal: { what: expect.stringContaining('cas, chain, secretKey') },
    });
    await put({ chain: data['tls.crt'], secretKey: data['tls.key'], roots: ca.pem });
    admitted(await look(), bench);
  });
};
