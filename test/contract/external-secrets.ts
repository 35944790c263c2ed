/**
 * External Secrets' ExternalSecret, as far as the agent reads it.
 *
 * **Invariant:** holds with and without an External Secrets controller at work on the same objects.
 */
import { expect, test } from '@jest/globals';
import type { WorldOf } from './describe.ts';
import { present } from './help.ts';

/** Of a store that nobody has. */
export const EXTERNAL = {
  refreshInterval: '1h',
  secretStoreRef: { kind: 'SecretStore', name: 'nobody' },
  dataFrom: [{ extract: { key: 'nothing' } }],
};

export const externalSecretSentences = (worldOf: WorldOf): void => {
  const served = () => {
    const world = worldOf();
    if (!world.externalSecrets)
      throw new Error('External Secrets’ resource types are not installed: install them first');
    return world;
  };

  test('an ExternalSecret names its Secret, or has one of its own name', async () => {
    const { agent, admin, namespace } = served();
    await admin.create('ExternalSecret', 'elsewhere', {
      spec: { ...EXTERNAL, target: { name: 'target-tls' } },
    });
    await admin.create('ExternalSecret', 'namesake', { spec: EXTERNAL });
    const targetOf = async (name: string) =>
      present(await agent.cluster.readExternalSecret(namespace, name)).target;
    expect(await targetOf('elsewhere')).toBe('target-tls');
    expect(await targetOf('namesake')).toBe('namesake');
  });

  test('its conditions are read with reason and message', async () => {
    const { agent, admin, namespace } = served();
    await admin.create('ExternalSecret', 'failing', { spec: EXTERNAL });
    const ready = {
      type: 'Ready',
      status: 'False',
      reason: 'SecretSyncedError',
      message: 'could not get secret data',
    };
    await admin.patch(
      'ExternalSecret',
      'failing',
      { status: { conditions: [ready] } },
      'contract-admin',
      'status',
    );
    const read = present(await agent.cluster.readExternalSecret(namespace, 'failing'));
    // A controller at work says the same of a store that isn't there, in its own words.
    expect(read.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'SecretSyncedError' }]);
    expect(read.conditions[0]?.message).not.toBe('');
  });

  test('an ExternalSecret that is not there reads as undefined', async () => {
    const { agent, namespace } = served();
    expect(await agent.cluster.readExternalSecret(namespace, 'nothing')).toBeUndefined();
  });
};
