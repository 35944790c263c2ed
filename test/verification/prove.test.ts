import { expect, test } from '@jest/globals';
import type { PodProof } from '../../agent/model/evidence.ts';
import type { Fingerprint } from '../../agent/model/fingerprint.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { DialCredential, Dialer } from '../../agent/ports.ts';
import { type PodToProve, provePods } from '../../agent/verification/prove.ts';

const clock = { now: () => 1_000, after: () => () => undefined };
const options = { serverName: 'argocd-repo-server', timeout: 500, concurrency: 2 };

const target = (name: string, rest: Partial<PodToProve> = {}): PodToProve => ({
  pod: name,
  podUid: `uid-${name}`,
  containerId: `containerd://${name}`,
  ip: `10.0.0.${name}`,
  port: 8081,
  ...rest,
});

const credentials: readonly DialCredential[] = [
  { as: 'nobody' },
  { as: 'stranger' },
  { as: 'leaf', leaf: 'ab' as Fingerprint, certificatePem: 'PEM', key: SecretBytes.of('the key') },
];

/** Lets leafs in; counts how many calls are open at the same time. */
const fakeDialer = (): Dialer & { readonly asked: string[]; readonly most: () => number } => {
  const asked: string[] = [];
  let open = 0;
  let most = 0;
  return {
    asked,
    most: () => most,
    call: async ({ host, port, serverName }, credential, timeout) => {
      asked.push(`${credential.as}@${host}:${port} ${serverName} ${timeout}`);
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return credential.as === 'leaf'
        ? { outcome: { result: 'accepted' }, presented: 'cc' as Fingerprint, duration: 3 }
        : {
            outcome: { result: 'refused', alert: 'unknown-ca', detail: '' },
            presented: undefined,
            duration: 3,
          };
    },
  };
};

test('every pod is asked with every credential, and no proof carries a key', async () => {
  const dialer = fakeDialer();
  const told: PodProof[] = [];
  const proofs = await provePods(dialer, clock, [target('1'), target('2')], credentials, {
    ...options,
    onProof: (proof) => told.push(proof),
  });
  expect(proofs.map(({ pod }) => pod)).toEqual(['1', '2']);
  expect(proofs[0]).toMatchObject({ podUid: 'uid-1', containerId: 'containerd://1' });
  expect(proofs[0]?.calls.map(({ credential, outcome }) => [credential.as, outcome.result])).toEqual([
    ['nobody', 'refused'],
    ['stranger', 'refused'],
    ['leaf', 'accepted'],
  ]);
  expect(proofs[0]?.calls.at(-1)).toEqual({
    credential: { as: 'leaf', leaf: 'ab' },
    outcome: { result: 'accepted' },
    presented: 'cc',
    at: 1_000,
    duration: 3,
  });
  expect(dialer.asked).toContain('leaf@10.0.0.2:8081 argocd-repo-server 500');
  expect(told).toHaveLength(2);
});

test('no more pods are dialled at a time than allowed', async () => {
  const dialer = fakeDialer();
  const pods = Array.from({ length: 7 }, (_, index) => target(String(index)));
  const proofs = await provePods(dialer, clock, pods, credentials, options);
  expect(proofs.map(({ pod }) => pod)).toEqual(pods.map(({ pod }) => pod));
  expect(dialer.most()).toBe(2);
});

test.each<[string, Partial<PodToProve>]>([
  ['an address', { ip: undefined }],
  ['a running container', { containerId: '' }],
])('a pod without %s is unknown, not left out', async (_what, rest) => {
  const dialer = fakeDialer();
  const [proof] = await provePods(dialer, clock, [target('1', rest)], credentials, options);
  expect(proof?.calls.map(({ outcome }) => outcome.result)).toEqual(['unknown', 'unknown', 'unknown']);
  expect(dialer.asked).toEqual([]);
});

test('no pods make no proofs', async () => {
  expect(await provePods(fakeDialer(), clock, [], credentials, options)).toEqual([]);
});
