/**
 * A Vault that is away, answers badly, or is not Vault at all: each is a named reading with what to do next, and nothing is written.
 */
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { VaultConnectionSettings } from '../../agent/model/vault-spec.ts';
import { createVaultCa, createVaultRole } from '../cluster/harness/vault-pki.ts';
import { makeCa, makeLeaf } from '../kit/pki/index.ts';
import { VaultBench, wanting } from '../kit/vault/bench.ts';
import { type Interruption, VaultStandIn } from '../kit/vault/stand-in/server.ts';

const PATH = 'argocd/trouble';
const MINUTE = 60_000;

let vault: VaultStandIn;
let token: string;
const benches: VaultBench[] = [];

beforeAll(async () => {
  vault = await VaultStandIn.start();
  await vault.admin.enableKv('secret');
  await createVaultCa(vault.admin, 'pki');
  await createVaultRole(vault.admin, 'pki', 'client');
  token = await vault.admin.createToken(['root']);
  const { chainPem, keyPem } = makeLeaf(makeCa());
  vault.kv('secret').put(PATH, { 'tls.crt': chainPem, 'tls.key': keyPem }, Date.now());
});
afterAll(() => vault.stop());
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
  vault.interrupt = () => 'go on';
  vault.seen.length = 0;
});

const open = (environment: Readonly<Record<string, string>> = {}) => {
  const bench = new VaultBench(vault, environment);
  benches.push(bench);
  return bench;
};
const kvOf = (bench: VaultBench, over: Partial<VaultConnectionSettings> = {}) =>
  bench.kv(bench.connection(bench.withToken(token), over), { path: PATH });

const instead =
  (answer: (response: ServerResponse) => void): Interruption =>
  (_, response) => {
    answer(response);
    return 'handled';
  };
const status = (
  code: number,
  headers: Readonly<Record<string, string>> = {},
  body = '{"errors":["sorry"]}',
) =>
  instead((response) =>
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(body),
  );

const TROUBLES: readonly (readonly [string, Interruption, RegExp, RegExp])[] = [
  ['a sealed Vault', status(503), /sealed or can not serve now \(status 503\)/, /Unseal it/],
  ['too many requests', status(429), /too many requests/, /quota/],
  ['a gateway without Vault behind it', status(502), /status 502/, /log/],
  ['an HTML error page', status(502, {}, '<html><h1>Bad Gateway</h1></html>'), /is not JSON/, /address/],
  ['an HTML page with status 200', status(200, {}, '<html>Log in</html>'), /is not JSON/, /address/],
  [
    'a redirect to another host',
    status(307, { location: 'https://elsewhere.example/v1/x?token=abc' }),
    /sends the agent to another host.*to elsewhere\.example\)/,
    /active node/,
  ],
  ['a redirect to nowhere', status(302, { location: 'http://[' }), /no URL/, /active node/],
  [
    'an answer of 10 MB',
    instead((response) => {
      response.writeHead(200);
      response.end(`{"data":"${'x'.repeat(10 * 1024 * 1024)}"}`);
    }),
    /larger than any that is expected \(more than 2 MiB\)/,
    /thrown away unread/,
  ],
  [
    'an answer that never ends',
    instead((response) => {
      response.writeHead(200);
      response.write('{"data":');
    }),
    /gave no answer in time/,
    /timeout/,
  ],
  ['no answer at all', () => 'handled', /gave no answer in time/, /timeout/],
  [
    'a connection that breaks',
    (request) => {
      request.socket.destroy();
      return 'handled';
    },
    /can not be reached \(localhost:\d+: ECONNRESET\)/,
    /NetworkPolicies/,
  ],
  [
    'an answer that is cut off',
    instead((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":');
      setImmediate(() => response.socket?.destroy());
    }),
    /can not be reached/,
    /NetworkPolicies/,
  ],
  ['an answer without sense', status(200, {}, '{"data":[1,2]}'), /has no version yet/, /Put certificate/],
];

/** Short only where the limit is what ends it. */
const limitFor = (why: RegExp): number => (why.source.includes('in time') ? 200 : 10_000);

describe('in place of an answer', () => {
  test.each(TROUBLES)('%s is a named reading, with what to do next', async (_, interruption, why, next) => {
    vault.interrupt = interruption;
    const reading = await kvOf(open(), { timeout: limitFor(why) }).read(wanting());
    expect(reading).toMatchObject({ why: expect.stringMatching(why), next: expect.stringMatching(next) });
    expect(['unreachable', 'waiting']).toContain(reading.state);
    expect(JSON.stringify(reading)).not.toContain('abc');
  });

  test.each(TROUBLES)(
    '%s lets no certificate be issued, and nothing is written',
    async (_, interruption, why) => {
      const bench = open();
      vault.interrupt = interruption;
      const source = bench.pki(bench.connection(bench.withToken(token), { timeout: limitFor(why) }));
      await expect(source.issue?.('a test', wanting())).rejects.toMatchObject({ name: 'VaultFailure' });
      expect(bench.cluster.applied).toEqual([]);
    },
  );
});

