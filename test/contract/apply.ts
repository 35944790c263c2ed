/**
 * Server-side apply: who owns what, what is refused, what goes away.
 *
 * **Invariant:** every sentence has objects of its own.
 */
import { expect, test } from '@jest/globals';
import { applyObject } from '../../agent/kube/apply.ts';
import { RESOURCES } from '../../agent/kube/resources.ts';
import { FIELD_MANAGER } from '../../agent/model/product.ts';
import type { WorldOf } from './describe.ts';
import { absent, at, base64, clear, failureOf, intent, present } from './help.ts';

export const applySentences = (worldOf: WorldOf): void => {
  test('creates what is absent, and the applier owns exactly what it wrote', async () => {
    const { agent, namespace } = worldOf();
    const stored = await agent.cluster.applySecret(
      intent(
        namespace,
        'created',
        { 'client.crt': 'C', 'client.key': 'K' },
        { annotations: { 'a.b/c': 'x' } },
      ),
      absent,
    );
    expect(clear(stored)).toEqual({ 'client.crt': 'C', 'client.key': 'K' });
    expect(stored.type).toBe('Opaque');
    expect(stored.uid).not.toBe('');
    expect(stored.owners).toHaveLength(1);
    expect(stored.owners[0]).toMatchObject({
      manager: FIELD_MANAGER,
      operation: 'Apply',
      annotations: ['a.b/c'],
    });
    expect([...present(stored.owners[0]).dataKeys].sort()).toEqual(['client.crt', 'client.key']);
  });

  test('an apply of the same content changes nothing, not even the resourceVersion', async () => {
    const { agent, namespace } = worldOf();
    const first = await agent.cluster.applySecret(intent(namespace, 'same', { a: '1' }), absent);
    const second = await agent.cluster.applySecret(intent(namespace, 'same', { a: '1' }), at(first));
    expect(second.resourceVersion).toBe(first.resourceVersion);
  });

  test('a key that is left out goes away where nobody else owns it', async () => {
    const { agent, namespace } = worldOf();
    const first = await agent.cluster.applySecret(intent(namespace, 'left-out', { a: '1', b: '2' }), absent);
    const second = await agent.cluster.applySecret(intent(namespace, 'left-out', { b: '2' }), at(first));
    expect(clear(second)).toEqual({ b: '2' });
  });

  test('the last key that is left out leaves an object without data', async () => {
    const { agent, namespace } = worldOf();
    const first = await agent.cluster.applySecret(intent(namespace, 'emptied', { a: '1' }), absent);
    const second = await agent.cluster.applySecret(intent(namespace, 'emptied', {}), at(first));
    expect(clear(second)).toEqual({});
  });

  test('equal values are owned by both, and giving one up leaves it to the other', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.apply('Secret', 'shared', { data: base64({ a: '1', theirs: 't' }) }, 'somebody');
    const before = present(await agent.cluster.readSecret(namespace, 'shared'));
    const both = await agent.cluster.applySecret(intent(namespace, 'shared', { a: '1', b: '2' }), at(before));
    const owning = both.owners.filter((owner) => owner.dataKeys.includes('a')).map((owner) => owner.manager);
    expect(owning.sort()).toEqual([FIELD_MANAGER, 'somebody'].sort());
    const after = await agent.cluster.applySecret(intent(namespace, 'shared', {}), at(both));
    expect(clear(after)).toEqual({ a: '1', theirs: 't' });
  });

  test('a differing value of another applier is a field conflict that names it, and nothing is written', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.apply('Secret', 'theirs', { data: base64({ a: '1' }) }, 'somebody');
    const before = present(await agent.cluster.readSecret(namespace, 'theirs'));
    const failure = await failureOf(
      agent.cluster.applySecret(intent(namespace, 'theirs', { a: 'other', b: 'new' }), at(before)),
    );
    expect(failure.reason).toBe('field-conflict');
    expect(failure.kind).toBe('refused');
    expect(failure.what).toContain('"somebody" owns .data.a');
    expect(await agent.cluster.readSecret(namespace, 'theirs')).toEqual(before);
  });

  test('a differing value of an updater (kubectl create, a controller) is a field conflict as well', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.create('Secret', 'updated', { data: base64({ a: '1', b: '2' }) }, 'kubectl-create');
    const before = present(await agent.cluster.readSecret(namespace, 'updated'));
    const failure = await failureOf(
      agent.cluster.applySecret(intent(namespace, 'updated', { a: 'x', b: 'y' }), at(before)),
    );
    expect(failure.reason).toBe('field-conflict');
    expect(failure.what).toContain('"kubectl-create" owns .data.a, .data.b');
  });

  test('adoption takes conflicting fields over, and the other manager owns them no more', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.create('Secret', 'adopted', { data: base64({ a: '1', b: '2' }) }, 'kubectl-create');
    const before = present(await agent.cluster.readSecret(namespace, 'adopted'));
    const after = await agent.cluster.applySecret(
      intent(namespace, 'adopted', { a: 'x' }, { ownership: 'adopt' }),
      at(before),
    );
    expect(clear(after)).toEqual({ a: 'x', b: '2' });
    expect(present(after.owners.find((owner) => owner.manager === 'kubectl-create')).dataKeys).toEqual(['b']);
  });

  test('an update by somebody else takes the field from us, and our next apply says so', async () => {
    const { agent, admin, namespace } = worldOf();
    await agent.cluster.applySecret(intent(namespace, 'taken', { a: '1' }), absent);
    await admin.patch('Secret', 'taken', { data: base64({ a: 'theirs' }) }, 'kubectl-edit');
    const read = present(await agent.cluster.readSecret(namespace, 'taken'));
    expect(read.owners.find((owner) => owner.dataKeys.includes('a'))?.manager).toBe('kubectl-edit');
    const failure = await failureOf(
      agent.cluster.applySecret(intent(namespace, 'taken', { a: '1' }), at(read)),
    );
    expect(failure.reason).toBe('field-conflict');
  });

  test('an apply bound to a version that has passed is a conflict and writes nothing', async () => {
    const { agent, admin, namespace } = worldOf();
    const first = await agent.cluster.applySecret(intent(namespace, 'stale', { a: '1' }), absent);
    const now = await admin.patch('Secret', 'stale', { metadata: { labels: { moved: 'on' } } });
    expect(now).toBeDefined();
    const { uid, resourceVersion } = first;
    const failure = await failureOf(
      applyObject(
        agent.client,
        {
          type: RESOURCES.Secret,
          namespace,
          name: 'stale',
          labels: {},
          annotations: {},
          content: { type: 'Opaque', data: base64({ a: '2' }) },
          force: true,
        },
        { expect: 'version', uid, resourceVersion },
      ),
    );
    expect(failure.reason).toBe('conflict');
    expect(failure.kind).toBe('transient');
    expect(clear(await agent.cluster.readSecret(namespace, 'stale'))).toEqual({ a: '1' });
  });

  test('an apply bound to an object that is gone is a conflict and creates nothing', async () => {
    const { agent, namespace } = worldOf();
    const { uid, resourceVersion } = await agent.cluster.applyConfigMap(
      { namespace, name: 'was-here', labels: {}, annotations: {}, data: {}, ownership: 'refuse-conflicts' },
      absent,
    );
    await worldOf().admin.remove('ConfigMap', 'was-here');
    const failure = await failureOf(
      agent.cluster.applyConfigMap(
        { namespace, name: 'was-here', labels: {}, annotations: {}, data: { a: '1' }, ownership: 'adopt' },
        { expect: 'version', uid, resourceVersion },
      ),
    );
    expect(failure.reason).toBe('conflict');
    expect(await agent.cluster.readConfigMap(namespace, 'was-here')).toBeUndefined();
  });

  test('an apply that expected absence and met somebody else’s object is a conflict and leaves nothing of ours', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.apply('Secret', 'raced', { data: base64({ theirs: 't', equal: 'e' }) }, 'somebody');
    const before = present(await agent.cluster.readSecret(namespace, 'raced'));
    const applied = {
      type: RESOURCES.Secret,
      namespace,
      name: 'raced',
      labels: { ours: 'yes' },
      annotations: {},
      content: { type: 'Opaque', data: base64({ ours: 'o', equal: 'e' }) },
      force: true,
    };
    const failure = await failureOf(applyObject(agent.client, applied, absent));
    expect(failure.reason).toBe('conflict');
    const after = present(await agent.cluster.readSecret(namespace, 'raced'));
    expect(clear(after)).toEqual({ theirs: 't', equal: 'e' });
    expect(after.labels).toEqual(before.labels);
    expect(after.owners.filter((owner) => owner.dataKeys.length > 0)).toEqual(before.owners);
  });

  test('an apply that expected absence and met differing values is a conflict, even where adoption is allowed', async () => {
    const { agent, admin, namespace } = worldOf();
    await admin.apply('Secret', 'raced-differing', { data: base64({ a: 'theirs' }) }, 'somebody');
    const failure = await failureOf(
      applyObject(
        agent.client,
        {
          type: RESOURCES.Secret,
          namespace,
          name: 'raced-differing',
          labels: {},
          annotations: {},
          content: { type: 'Opaque', data: base64({ a: 'ours' }) },
          force: true,
        },
        absent,
      ),
    );
    expect(failure.reason).toBe('conflict');
    expect(clear(await agent.cluster.readSecret(namespace, 'raced-differing'))).toEqual({ a: 'theirs' });
  });

  test('who may patch and create one name can create it by applying, and no other', async () => {
    const { narrow, namespace } = worldOf();
    const stored = await narrow.cluster.applySecret(intent(namespace, 'narrow', { a: '1' }), absent);
    expect(clear(stored)).toEqual({ a: '1' });
    const failure = await failureOf(
      narrow.cluster.applySecret(intent(namespace, 'wide', { a: '1' }), absent),
    );
    expect(failure.reason).toBe('forbidden');
  });
};
