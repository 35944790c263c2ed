/** Real calls through a mesh's proxy, and what they may prove. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { CallOutcome, PodProof } from '../../agent/model/evidence.ts';
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import type { DialCredential } from '../../agent/ports.ts';
import { systemClock } from '../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../agent/runtime/system-random.ts';
import { createDialer } from '../../agent/verification/handshake.ts';
import { provePods } from '../../agent/verification/prove.ts';
import { proofThroughProxy } from '../../agent/verification/proxied.ts';
import { strangers } from '../../agent/verification/stranger.ts';
import { type ProxyMode, startMeshProxy } from '../kit/mesh/proxy.ts';
import { makeCa, makeLeaf, USAGE } from '../kit/pki/index.ts';
import { startRepoServer } from '../kit/repo-server/server.ts';

const dialer = createDialer(systemClock, strangers(systemClock, systemRandom));
const ca = makeCa({ name: 'Clients' });
const leaf = makeLeaf(ca, { usages: [USAGE.client] });
const serving = makeLeaf(makeCa({ name: 'Servers' }), {
  dns: ['argocd-repo-server'],
  usages: [USAGE.server],
});
const isRepoServers = (presented: Fingerprint): boolean => presented === serving.certificate.fingerprint;
const CREDENTIALS: readonly DialCredential[] = [
  { as: 'nobody' },
  { as: 'stranger' },
  { as: 'leaf', leaf: leaf.certificate.fingerprint, certificatePem: leaf.chainPem, key: leaf.leaf.key },
];

/** A stranger's RSA key takes its time on a busy machine. */
jest.setTimeout(30_000);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** What three calls to a repo-server behind that proxy came to, as they were seen. */
const called = async (mode: ProxyMode, own: 'published' | 'self-made' = 'published'): Promise<PodProof> => {
  const repoServer = await startRepoServer({
    clientCaPem: ca.pem,
    serving: own === 'self-made' ? undefined : { certificatePem: serving.chainPem, keyPem: serving.keyPem },
    host: '127.0.0.1',
    port: 0,
  });
  const proxy = await startMeshProxy(mode, repoServer);
  closers.push(
    () => proxy.stop(),
    () => repoServer.stop(),
  );
  const [proof] = await provePods(
    dialer,
    systemClock,
    [{ pod: 'repo-0', podUid: 'uid', containerId: 'c', ip: proxy.host, port: proxy.port }],
    CREDENTIALS,
    { serverName: 'argocd-repo-server', timeout: 20_000, concurrency: 1 },
  );
  if (proof === undefined) throw new Error('no proof');
  return proof;
};

const words = ({ calls }: PodProof): readonly string[] =>
  calls.map(({ outcome }) => (outcome.result === 'refused' ? outcome.alert : outcome.result));
const why = (outcome: CallOutcome | undefined): string =>
  outcome?.result === 'unknown' ? outcome.why : 'something else';

describe('behind a proxy', () => {
  test.each<[ProxyMode, RegExp]>([
    [
      'strict',
      /^a proxy \(istio-proxy\) is in the way: what presented certificate \S+ not repo-server's, refused/,
    ],
    ['terminating', /^a proxy \(istio-proxy\) is in the way: the call was answered by what presented/],
    ['closing', /^a proxy \(istio-proxy\) is in the way: /],
  ])('that is %s every call is unknown, for that reason', async (mode, reason) => {
    const proof = await called(mode);
    const judged = proofThroughProxy(proof, 'istio-proxy', isRepoServers);
    expect(words(judged)).toEqual(['unknown', 'unknown', 'unknown']);
    for (const { outcome, presented } of judged.calls) {
      expect(why(outcome)).toMatch(reason);
      expect(presented).toBeUndefined();
    }
  });

  test('what is seen without knowing of the proxy would be taken for refusals, or for mTLS that is off', async () => {
    expect(words(await called('strict'))).toEqual(['certificate-required', 'unknown-ca', 'unknown-ca']);
    expect(words(await called('terminating'))).toEqual(['accepted', 'accepted', 'accepted']);
  });

  test.each(['published', 'self-made'] as const)(
    'that passes calls through they count in full, where repo-server serves what is %s',
    async (own) => {
      const proof = await called('permissive', own);
      const judged = proofThroughProxy(proof, 'istio-proxy', isRepoServers);
      expect(words(judged)).toEqual(['certificate-required', 'unknown-ca', 'accepted']);
      expect(judged.calls.every(({ presented }) => presented !== undefined)).toBe(true);
    },
  );
});

test('without a proxy a proof is left as it is', async () => {
  const proof = await called('strict');
  expect(proofThroughProxy(proof, undefined, isRepoServers)).toBe(proof);
});
