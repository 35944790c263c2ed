/**
 * A client CA rotation whose agent is killed before each of its writes, the journal's included.
 */
import { expect, test } from '@jest/globals';
import { Installation, issue } from '../kit/installation/index.ts';
import { makeCa, replaceCa } from '../kit/pki/index.ts';
import { type Change, killedAt, uninterrupted } from './kills.ts';

test('killed before any write of a client CA rotation, the next agent ends it the same way, under the same trace', async () => {
  const installation = await Installation.start({ repoServers: 1 });
  try {
    let ca = makeCa();
    issue(installation.api, 'argocd', 'repo-client', ca, 'client');
    await installation.agent().run();
    const change: Change = {
      make: () => {
        ca = replaceCa(ca);
        const leaf = issue(installation.api, 'argocd', 'repo-client', ca, 'client');
        return { 'client-ca.crt': ca.pem, 'client.crt': leaf.chainPem, 'client.key': leaf.keyPem };
      },
    };
    const { count, restarts } = await uninterrupted(installation, change);
    expect(restarts).toEqual({ 'repo-server': 2 });
    expect(count).toBeGreaterThan(10);
    for (let write = 1; write <= count; write += 1) {
      await killedAt(installation, change, { write, phase: 'before' }, restarts);
    }
  } finally {
    await installation.close();
  }
}, 240_000);
