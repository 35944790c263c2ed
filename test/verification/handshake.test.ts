import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { CallOutcome } from '../../agent/model/evidence.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { DialCredential } from '../../agent/ports.ts';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createDialer } from '../../agent/verification/handshake.ts';
import { strangers } from '../../agent/verification/stranger.ts';
import { type Identity, makeCa, makeLeaf, renewCaSameKey, replaceCa, USAGE } from '../kit/pki/index.ts';
import { type RepoServer, startRepoServer } from '../kit/repo-server/server.ts';

/** A stranger's RSA key takes its time on a busy machine. */
jest.setTimeout(60_000);

const TIMEOUT = 4_000;
const HOST = '127.0.0.1';
const SERVER_NAME = 'argocd-repo-server';

const dialer = createDialer(systemClock, strangers(systemClock, systemRandom));

const ca = makeCa({ name: 'Clients' });
const leaf = makeLeaf(ca, { usages: [USAGE.client] });
const serving = makeLeaf(makeCa({ name: 'Servers' }), { dns: [SERVER_NAME], usages: [USAGE.server] });
const servingFiles = { certificatePem: serving.chainPem, keyPem: serving.keyPem };

const nobody: DialCredential = { as: 'nobody' };
const stranger: DialCredential = { as: 'stranger' };
const showing = (identity: Identity): DialCredential => ({
  as: 'leaf',
  leaf: identity.certificate.fingerprint,
  certificatePem: identity.chainPem,
  key: identity.leaf.key,
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const started = async (clientCaPem: string | undefined): Promise<RepoServer> => {
  const server = await startRepoServer({ clientCaPem, serving: servingFiles, host: HOST, port: 0 });
  closers.push(() => server.stop());
  return server;
};

/** Any listener, closed with everything on it after the test. */
const listening = async (server: net.Server): Promise<number> => {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, () => resolve()));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
};

const call = (port: number, credential: DialCredential, timeout = TIMEOUT) =>
  dialer.call({ host: HOST, port, serverName: SERVER_NAME }, credential, timeout);

const word = (outcome: CallOutcome): string =>
  outcome.result === 'refused' ? outcome.alert : outcome.result;

