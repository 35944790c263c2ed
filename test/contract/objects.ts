/**
 * Secrets and ConfigMaps beside apply: types, immutability, reading, deletion.
 *
 * **Invariant:** every sentence has objects of its own.
 */
import { expect, test } from '@jest/globals';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import { SecretBytes } from '../../agent/model/secret-bytes.ts';
import type { WorldOf } from './describe.ts';
import { absent, at, base64, clear, failureOf, intent, present } from './help.ts';

export const objectSentences = (worldOf: WorldOf): void => {
  test('what is not there reads as undefined', async () => {
    const { agent, namespace } = worldOf();
    expect(await agent.cluster.readSecret(namespace, 'nothing')).toBeUndefined();
    expect(await agent.cluster.readConfigMap(namespace, 'nothing')).toBeUndefined();
  });

  test('an inventory lists every Secret with its values, and tells a refused list from an empty one', async () => {
    const { operator, admin, namespace } = worldOf();
    await admin.create('Secret', 'listed', { data: base64({ 'ca.crt': 'C' }) }, 'kubectl-create');
    const secrets = await operator.inventory.listSecrets(namespace);
    const found = present(secrets.find(({ name }) => name === 'listed'));
    expect(clear(found)).toEqual({ 'ca.crt': 'C' });
    expect(found.owners.map(({ manager, dataKeys }) => [manager, dataKeys])).toEqual([
      ['kubectl-create', ['ca.crt']],
    ]);
    const failure = await failureOf(operator.inventory.listConfigMaps(namespace));
    expect(failure).toMatchObject({ reason: 'forbidden', verb: 'list', resource: 'configmaps' });
  });

  test('an existing Secret keeps its type, whatever the intent says', async () => {
    const { agent, admin, namespace } = worldOf();
    const data = base64({ 'tls.crt': 'C', 'tls.key': 'K' });
    await admin.create('Secret', 'typed', { type: 'kubernetes.io/tls', data }, 'kubectl-create');
    const before = present(await agent.cluster.readSecret(namespace, 'typed'));
    const after = await agent.cluster.applySecret(intent(namespace, 'typed', { extra: 'x' }), at(before));
    expect(after.type).toBe('kubernetes.io/tls');
    expect(clear(after)).toEqual({ 'tls.crt': 'C', 'tls.key': 'K', extra: 'x' });
  });

  test('a type can’t be changed: 422 at the field type, without a value in the message', async () => {
    const { agent, admin, namespace } = worldOf();
    await agent.cluster.applySecret(intent(namespace, 'retyped', { a: '1' }), absent);
    const answer = await admin.raw(admin.path('Secret', 'retyped'), {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { type: 'example.com/other' },
    });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      reason: 'Invalid',
      code: 422,
      details: { kind: 'Secret' },
    });
    expect(answer.body.details.causes[0]).toMatchObject({ reason: 'FieldValueInvalid', field: 'type' });
    expect(answer.body.message).toContain('field is immutable');
  });

  test('an immutable Secret refuses an apply as invalid, and its error shows no value', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.create('Secret', 'frozen', { immutable: true, data: base64({ a: 'old-value' }) });
    const before = present(await agent.cluster.readSecret(namespace, 'frozen'));
    expect(before.immutable).toBe(true);
    const failure = await failureOf(
      agent.cluster.applySecret(
        intent(namespace, 'frozen', { a: 'new-value' }, { ownership: 'adopt' }),
        at(before),
      ),
    );
    expect(failure).toMatchObject({ reason: 'invalid', kind: 'refused', status: 422 });
    expect(failure.what).toContain('data (FieldValueForbidden)');
    expect(failure.message).not.toMatch(/value\b.*-value|old-value|new-value/);
  });

  test('a ConfigMap is applied, read and bound to its version like a Secret', async () => {
    const { agent, namespace } = worldOf();
    const wish = {
      namespace,
      name: 'journal',
      labels: { l: '1' },
      annotations: {},
      ownership: 'refuse-conflicts',
    } as const;
    const first = await agent.cluster.applyConfigMap({ ...wish, data: { record: 'one' } }, absent);
    const second = await agent.cluster.applyConfigMap({ ...wish, data: { record: 'two' } }, at(first));
    expect(second.data).toEqual({ record: 'two' });
    expect(second.owners.map((owner) => owner.manager)).toEqual([FIELD_MANAGER]);
    const failure = await failureOf(
      agent.cluster.applyConfigMap({ ...wish, data: { record: 'lost' } }, at(first)),
    );
    expect(failure.reason).toBe('conflict');
    expect((await agent.cluster.readConfigMap(namespace, 'journal'))?.data).toEqual({ record: 'two' });
  });

  test('values that are no text are written and read byte for byte, in Secrets and in a ConfigMap’s binaryData', async () => {
    const { agent, admin, namespace } = worldOf();
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const wish = intent(namespace, 'bytes', {});
    const data = new Map([['keystore.p12', SecretBytes.ofBytes(bytes)]]);
    const stored = await agent.cluster.applySecret({ ...wish, data }, absent);
    expect([...present(stored.data.get('keystore.p12')).revealBytes()]).toEqual([...bytes]);
    const binaryData = { 'keystore.p12': Buffer.from(bytes).toString('base64') };
    await admin.create('ConfigMap', 'bytes', { data: { text: 'x' }, binaryData });
    const read = present(await agent.cluster.readConfigMap(namespace, 'bytes'));
    expect(read.data).toEqual({ text: 'x' });
    expect([...present(read.binaryData?.get('keystore.p12')).revealBytes()]).toEqual([...bytes]);
    expect(read.owners.flatMap(({ dataKeys }) => dataKeys).sort()).toEqual(['keystore.p12', 'text']);
  });

  test('a deletion is bound to the version that was read; gone already is success', async () => {
    const { agent, admin, namespace } = worldOf();
    const first = await agent.cluster.applySecret(intent(namespace, 'deleted', { a: '1' }), absent);
    await admin.patch('Secret', 'deleted', { metadata: { labels: { moved: 'on' } } });
    const failure = await failureOf(agent.cluster.deleteSecret(namespace, 'deleted', at(first)));
    expect(failure.reason).toBe('conflict');
    const now = present(await agent.cluster.readSecret(namespace, 'deleted'));
    await agent.cluster.deleteSecret(namespace, 'deleted', at(now));
    expect(await agent.cluster.readSecret(namespace, 'deleted')).toBeUndefined();
    await agent.cluster.deleteSecret(namespace, 'deleted', at(now));
  });

  test('an ownerReference shows as kind and name', async () => {
    const { agent, admin, namespace } = worldOf();
    const owner = await agent.cluster.applyConfigMap(
      { namespace, name: 'an-owner', labels: {}, annotations: {}, data: {}, ownership: 'refuse-conflicts' },
      absent,
    );
    await admin.create('Secret', 'owned', { data: base64({ a: '1' }) }, 'some-controller', {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'an-owner', uid: owner.uid }],
    });
    const read = present(await agent.cluster.readSecret(namespace, 'owned'));
    expect(read.ownerReferences).toEqual([{ kind: 'ConfigMap', name: 'an-owner' }]);
    expect(read.owners.map(({ manager, operation, dataKeys }) => ({ manager, operation, dataKeys }))).toEqual(
      [{ manager: 'some-controller', operation: 'Update', dataKeys: ['a'] }],
    );
  });
};
