/**
 * Every key type that is supported, on the wire.
 */
import { expect, test } from '@jest/globals';
import { Installation, issue } from '../kit/installation/index.ts';
import { type KeySpec, makeCa, makeKey } from '../kit/pki/index.ts';
import { expectFinished } from './finished.ts';

const KEYS: readonly KeySpec[] = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'p256', 'p384', 'p521', 'ed25519'];

test('leafs of every supported key type follow each other without a restart or a failed call', async () => {
  const installation = await Installation.start();
  try {
    const ca = makeCa();
    issue(installation.api, 'argocd', 'repo-client', ca, 'client');
    await installation.agent().run();
    const restarts = installation.restarts();
    for (const key of KEYS) {
      const leaf = issue(installation.api, 'argocd', 'repo-client', ca, 'client', { key: makeKey(key) });
      await installation.agent().run();
      expect(installation.secret('argocd-repo-server-mtls')?.['client.crt']).toBe(leaf.chainPem);
    }
    expect(installation.restarts()).toEqual(restarts);
    await expectFinished(installation);
  } finally {
    await installation.close();
  }
}, 60_000);

test('a CA of each key type takes over from the one before', async () => {
  const installation = await Installation.start({
    repoServers: 1,
    settings: { budget: { restarts: 50, window: 1 } },
  });
  try {
    for (const key of ['rsa-2048', 'p384', 'ed25519'] as const) {
      issue(installation.api, 'argocd', 'repo-client', makeCa({ key: makeKey(key) }), 'client');
      await installation.agent().run();
      await expectFinished(installation);
    }
  } finally {
    await installation.close();
  }
}, 60_000);
