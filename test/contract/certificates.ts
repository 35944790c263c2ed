/**
 * cert-manager's Certificate, as far as the agent reads and asks.
 *
 * **Invariant:** holds with and without a cert-manager controller at work on the same objects.
 */
import { expect, test } from '@jest/globals';
import { ApiError } from '../../agent/model/errors.ts';
import type { WorldOf } from './describe.ts';
import { failureOf, present } from './help.ts';

const spec = (secretName: string) => ({
  secretName,
  commonName: 'client',
  issuerRef: { name: 'nobody', kind: 'Nothing', group: 'contract.example' },
});

export const certificateSentences = (worldOf: WorldOf): void => {
  test('asking for issuance sets Issuing and keeps the other conditions', async () => {
    const { agent, admin, namespace, certificates } = worldOf();
    if (!certificates) throw new Error('cert-manager’s resource types are not installed: install them first');
    await admin.create('Certificate', 'renewed', { spec: spec('renewed-tls') });
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: 'as set by the test',
      lastTransitionTime: '2030-01-01T00:00:00Z',
      observedGeneration: 1,
    };
    await admin.patch(
      'Certificate',
      'renewed',
      { status: { conditions: [ready] } },
      'cert-manager',
      'status',
    );
    const ask = async (): Promise<void> => {
      const read = present(await agent.cluster.readCertificate(namespace, 'renewed'));
      try {
        await agent.cluster.requestIssuance(read, 'the CA was replaced', Date.parse('2030-01-02T00:00:00Z'));
      } catch (error) {
        // A cert-manager at work may have written in between.
        if (!(error instanceof ApiError) || error.reason !== 'conflict') throw error;
        await ask();
      }
    };
    await ask();
    const after = present(await agent.cluster.readCertificate(namespace, 'renewed'));
    expect(after).toMatchObject({
      secretName: 'renewed-tls',
      issuer: { name: 'nobody', kind: 'Nothing', group: 'contract.example' },
      generation: 1,
    });
    const types = after.conditions.map(({ type }) => type).sort();
    expect(types).toEqual(['Issuing', 'Ready']);
    expect(after.conditions.find(({ type }) => type === 'Issuing')).toMatchObject({ status: 'True' });
  });

  test('asking for issuance of a Certificate that changed since it was read is a conflict', async () => {
    const { agent, admin, namespace, certificates } = worldOf();
    if (!certificates) throw new Error('cert-manager’s resource types are not installed: install them first');
    await admin.create('Certificate', 'moved', { spec: spec('moved-tls') });
    const read = present(await agent.cluster.readCertificate(namespace, 'moved'));
    await admin.patch('Certificate', 'moved', { metadata: { labels: { moved: 'on' } } });
    const failure = await failureOf(agent.cluster.requestIssuance(read, 'why', 0));
    expect(failure).toMatchObject({ reason: 'conflict', resource: 'certificates/status' });
  });

  test('Certificates are listed by their labels: all of them have to be there', async () => {
    const { agent, admin, namespace, certificates } = worldOf();
    if (!certificates) throw new Error('cert-manager’s resource types are not installed: install them first');
    const named = (name: string, labels: Readonly<Record<string, string>>) =>
      admin.create('Certificate', name, { spec: spec(`${name}-tls`) }, 'contract-admin', { labels });
    await named('listed-both', { 'contract/app': 'repo', 'contract/tier': 'one' });
    await named('listed-half', { 'contract/app': 'repo' });
    const list = async (labels: Readonly<Record<string, string>>) =>
      (await agent.cluster.listCertificates(namespace, labels)).map(({ name }) => name).sort();
    expect(await list({ 'contract/app': 'repo' })).toEqual(['listed-both', 'listed-half']);
    expect(await list({ 'contract/app': 'repo', 'contract/tier': 'one' })).toEqual(['listed-both']);
    expect(await list({ 'contract/app': 'other' })).toEqual([]);
  });

  test('a Certificate that is not there reads as undefined', async () => {
    const { agent, namespace } = worldOf();
    expect(await agent.cluster.readCertificate(namespace, 'nothing')).toBeUndefined();
  });
};