describe('a certificate that could not be published', () => {
  const ca = makeCa();
  const answer =
    (certificate: string): Interruption =>
    (request, response) => {
      if (request.url?.includes('/sign/') !== true) return 'go on';
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: { certificate, issuing_ca: ca.pem, ca_chain: [ca.pem] } }));
      return 'handled';
    };
  test.each([
    ['for another key', makeLeaf(ca).pem, /does not belong to the key/],
    ['that is no PEM', 'certificate', /can not be read/],
    ['that is missing', '', /is not exactly one leaf/],
    ['that is a CA', makeCa().pem, /is not exactly one leaf/],
  ])('%s is refused before anything is written', async (_, certificate, what) => {
    const bench = open();
    vault.interrupt = answer(certificate);
    await expect(bench.pki(bench.withToken(token)).issue?.('a test', wanting())).rejects.toMatchObject({
      kind: 'refused',
      what: expect.stringMatching(what),
    });
    expect(bench.cluster.applied).toEqual([]);
  });

  test.each([
    ['expired', makeLeaf(ca, { notAfter: Date.now() - MINUTE, dns: ['repo'] }), /expired at 20/],
    ['without a name that is wanted', makeLeaf(ca, { dns: ['other'] }), /lacks the name repo/],
  ])('%s is refused as well where Vault makes the key', async (_, { pem, keyPem }, what) => {
    const bench = open();
    vault.interrupt = (request, response) => {
      if (request.url?.includes('/issue/') !== true) return 'go on';
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: { certificate: pem, private_key: keyPem, issuing_ca: ca.pem } }));
      return 'handled';
    };
    const source = bench.pki(bench.withToken(token), { method: 'issue' }, 'serving');
    await expect(source.issue?.('a test', wanting(undefined, ['repo']))).rejects.toMatchObject({
      what: expect.stringMatching(what),
    });
    expect(bench.cluster.applied).toEqual([]);
  });
});