describe('a repo-server that requires client certificates', () => {
  test('lets a leaf under its CA in, and shows which certificate it serves', async () => {
    const server = await started(ca.pem);
    const answer = await call(server.port, showing(leaf));
    expect(answer.outcome).toEqual({ result: 'accepted' });
    expect(answer.presented).toBe(serving.certificate.fingerprint);
    expect(answer.duration).toBeGreaterThanOrEqual(0);
    expect(server.answered()).toBe(1);
  });

  test('refuses who shows nothing with "certificate required", and its own certificate is seen all the same', async () => {
    const server = await started(ca.pem);
    const answer = await call(server.port, nobody);
    expect(answer.outcome).toMatchObject({ result: 'refused', alert: 'certificate-required' });
    expect(answer.presented).toBe(serving.certificate.fingerprint);
  });

  test.each<[string, () => DialCredential, string]>([
    ['a stranger', () => stranger, 'unknown-ca'],
    ['a leaf of another CA', () => showing(makeLeaf(makeCa({ name: 'Others' }))), 'unknown-ca'],
    [
      'a leaf of a CA with the same name and another key',
      () => showing(makeLeaf(replaceCa(ca))),
      'unknown-ca',
    ],
    [
      'an expired leaf',
      () => showing(makeLeaf(ca, { notAfter: Date.UTC(2021, 0, 1) })),
      'certificate-expired',
    ],
    ['a leaf for servers only', () => showing(makeLeaf(ca, { usages: [USAGE.server] })), 'bad-certificate'],
  ])('refuses %s', async (_name, credential, alert) => {
    const server = await started(ca.pem);
    const answer = await call(server.port, credential());
    expect(word(answer.outcome)).toBe(alert);
    expect(answer.presented).toBe(serving.certificate.fingerprint);
    expect(server.answered()).toBe(0);
  });

  test('lets old and new leafs in while both CAs are trusted, of one name or not', async () => {
    const next = replaceCa(ca);
    const server = await started(next.pem + ca.pem);
    expect(word((await call(server.port, showing(leaf))).outcome)).toBe('accepted');
    expect(word((await call(server.port, showing(makeLeaf(next)))).outcome)).toBe('accepted');
  });

  test('takes a CA that is not self-signed as an anchor, and a chain below a root', async () => {
    const intermediate = makeCa({ name: 'Intermediate', issuer: ca });
    const below = makeLeaf(intermediate);
    const anchored = await started(intermediate.pem);
    expect(word((await call(anchored.port, showing(below))).outcome)).toBe('accepted');
    expect(word((await call(anchored.port, showing(leaf))).outcome)).toBe('unknown-ca');
    const rooted = await started(ca.pem);
    expect(word((await call(rooted.port, showing(below))).outcome)).toBe('accepted');
    const bare: DialCredential = { ...showing(below), certificatePem: below.pem } as DialCredential;
    expect(word((await call(rooted.port, bare)).outcome)).toBe('unknown-ca');
  });

  test('refuses leafs of an anchor that has expired, and lets them in again once it was renewed with its key', async () => {
    const expired = renewCaSameKey(ca, { notAfter: Date.UTC(2021, 0, 1) });
    expect(word((await call((await started(expired.pem)).port, showing(leaf))).outcome)).toBe(
      'certificate-expired',
    );
    expect(word((await call((await started(expired.pem + ca.pem)).port, showing(leaf))).outcome)).toBe(
      'accepted',
    );
  });

  test('does not start with a client-ca.crt that holds no certificate, and skips what does not parse', async () => {
    const start = (clientCaPem: string) =>
      startRepoServer({ clientCaPem, serving: servingFiles, host: HOST, port: 0 });
    await expect(start('garbage')).rejects.toThrow('would not start');
    const torn = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const server = await started(torn + ca.pem);
    expect(word((await call(server.port, showing(leaf))).outcome)).toBe('accepted');
  });

  test.each(['rsa-2048', 'p256', 'p384', 'p521', 'ed25519'] as const)(
    'is called with a %s key',
    async (key) => {
      const server = await started(ca.pem);
      expect(word((await call(server.port, showing(makeLeaf(ca, { key })))).outcome)).toBe('accepted');
    },
  );
});

test('a repo-server without client-ca.crt lets everybody in', async () => {
  const server = await started(undefined);
  const words = [nobody, stranger, showing(leaf)].map(async (who) =>
    word((await call(server.port, who)).outcome),
  );
  expect(await Promise.all(words)).toEqual(['accepted', 'accepted', 'accepted']);
});

test('a TLS 1.2 server that requires certificates refuses with "handshake failure", and its certificate is seen', async () => {
  const server = tls.createServer({
    cert: serving.chainPem,
    key: serving.keyPem,
    ca: ca.pem,
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
  });
  const answer = await call(await listening(server), nobody);
  expect(word(answer.outcome)).toBe('handshake-failure');
  expect(answer.presented).toBe(serving.certificate.fingerprint);
});

