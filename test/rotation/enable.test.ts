/**
 * Whole rotations by the shipped engine on the stand-in, with real handshakes between every pair at every moment.
 */
import { afterEach, expect, test } from '@jest/globals';
import { Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';

const LIMIT = 30_000;

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

test(
  'enabling restarts repo-server once and notifications-controller once, and no call fails',
  async () => {
    installation = await Installation.start();
    issue(installation.api, 'argocd', 'repo-client', makeCa(), 'client');
    const steps = await installation.agent().run();
    expect(installation.traffic.failed).toEqual([]);
    expect(installation.restarts()).toEqual({
      'repo-server': 1,
      'notifications-controller': 1,
    });
    expect(steps).toEqual([
      'publish client-leaf',
      'wait',
      'rollout notifications-controller',
      'publish client-ca',
      'rollout repo-server',
      'prove',
    ]);
  },
  LIMIT,
);

test(
  'replacing the client CA restarts repo-server twice and no client, and no call fails',
  async () => {
    installation = await Installation.start();
    const ca = makeCa();
    issue(installation.api, 'argocd', 'repo-client', ca, 'client');
    await installation.agent().run();
    issue(installation.api, 'argocd', 'repo-client', replaceCa(ca), 'client');
    const steps = await installation.agent().run();
    expect(steps).toEqual([
      'publish client-ca',
      'rollout repo-server',
      'prove',
      'keep-previous',
      'publish client-leaf',
      'wait',
      'publish client-ca',
      'rollout repo-server',
      'prove',
      'erase-previous',
    ]);
    expect(installation.traffic.failed).toEqual([]);
    expect(installation.restarts()).toEqual({
      'repo-server': 3,
      'notifications-controller': 1,
    });
  },
  LIMIT,
);
