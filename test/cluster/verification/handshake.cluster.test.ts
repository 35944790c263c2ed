import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DialCredential } from '../../../agent/ports.ts';
import { systemClock } from '../../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { createDialer } from '../../../agent/verification/handshake.ts';
import { strangers } from '../../../agent/verification/stranger.ts';
import { type Identity, makeCa, makeLeaf, renewCaSameKey, replaceCa, USAGE } from '../../kit/pki/index.ts';
import { startRepoServer as startStandIn } from '../../kit/repo-server/server.ts';
import { cleanUp } from '../facts/process.ts';
import {
  as,
  CLIENT_CA,
  files,
  NOBODY,
  SERVING,
  STRANGER,
  startRepoServer,
  verdict,
} from '../facts/repo-server.ts';
import { buildParts } from '../harness/parts.ts';

const LONG_OVER = Date.UTC(2021, 0, 1);
const NOT_YET = Date.UTC(2048, 0, 1);

const ca = makeCa({ name: 'Clients' });
const sameName = replaceCa(ca);
const intermediate = makeCa({ name: 'Intermediate', issuer: ca });
const forServers = makeCa({ name: 'Issues for servers only', usages: [USAGE.server] });
const serving = makeLeaf(makeCa({ name: 'Servers' }), {
  dns: ['argocd-repo-server'],
  usages: [USAGE.server],
});

const leaf = as(makeLeaf(ca));
const below = makeLeaf(intermediate);

/** Who calls. */
const CALLERS: Readonly<Record<string, DialCredential>> = {
  nobody: NOBODY,
  'a stranger': STRANGER,
  leaf,
  'a leaf of a CA with the same name': as(makeLeaf(sameName)),
  'a leaf below an intermediate': as(below),
  'the same without its intermediate': { ...as(below), certificatePem: below.pem } as DialCredential,
  'an expired leaf': as(makeLeaf(ca, { notAfter: LONG_OVER })),
  'a leaf of tomorrow': as(makeLeaf(ca, { notBefore: NOT_YET })),
  'an expired leaf of an unknown CA': as(makeLeaf(sameName, { notAfter: LONG_OVER })),
  'a leaf for servers only': as(makeLeaf(ca, { usages: [USAGE.server] })),
  'a leaf without usages': as(makeLeaf(ca, { usages: [] })),
  'a leaf of a CA for servers only': as(makeLeaf(forServers)),
  'an RSA leaf': as(makeLeaf(ca, { key: 'rsa-2048' })),
  'an Ed25519 leaf': as(makeLeaf(ca, { key: 'ed25519' })),
};

/** What `client-ca.crt` held at the start. */
const BUNDLES: Readonly<Record<string, string | undefined>> = {
  nothing: undefined,
  'the CA': ca.pem,
  'the CA and one of the same name': sameName.pem + ca.pem,
  'the intermediate alone': intermediate.pem,
  'the CA, expired': renewCaSameKey(ca, { notAfter: LONG_OVER }).pem,
  'the CA, expired and renewed with its key': renewCaSameKey(ca, { notAfter: LONG_OVER }).pem + ca.pem,
  'the CA for servers only': forServers.pem,
  "somebody's CA, after a certificate that does not parse": `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${makeCa({ name: 'Somebody' }).pem}`,
};

const dialer = createDialer(systemClock, strangers(systemClock, systemRandom));

const real = async (
  clientCa: string | undefined,
  args: readonly string[] = [],
  shown: Identity = serving,
) => {
  const on = files();
  if (clientCa !== undefined) on.write(CLIENT_CA, clientCa);
  on.write(SERVING.certificate, shown.chainPem);
  on.write(SERVING.key, shown.keyPem);
  return startRepoServer(on, args);
};

beforeAll(() => buildParts(), 30 * 60_000);
afterEach(cleanUp);

describe("the stand-in says to every caller what Argo CD's own repo-server says, having loaded", () => {
  test.each(Object.entries(BUNDLES))(
    '%s',
    async (_name, clientCaPem) => {
      const server = await real(clientCaPem);
      const standIn = await startStandIn({
        clientCaPem,
        serving: { certificatePem: serving.chainPem, keyPem: serving.keyPem },
        host: '127.0.0.1',
        port: 0,
      });
      const said: Record<string, string> = {};
      const played: Record<string, string> = {};
      for (const [caller, credential] of Object.entries(CALLERS)) {
        const answer = await server.call(credential);
        said[caller] = verdict(answer.outcome);
        expect(answer.presented).toBe(serving.certificate.fingerprint);
        const target = { host: standIn.host, port: standIn.port, serverName: 'argocd-repo-server' };
        played[caller] = verdict((await dialer.call(target, credential, 5_000)).outcome);
      }
      await standIn.stop();
      expect(played).toEqual(said);
      expect(Object.values(said).filter((word) => word.startsWith('unknown:'))).toEqual([]);
    },
    60_000,
  );
});

test("Argo CD's repo-server refuses each caller for the reason the model names", async () => {
  const server = await real(ca.pem);
  const said = Object.fromEntries(
    await Promise.all(
      Object.entries(CALLERS).map(async ([caller, credential]) => [
        caller,
        verdict((await server.call(credential)).outcome),
      ]),
    ),
  );
  expect(said).toEqual({
    nobody: 'certificate-required',
    'a stranger': 'unknown-ca',
    leaf: 'accepted',
    'a leaf of a CA with the same name': 'unknown-ca',
    'a leaf below an intermediate': 'accepted',
    'the same without its intermediate': 'unknown-ca',
    'an expired leaf': 'certificate-expired',
    'a leaf of tomorrow': 'certificate-expired',
    'an expired leaf of an unknown CA': 'certificate-expired',
    'a leaf for servers only': 'bad-certificate',
    'a leaf without usages': 'accepted',
    'a leaf of a CA for servers only': 'unknown-ca',
    'an RSA leaf': 'accepted',
    'an Ed25519 leaf': 'accepted',
  });
}, 60_000);

describe('under TLS 1.2', () => {
  const args = ['--tlsmaxversion=1.2'];

  test('it refuses nobody with a handshake failure, and is known by its certificate all the same', async () => {
    // Argo CD's default --tlsciphers under TLS 1.2 is for RSA alone.
    const rsa = makeLeaf(makeCa({ name: 'Servers' }), { dns: ['argocd-repo-server'], key: 'rsa-2048' });
    const server = await real(ca.pem, args, rsa);
    const callers = { 'handshake-failure': NOBODY, 'unknown-ca': STRANGER, accepted: leaf };
    for (const [word, caller] of Object.entries(callers)) {
      const { outcome, presented } = await server.call(caller);
      expect(verdict(outcome)).toBe(word);
      expect(presented).toBe(rsa.certificate.fingerprint);
    }
  }, 60_000);

  test('a handshake that fails for want of a common cipher says nothing of the caller', async () => {
    const server = await real(ca.pem, args);
    const { outcome, presented } = await server.call(NOBODY);
    expect(verdict(outcome)).toContain('unknown: TLS alert 40 before the server showed its certificate');
    expect(presented).toBeUndefined();
  }, 60_000);
});

test('two hundred calls at once are all answered or refused for their certificate, none is lost to a reset', async () => {
  const server = await real(ca.pem);
  const callers = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? NOBODY : leaf));
  const answers = await Promise.all(callers.map((caller) => server.call(caller)));
  const count = (word: string) => answers.filter(({ outcome }) => verdict(outcome) === word).length;
  expect([count('accepted'), count('certificate-required')]).toEqual([100, 100]);
}, 60_000);