describe('nothing is concluded from', () => {
  const unknown = expect.objectContaining({ result: 'unknown', why: expect.any(String) });

  test('a port where nobody listens', async () => {
    const port = await listening(net.createServer());
    await Promise.all(closers.splice(0).map((close) => close()));
    const answer = await call(port, nobody);
    expect(answer).toMatchObject({ outcome: unknown, presented: undefined });
  });

  test('a connection that is dropped at once, or in the middle of the handshake', async () => {
    const atOnce = await listening(net.createServer((socket) => socket.destroy()));
    expect((await call(atOnce, nobody)).outcome).toEqual(unknown);
    const later = await listening(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    expect((await call(later, showing(leaf))).outcome).toEqual(unknown);
  });

  test('a server that never answers: the time-out ends the call', async () => {
    const silent = await listening(net.createServer((socket) => socket.resume()));
    const answer = await call(silent, nobody, 50);
    expect(answer.outcome).toEqual({ result: 'unknown', why: 'no answer within 50 ms' });
  });

  test('something that does not speak TLS', async () => {
    const plain = await listening(
      net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    expect((await call(plain, nobody)).outcome).toEqual(unknown);
  });

  test('a TLS server without HTTP/2', async () => {
    const web = tls.createServer({ cert: serving.chainPem, key: serving.keyPem }, (socket) =>
      socket.resume(),
    );
    web.on('tlsClientError', () => undefined);
    expect((await call(await listening(web), nobody)).outcome).toEqual(unknown);
  });

  test.each<[string, http2.OutgoingHttpHeaders]>([
    [
      'a proxy that answers for a gRPC server',
      { ':status': 200, 'content-type': 'application/grpc', server: 'envoy', 'grpc-status': '14' },
    ],
    ['a web page', { ':status': 503, 'content-type': 'text/html' }],
  ])('%s', async (_name, headers) => {
    const proxy = http2.createSecureServer({ cert: serving.chainPem, key: serving.keyPem });
    proxy.on('stream', (stream) => stream.respond(headers, { endStream: true }));
    expect((await call(await listening(proxy), showing(leaf))).outcome).toEqual(unknown);
  });

  test('a server that hangs up right after the handshake, without waiting for the time-out', async () => {
    const server = tls.createServer(
      { cert: serving.chainPem, key: serving.keyPem, ALPNProtocols: ['h2'] },
      (socket) => socket.end(),
    );
    const answer = await call(await listening(server), nobody);
    expect(answer.outcome).toEqual(unknown);
    expect(answer.duration).toBeLessThan(TIMEOUT / 2);
  });

  test('GOAWAY, and a stream that is reset', async () => {
    const goaway = http2.createSecureServer({ cert: serving.chainPem, key: serving.keyPem });
    goaway.on('session', (session) => session.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM));
    expect((await call(await listening(goaway), nobody)).outcome).toEqual(unknown);
    const reset = http2.createSecureServer({ cert: serving.chainPem, key: serving.keyPem });
    reset.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    });
    expect((await call(await listening(reset), nobody)).outcome).toEqual(unknown);
  });

  test("a mesh's sidecar that wants certificates of its own", async () => {
    const sidecar = makeLeaf(ca, { uris: ['spiffe://cluster.local/ns/argocd/sa/argocd-repo-server'] });
    const server = await startRepoServer({
      clientCaPem: ca.pem,
      serving: { certificatePem: sidecar.chainPem, keyPem: sidecar.keyPem },
      host: HOST,
      port: 0,
    });
    closers.push(() => server.stop());
    expect((await call(server.port, nobody)).outcome).toEqual(unknown);
  });

  test('a certificate and a key that do not belong together, of which nothing is told', async () => {
    const server = await started(ca.pem);
    const other = makeLeaf(ca);
    const answer = await call(server.port, {
      ...showing(leaf),
      key: SecretBytes.of(other.keyPem),
    } as DialCredential);
    expect(answer.outcome).toEqual(unknown);
    expect(JSON.stringify(answer)).not.toContain('PRIVATE KEY');
  });
});

test.each(['127.0.0.1', '::1'])(
  'a repo-server that clients dial by the address %s is called too',
  async (serverName) => {
    const server = await started(ca.pem);
    const answer = await dialer.call({ host: HOST, port: server.port, serverName }, showing(leaf), TIMEOUT);
    expect(answer.outcome).toEqual({ result: 'accepted' });
  },
);

test('a connection is never resumed: a server that lets tickets decide would not see the certificate', async () => {
  const server = await started(ca.pem);
  await call(server.port, showing(leaf));
  expect(word((await call(server.port, nobody)).outcome)).toBe('certificate-required');
});

test('a hundred calls leave no connection behind', async () => {
  const server = await started(ca.pem);
  const whom = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? nobody : showing(leaf)));
  const answers = await Promise.all(whom.map((who) => call(server.port, who)));
  expect(answers.filter(({ outcome }) => outcome.result === 'accepted')).toHaveLength(50);
  expect(answers.filter(({ outcome }) => outcome.result === 'refused')).toHaveLength(50);
  const open = process
    .getActiveResourcesInfo()
    .filter((kind) => kind === 'TLSSocketWrap' || kind === 'Timeout');
  expect(open.filter((kind) => kind === 'TLSSocketWrap')).toEqual([]);
});