describe('a Vault that fails', () => {
  test('is left alone for longer and longer, however many sources ask, and all are served once it is back', async () => {
    const bench = open();
    const auth = bench.connection(bench.withToken(token));
    const sources = ['a', 'b', 'c', 'd', 'e'].map(() => bench.kv(auth, { path: PATH }));
    vault.interrupt = status(503);
    for (let second = 0; second < 120; second += 1) {
      await Promise.all(sources.map((source) => source.read(wanting())));
      bench.clock.advance(1_000);
    }
    expect(vault.seen.length).toBeLessThan(15);
    vault.interrupt = () => 'go on';
    bench.clock.advance(MINUTE);
    for (const source of sources) expect(await source.read(wanting())).toMatchObject({ state: 'ready' });
  });

  test('is left alone for as long as it asks', async () => {
    const bench = open();
    const source = kvOf(bench);
    vault.interrupt = status(429, { 'retry-after': '90' });
    await source.read(wanting());
    vault.interrupt = () => 'go on';
    bench.clock.advance(89_000);
    expect(await source.read(wanting())).toMatchObject({ state: 'unreachable' });
    bench.clock.advance(2_000);
    expect(await source.read(wanting())).toMatchObject({ state: 'ready' });
  });

  test('is nothing that another connection feels', async () => {
    const bench = open();
    const dead = kvOf(bench, { name: 'dead', address: 'https://127.0.0.1:1' });
    expect(await dead.read(wanting())).toMatchObject({
      state: 'unreachable',
      why: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await kvOf(bench).read(wanting())).toMatchObject({ state: 'ready' });
  });

  test('at one path only is asked about the others', async () => {
    const bench = open();
    const auth = bench.connection(bench.withToken(token));
    expect(await bench.kv(auth, { path: 'argocd/none' }).read(wanting())).toMatchObject({ state: 'waiting' });
    expect(await bench.pki(auth, { issuer: 'none' }).read(wanting())).toMatchObject({ state: 'unreachable' });
    expect(await bench.kv(auth, { path: PATH }).read(wanting())).toMatchObject({ state: 'ready' });
  });
});

describe('the certificate that Vault shows', () => {
  test('under a CA that is not named is refused before a token is sent', async () => {
    const bench = open();
    const caFile = bench.file('other-ca.crt', makeCa().pem);
    expect(await kvOf(bench, { caFile }).read(wanting())).toMatchObject({
      state: 'unreachable',
      why: expect.stringMatching(/a certificate that is not trusted \(localhost:\d+: [A-Z_]+\)/),
    });
    expect(vault.seen).toEqual([]);
  });

  test('is trusted as soon as its CA stands in the file', async () => {
    const bench = open();
    const caFile = bench.file('ca.crt', makeCa().pem);
    const source = kvOf(bench, { caFile });
    expect(await source.read(wanting())).toMatchObject({ state: 'unreachable' });
    bench.file('ca.crt', vault.admin.connection.ca);
    bench.clock.advance(MINUTE);
    expect(await source.read(wanting())).toMatchObject({ state: 'ready' });
  });

  test.each([
    ['is missing', '/nowhere/ca.crt', /caFile can't be used \(\/nowhere\/ca\.crt: ENOENT\)/],
    ['holds no certificate', undefined, /no PEM certificate in it/],
  ])('can not be judged where the caFile %s, which is named', async (_, path, why) => {
    const bench = open();
    const caFile = path ?? bench.file('empty.crt', 'nothing');
    expect(await kvOf(bench, { caFile }).read(wanting())).toMatchObject({
      state: 'unreachable',
      why: expect.stringMatching(why),
    });
  });
});

describe('what is told', () => {
  test.each([
    ['a token', 'hvs.CAESIJlu0x7Zf9dQabcdef'],
    ['a JWT', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nMIIEvQabcdef\n-----END PRIVATE KEY-----'],
  ])('never shows %s, even where Vault’s own words repeat it', async (_, secret) => {
    vault.interrupt = status(400, {}, JSON.stringify({ errors: [`can not parse ${secret} at all`] }));
    const reading = await kvOf(open()).read(wanting());
    expect(reading).toMatchObject({ why: expect.stringContaining('It says: can not parse [secret]') });
    for (const word of secret.split('\n')) expect(JSON.stringify(reading)).not.toContain(word);
  });
});

describe('what is sent', () => {
  test('bears Vault’s own headers, its namespace, and the token in no other place', async () => {
    await kvOf(open(), { namespace: 'platform/eu' }).read(wanting());
    for (const { headers, path } of vault.seen) {
      expect(headers).toMatchObject({
        'x-vault-request': 'true',
        'x-vault-namespace': 'platform/eu',
        'x-vault-token': token,
      });
      expect(path).not.toContain(token);
    }
    expect(vault.seen.length).toBeGreaterThan(1);
  });
});

describe('a proxy that the environment names', () => {
  const proxyFor = async () => {
    const tunnels: string[] = [];
    const server = createHttpServer();
    const sockets = new Set<Duplex>();
    server.on('connection', (socket) => sockets.add(socket));
    server.on('connect', (request, client) => {
      tunnels.push(request.url ?? '');
      const { port } = new URL(vault.address);
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client);
        client.pipe(upstream);
      });
      const end = () => {
        upstream.destroy();
        client.destroy();
      };
      upstream.on('error', end).on('close', end);
      client.on('error', end).on('close', end);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const close = async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    };
    return { address: `http://127.0.0.1:${port}`, tunnels, close };
  };

  test('is gone through by CONNECT, and Vault’s own certificate is still verified', async () => {
    const proxy = await proxyFor();
    const bench = open({ HTTPS_PROXY: proxy.address });
    const { host, port } = new URL(vault.address);
    expect(await kvOf(bench).read(wanting())).toMatchObject({ state: 'ready' });
    const other = { name: 'other', address: `https://127.0.0.2:${port}` };
    expect(await kvOf(bench, other).read(wanting())).toMatchObject({
      why: expect.stringMatching(/not trusted.*ALTNAME/),
    });
    expect(proxy.tunnels).toEqual([host, `127.0.0.2:${port}`]);
    await proxy.close();
  });

  test('is passed by for hosts in NO_PROXY', async () => {
    const proxy = await proxyFor();
    const bench = open({ HTTPS_PROXY: proxy.address, NO_PROXY: 'localhost' });
    expect(await kvOf(bench).read(wanting())).toMatchObject({ state: 'ready' });
    expect(proxy.tunnels).toEqual([]);
    await proxy.close();
  });

  test('that is away is told as such', async () => {
    const bench = open({ https_proxy: 'http://127.0.0.1:1' });
    expect(await kvOf(bench).read(wanting())).toMatchObject({
      state: 'unreachable',
      why: expect.stringMatching(/ECONNREFUSED|proxy/),
    });
  });
});
